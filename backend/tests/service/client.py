"""The clients of the tests: a plain HTTP caller, a Buyer with a cookie jar's worth of memory, the internal
caller with its credential, and a small asynchronous caller for crowds. Standard library only."""

import asyncio
import http.client
import json
import time
import uuid

CATALOG = "/ticketing/catalog/api"
RESERVATION = "/ticketing/reservation/api"
ORDER = "/ticketing/order/api"
PAYMENT = "/ticketing/payment/api"

FINAL = ("CONFIRMED", "CANCELLED")

# What a caller sees when the office goes away in the middle of a call.
AWAY = (ConnectionError, http.client.HTTPException, TimeoutError, OSError)


class Answer:
    """What came back. Header names are matched without regard to case."""

    def __init__(self, status: int, headers: list, body: bytes):
        self.status = status
        self.header_list = headers
        self.headers = {}
        for name, value in headers:
            self.headers.setdefault(name.lower(), value)
        self.body = body

    def header(self, name: str):
        return self.headers.get(name.lower())

    def all_headers(self, name: str) -> list:
        return [value for key, value in self.header_list if key.lower() == name.lower()]

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error code of a problem body; None for anything else."""
        if "json" not in (self.header("content-type") or ""):
            return None
        told = json.loads(self.body)
        return told.get("code") if isinstance(told, dict) else None

    def __repr__(self):
        return f"<{self.status} {self.body[:400]!r}>"


class Caller:
    """One kept-alive connection. A connection that the office closed while it was idle is opened again."""

    def __init__(self, host: str, port: int, timeout: float = 30):
        self.host, self.port, self.timeout = host, port, timeout
        self.connection = None

    def request(self, method: str, path: str, body=None, headers=None) -> Answer:
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if body is not None and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        fresh = self.connection is None
        try:
            return self._send(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            if fresh:
                raise
            return self._send(method, path, body, headers)
        except BaseException:
            self.close()
            raise

    def _send(self, method, path, body, headers) -> Answer:
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        self.connection.request(method, path, body=body, headers=headers)
        response = self.connection.getresponse()
        answer = Answer(response.status, response.getheaders(), response.read())
        if response.will_close:
            self.close()
        return answer

    def get(self, path: str, **headers) -> Answer:
        return self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Public(Caller):
    """Anyone, on the public listener."""

    def __init__(self, office, timeout: float = 30):
        super().__init__(office.host, office.port, timeout)

    def events(self) -> list:
        return self.get(f"{CATALOG}/events").json

    def event(self, event_id: int) -> dict:
        return self.get(f"{CATALOG}/events/{event_id}").json

    def seat_map(self, event_id: int) -> dict:
        answer = self.get(f"{CATALOG}/events/{event_id}/seats")
        assert answer.status == 200, answer
        return answer.json

    def statuses(self, event_id: int) -> dict:
        return {seat["id"]: seat["status"] for seat in self.seat_map(event_id)["seats"]}

    def statuses_once_open(self, event_id: int, within_s: float) -> dict:
        """Of an event whose seats are being rebuilt: a map is refused then (503, Retry-After), never shown as it was."""
        deadline = time.monotonic() + within_s
        while (answer := self.get(f"{CATALOG}/events/{event_id}/seats")).status != 200:
            assert (answer.status, answer.code) == (503, "UNAVAILABLE") and answer.header("Retry-After"), answer
            assert time.monotonic() < deadline, f"not open within {within_s} s"
            time.sleep(0.05)
        return {seat["id"]: seat["status"] for seat in answer.json["seats"]}

    def status(self, event_id: int, seat_id: int) -> str:
        return self.statuses(event_id)[seat_id]

    def metrics(self) -> str:
        answer = self.get("/actuator/prometheus")
        assert answer.status == 200, answer
        return answer.body.decode()


class Internal(Caller):
    """The operator, on the internal listener."""

    def __init__(self, office, timeout: float = 30, credential=None):
        super().__init__(office.internal_host, office.internal_port, timeout)
        self.credential = office.internal_token if credential is None else credential

    def request(self, method, path, body=None, headers=None) -> Answer:
        headers = {"Authorization": f"Bearer {self.credential}", **(headers or {})}
        return super().request(method, path, body, headers)

    def reset(self, event_id: int) -> Answer:
        return self.request("POST", f"{RESERVATION}/internal/admin/reset", {"eventId": event_id})

    def seat_update(self, **body) -> Answer:
        return self.request("POST", f"{CATALOG}/internal/seat-update", body)

    def authorize(self, order_id: str) -> Answer:
        return self.request("POST", f"{PAYMENT}/payments/authorize", {"orderId": order_id})


class Buyer(Public):
    """Somebody who wants seats. Keeps the token of the first answer and proves it from then on."""

    def __init__(self, office, token=None, by: str = "header", timeout: float = 30):
        super().__init__(office, timeout)
        self.token, self.by = token, by

    def move_to(self, office) -> None:
        """The office was restarted: same buyer, another port."""
        self.close()
        self.host, self.port = office.host, office.port

    def request(self, method, path, body=None, headers=None) -> Answer:
        headers = dict(headers or {})
        if self.token and not any(name.lower() in ("authorization", "cookie") for name in headers):
            if self.by == "cookie":
                headers["Cookie"] = f"onsale_buyer={self.token}"
            else:
                headers["Authorization"] = f"Bearer {self.token}"
        answer = super().request(method, path, body, headers)
        if answer.header("Buyer-Token"):
            self.token = answer.header("Buyer-Token")
        return answer

    # --- seats

    def hold(self, event_id: int, seats, seconds=None) -> Answer:
        body = {"eventId": event_id}
        if isinstance(seats, int):
            body["seatId"] = seats
        else:
            body["seatIds"] = list(seats)
        if seconds is not None:
            body["holdSeconds"] = seconds
        return self.request("POST", f"{RESERVATION}/reservations", body)

    def extend(self, event_id: int, seat_id: int, seconds: int) -> Answer:
        return self.request("POST", f"{RESERVATION}/reservations/{event_id}/{seat_id}/extend", {"seconds": seconds})

    def release(self, event_id: int, seat_id: int) -> Answer:
        return self.request("DELETE", f"{RESERVATION}/reservations/{event_id}/{seat_id}")

    def confirm(self, event_id: int, seat_id: int) -> Answer:
        return self.request("POST", f"{RESERVATION}/reservations/{event_id}/{seat_id}/confirm")

    def holds(self, event_id: int) -> list:
        answer = self.get(f"{RESERVATION}/reservations?eventId={event_id}")
        assert answer.status == 200, answer
        return answer.json["holds"]

    # --- orders

    def order(self, event_id: int, seats, key=None) -> Answer:
        body = {"eventId": event_id, "seatIds": [seats] if isinstance(seats, int) else list(seats)}
        return self.request("POST", f"{ORDER}/orders", body, {"Idempotency-Key": key or str(uuid.uuid4())})

    def read_order(self, order_id: str) -> Answer:
        return self.get(f"{ORDER}/orders/{order_id}")

    def orders(self) -> list:
        found, after = [], ""
        while True:
            answer = self.get(f"{ORDER}/orders?limit=100{after}")
            assert answer.status == 200, answer
            found += answer.json["orders"]
            if "nextAfter" not in answer.json:
                return found
            after = f"&after={answer.json['nextAfter']}"

    def wait_final(self, order_id: str, timeout: float = 15) -> dict:
        deadline = time.monotonic() + timeout
        while True:
            answer = self.read_order(order_id)
            assert answer.status == 200, answer
            if answer.json["status"] in FINAL:
                return answer.json
            if time.monotonic() > deadline:
                raise AssertionError(f"order not at its end within {timeout} s: {answer.json}")
            time.sleep(0.01)

    def buy(self, event_id: int, seats, key=None) -> dict:
        """Hold, order, wait: the order at its end."""
        seats = [seats] if isinstance(seats, int) else list(seats)
        held = self.hold(event_id, seats)
        assert held.status == 201, held
        placed = self.order(event_id, seats, key)
        assert placed.status == 201, placed
        return self.wait_final(placed.json["orderId"])


class AsyncCaller:
    """One kept-alive connection in an asyncio crowd. Understands what the office sends: Content-Length, no body, chunked."""

    def __init__(self, office):
        self.host, self.port = office.host, office.port
        self.reader = self.writer = None
        self.token = None

    async def request(self, method: str, path: str, body=None, headers=None) -> Answer:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        payload = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
        answer = await read_answer(self.reader)
        if answer.header("Buyer-Token"):
            self.token = answer.header("Buyer-Token")
        if (answer.header("Connection") or "").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.reader = self.writer = None


async def read_answer(reader) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if line]
    answer = Answer(status, headers, b"")
    if answer.header("Transfer-Encoding") == "chunked":
        while size := int(await reader.readline(), 16):
            answer.body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    elif answer.header("Content-Length"):
        answer.body = await reader.readexactly(int(answer.header("Content-Length")))
    return answer
