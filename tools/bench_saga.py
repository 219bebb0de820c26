"""Orders at a steady pace over several events, and how late SOLD is on the socket of somebody who watches: P15.

One thread and one selector, so that sending, receiving and timing are in one place. Open loop: an order leaves when it is due."""

import json
import re
import selectors
import socket
import time

SOLD = re.compile(rb'"seatId":(\d+),"status":"SOLD"')
CONNECTIONS = 8
LAST_SEATS_SECONDS = 5


class Saga:
    def __init__(self, port: int, events: list):
        self.port, self.selector = port, selectors.DefaultSelector()
        self.seats = {event: self._free_seats(event) for event in events}
        self.sent = {}  # seat → when its order left
        self.late_ms = []
        self.orders = [self._connect() for _ in range(CONNECTIONS)]
        self.streams = [self._watch(event) for event in events]
        self.keys = 0

    def close(self):
        for one in self.orders + self.streams:
            one.close()

    def _connect(self) -> socket.socket:
        one = socket.create_connection(("127.0.0.1", self.port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return one

    def _ask(self, one: socket.socket, method: str, path: str, body: dict = None, headers: str = "") -> bytes:
        """The whole answer, head and body; waits for it."""
        one.sendall(request(method, path, body, headers))
        answer = b""
        while True:
            head, found, rest = answer.partition(b"\r\n\r\n")
            if found and len(rest) >= int(re.search(rb"Content-Length: (\d+)", head).group(1)):
                return answer
            more = one.recv(1 << 16)
            if not more:
                raise SystemExit("bench: the office hung up")
            answer += more

    def _free_seats(self, event: int) -> list:
        with self._connect() as one:
            answer = self._ask(one, "GET", f"/ticketing/catalog/api/events/{event}/seats")
        seats = json.loads(answer.partition(b"\r\n\r\n")[2])["seats"]
        return [seat["id"] for seat in seats if seat["status"] == "AVAILABLE"]

    def _watch(self, event: int) -> socket.socket:
        one = self._connect()
        one.sendall(request("GET", f"/ticketing/catalog/api/events/{event}/seats/stream", None, "Accept: text/event-stream\r\n"))
        self.selector.register(one, selectors.EVENT_READ, True)
        return one

    def run(self, per_second: float, seconds: float) -> list:
        """Milliseconds from each order's leaving to SOLD."""
        self.sent, self.late_ms = {}, []
        events = list(self.seats)
        begun = time.monotonic()
        for number in range(int(per_second * seconds)):
            due = begun + number / per_second
            while (wait := due - time.monotonic()) > 0:
                self._listen(wait)
            self._order(self.orders[number % CONNECTIONS], events[number % len(events)])
        patience = time.monotonic() + LAST_SEATS_SECONDS
        while self.sent and time.monotonic() < patience:
            self._listen(0.1)
        if self.sent:
            raise SystemExit(f"bench: {len(self.sent)} orders were never seen SOLD")
        return self.late_ms

    def _order(self, one: socket.socket, event: int):
        seat = self.seats[event].pop()
        held = self._ask(one, "POST", "/ticketing/reservation/api/reservations", {"eventId": event, "seatId": seat})
        token = re.search(rb"Buyer-Token: (\S+)", held).group(1).decode()
        self.keys += 1
        headers = f"Authorization: Bearer {token}\r\nIdempotency-Key: bench-{seat}-{self.keys}\r\n"
        # The clock starts when the order leaves. Its answer is waited for: it comes before SOLD does.
        self.sent[seat] = time.monotonic()
        answer = self._ask(one, "POST", "/ticketing/order/api/orders", {"eventId": event, "seatIds": [seat]}, headers)
        if not answer.startswith(b"HTTP/1.1 201"):
            raise SystemExit(f"bench: an order was answered {answer[:200]!r}")
        self._listen(0)

    def _listen(self, patience: float):
        for key, _ in self.selector.select(patience):
            bytes_ = key.fileobj.recv(1 << 16)
            now = time.monotonic()
            for seat in SOLD.findall(bytes_):
                left = self.sent.pop(int(seat), None)
                if left is not None:
                    self.late_ms.append((now - left) * 1000)


def request(method: str, path: str, body: dict = None, headers: str = "") -> bytes:
    text = "" if body is None else json.dumps(body)
    kind = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: onsale\r\n{headers}{kind}\r\n{text}".encode()
