"""The contract, through nginx."""

from test_contract import *  # noqa: F401,F403
