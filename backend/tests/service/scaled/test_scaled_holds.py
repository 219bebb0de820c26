"""Holds, on several machines."""

from test_holds import *  # noqa: F401,F403
