"""A client that sends exactly the bytes it is given: for what no HTTP library would send."""

import socket
import time


class RawClient:
    def __init__(self, office, timeout: float = 30, receive_buffer: int = 0):
        self.line = socket.socket()
        if receive_buffer:
            self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.line.settimeout(timeout)
        self.line.connect((office.host, office.port))
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.line.close()

    def send(self, data: bytes):
        try:
            self.line.sendall(data)
        except ConnectionError:
            pass  # the office has closed already; what it answered can still be read
        return self

    def _more(self) -> bool:
        try:
            data = self.line.recv(65536)
        except ConnectionError:
            return False
        self.buffer += data
        return bool(data)

    def answer(self, head_only: bool = False):
        """(status, {lower-case name: value}, body) of the next answer; None if the connection ended first."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        length = 0 if head_only else int(fields.get("content-length", 0))
        while len(self.buffer) < length:
            if not self._more():
                return None
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return int(lines[0].split(" ")[1]), fields, body

    def ended(self) -> bool:
        """Reads on until the office ends the connection (an error if it does not, within the time-out)."""
        while self._more():
            pass
        return True

    def ended_after(self, since: float) -> float:
        self.ended()
        return time.monotonic() - since
