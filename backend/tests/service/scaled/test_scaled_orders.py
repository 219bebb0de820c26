"""Orders, on several machines."""

from test_orders import *  # noqa: F401,F403
