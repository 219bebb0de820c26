"""Every scenario that broke the system to beat, on real engines."""

from test_scenarios import *  # noqa: F401,F403
