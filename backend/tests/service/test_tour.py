"""examples/tour.sh, the README's script of plain curl calls, works against a running office as it is shown there."""

import shutil
import subprocess

import pytest

from office import ROOT

TOUR = ROOT / "examples" / "tour.sh"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("success_share", [1.0, 0.5])
def test_the_tour(start_office, success_share):
    """With a provider that always says yes, and with one that declines half (the tour then tries again)."""
    office = start_office({"payments.mock.success_share": success_share, "payments.mock.seed": 2, "payments.mock.delay_ms": 100})
    ended = subprocess.run([TOUR, office.url], capture_output=True, text=True, errors="replace",
                           timeout=180)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "CONFIRMED" in ended.stdout and "RESERVATION_EXPIRED" in ended.stdout
    assert office.stop() == 0
    office.assert_audit_clean()
