"""tools/scaled_stack.py: what it makes of the template is a configuration that nginx takes, and the inside is closed in it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import scaled_stack  # noqa: E402


def values(folder: Path) -> dict:
    names = set(re.findall(r"\$\{([A-Z_]+)\}", scaled_stack.TEMPLATE.read_text())) - {"NAME"}
    told = {name: "server 127.0.0.1:1;" for name in names if name.endswith("NODES")}
    told |= {"WORKERS": "1", "RUN": str(folder), "LISTEN": "127.0.0.1:1080", "LISTEN_INTERNAL": "127.0.0.1:1081",
             "CONNECTIONS_PER_CLIENT": "100", "REQUESTS_PER_SECOND": "100", "REQUESTS_BURST": "200"}
    assert names <= set(told), "the template has a name that nobody fills"
    return told


def test_nginx_takes_the_filled_template(tmp_path):
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    config = tmp_path / "onsale.conf"
    config.write_text(scaled_stack.filled(scaled_stack.TEMPLATE.read_text(), values(tmp_path)))
    done = subprocess.run([nginx, "-t", "-c", config, "-e", tmp_path / "errors"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_name_without_a_value_is_a_mistake():
    with pytest.raises(KeyError):
        scaled_stack.filled("listen ${LISTEN};", {})


def test_what_is_not_installed_is_told_in_one_line():
    with pytest.raises(scaled_stack.Missing, match="no-such-program is not installed .*no-such-package"):
        scaled_stack.find("no-such-program", "no-such-package")


def test_nothing_that_was_sent_is_sent_again_but_what_is_idempotent():
    text = scaled_stack.TEMPLATE.read_text()
    assert "non_idempotent" not in text
    assert re.search(r"proxy_next_upstream error timeout;", text)
