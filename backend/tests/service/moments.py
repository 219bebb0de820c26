"""Times on the wire (RFC 3339 with milliseconds) as seconds since the epoch, and a wait that says what it waited for."""

import datetime
import time


def seconds_of(text: str) -> float:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def wait_until(condition, timeout: float, what: str, step: float = 0.02):
    """The first truthy value of condition(); an AssertionError that names what did not happen."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(step)


def sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.time()))
