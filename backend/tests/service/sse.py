"""A viewer of an event's stream: a thread that reads Server-Sent Events as a browser does and keeps every one."""

import http.client
import json
import socket
import threading
import time

from client import CATALOG


class SseEvent:
    def __init__(self, name: str, id_: str, data: str, at: float):
        self.name, self.id, self.text, self.at = name, id_, data, at

    @property
    def data(self) -> dict:
        return json.loads(self.text)

    def __repr__(self):
        return f"<{self.name} id={self.id} {self.text}>"


class SseClient:
    """Connects at once; `status` tells the answer. Events are kept in order of arrival."""

    def __init__(self, office, event_id: int, last_event_id=None, by: str = "header", receive_buffer=None):
        self.events, self.comments, self.retry = [], [], None
        self.ended = False
        self.changed = threading.Condition()
        path, headers = f"{CATALOG}/events/{event_id}/seats/stream", {"Accept": "text/event-stream"}
        if last_event_id is not None:
            if by == "header":
                headers["Last-Event-ID"] = str(last_event_id)
            else:
                path += f"?lastEventId={last_event_id}"
        self.connection = http.client.HTTPConnection(office.host, office.port, timeout=60)
        if receive_buffer:
            self.connection.sock = socket.socket()
            self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self.connection.sock.settimeout(60)
            self.connection.sock.connect((office.host, office.port))
        self.connection.request("GET", path, headers=headers)
        # http.client lets go of the socket when the answer says "Connection: close"; the viewer still needs it.
        self.socket = self.connection.sock
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.header = self.response.getheader
        self.thread = None
        if self.status == 200:
            self.thread = threading.Thread(target=self._read, daemon=True)
            self.thread.start()
        else:
            self.body = self.response.read()

    def _read(self) -> None:
        name, id_, data = None, None, []
        try:
            while line := self.response.readline():
                line = line.decode().rstrip("\r\n")
                with self.changed:
                    if not line:
                        if data:
                            self.events.append(SseEvent(name or "message", id_, "\n".join(data), time.time()))
                        name, data = None, []
                    elif line.startswith(":"):
                        self.comments.append((time.time(), line))
                    else:
                        field, _, value = line.partition(":")
                        value = value.removeprefix(" ")
                        if field == "event":
                            name = value
                        elif field == "id":
                            id_ = value
                        elif field == "data":
                            data.append(value)
                        elif field == "retry":
                            self.retry = int(value)
                    self.changed.notify_all()
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, predicate, timeout: float = 10):
        """The first event that satisfies the predicate; an AssertionError with all that came if none does in time."""
        deadline = time.monotonic() + timeout
        with self.changed:
            while True:
                for event in self.events:
                    if predicate(event):
                        return event
                left = deadline - time.monotonic()
                if left <= 0 or self.ended:
                    raise AssertionError(f"no such event within {timeout} s (ended: {self.ended}); came: {self.events[-20:]}")
                self.changed.wait(left)

    def wait_seat(self, seat_id: int, status: str, timeout: float = 10) -> SseEvent:
        return self.wait_for(lambda e: e.name == "SEAT_UPDATE" and e.data["seatId"] == seat_id
                             and e.data["status"] == status, timeout)

    def wait_version(self, version: int, timeout: float = 10) -> SseEvent:
        return self.wait_for(lambda e: e.data["version"] >= version, timeout)

    def wait_end(self, timeout: float = 10) -> None:
        deadline = time.monotonic() + timeout
        with self.changed:
            while not self.ended:
                left = deadline - time.monotonic()
                assert left > 0, f"the stream did not end within {timeout} s"
                self.changed.wait(left)

    @property
    def updates(self) -> list:
        with self.changed:
            return [event for event in self.events if event.name == "SEAT_UPDATE"]

    @property
    def last_id(self):
        with self.changed:
            return self.events[-1].id if self.events else None

    def close(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if self.thread is not None:
            self.thread.join(timeout=10)
        self.response.close()
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
