"""Live seats, on several machines: any catalog node serves any viewer."""

from test_streams import *  # noqa: F401,F403
