"""Who is asking, on several machines: any node knows any buyer."""

from test_buyers import *  # noqa: F401,F403
