"""A small office of the contract that can be told to break one promise, to see whether a rehearsal notices.

    with CrookedOffice("sells_twice") as office: ... office.url

One event (1) with SEATS seats, everything in memory, one thread. `fault` is None for an honest office or one of FAULTS; a
crooked office breaks its promise now and then, as a real fault would.
"""

import asyncio
import json
import random
import threading
import time
import uuid

SEATS = 120
STATUSES = ["AVAILABLE", "HELD", "SOLD", "BLOCKED"]
# fault: the count of the verdict that must find it
FAULTS = {
    "sells_twice": "oversold_seats",
    "grants_twice": "double_holds",
    "refuses_the_free": "false_refusals",
    "takes_holds_back": "revoked_holds",
    "forgets_orders": "lost_orders",
    "turns_confirmed": "lost_orders",
    "confirms_without_selling": "unsold_orders",
    "sells_to_nobody": "sold_to_nobody",
    "replays_unmarked": "broken_replays",
    "replays_other_bytes": "broken_replays",
    "swallows_changes": "stale_viewers",
}


class CrookedOffice:
    def __init__(self, fault=None, seed=1):
        assert fault is None or fault in FAULTS
        self.fault = fault
        self.dice = random.Random(seed)
        self.version = (1 << 32) + 1
        self.seats = {1 + 3 * i: {"status": "AVAILABLE", "buyer": None, "until": 0, "order": None} for i in range(SEATS)}
        self.feed, self.viewers, self.orders, self.replays, self.tasks = [], set(), {}, {}, set()

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result(10)
        self.url = "http://127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def listen(self):
        return await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1024)

    def strikes(self, fault, share=0.15):
        return self.fault == fault and self.dice.random() < share

    # --- seats ---

    def change(self, seat_id, status, buyer=None, until=0, order=None):
        self.version += 1
        self.seats[seat_id] = {"status": status, "buyer": buyer, "until": until, "order": order}
        if self.strikes("swallows_changes"):
            return
        told = json.dumps({"seatId": seat_id, "status": status, "version": self.version})
        frame = f"id: {self.version}\nevent: SEAT_UPDATE\ndata: {told}\n\n"
        self.feed.append((self.version, frame))
        for writer in self.viewers:
            writer.write(frame.encode())

    def seat(self, seat_id):
        seat = self.seats[seat_id]
        if seat["status"] == "HELD" and not seat["order"] and seat["until"] < time.monotonic():
            self.change(seat_id, "AVAILABLE")
        return self.seats[seat_id]

    def holds(self, seat_id, buyer):
        seat = self.seat(seat_id)
        return seat["status"] == "HELD" and seat["buyer"] == buyer and not seat["order"]

    async def settle(self, order):
        await asyncio.sleep(self.dice.random() * 0.1)
        if self.dice.random() < 0.1:
            for seat_id in order["seatIds"]:
                self.change(seat_id, "AVAILABLE")
            order["status"] = "CANCELLED"
            return
        if not self.strikes("confirms_without_selling"):
            for seat_id in order["seatIds"]:
                self.change(seat_id, "SOLD", order=order["orderId"])
        order["status"] = "CONFIRMED"
        await asyncio.sleep(0.3)
        if self.strikes("turns_confirmed"):
            order["status"] = "CANCELLED"
        if self.strikes("forgets_orders"):
            del self.orders[order["orderId"]]

    # --- calls ---

    def problem(self, status, code, **more):
        return status, {}, json.dumps({"code": code, "message": code, "traceId": "0" * 32, **more}).encode()

    def hold(self, body, buyer):
        wanted = body.get("seatIds") or [body["seatId"]]
        refused = [s for s in wanted if self.seat(s)["status"] != "AVAILABLE" and not self.holds(s, buyer)]
        if refused and all(self.seats[s]["status"] == "HELD" for s in refused):
            if self.strikes("grants_twice") or self.strikes("sells_twice", 0.5):
                refused = []
        if self.strikes("refuses_the_free"):
            refused = refused or wanted
        if refused:
            sold = any(self.seats[s]["status"] == "SOLD" for s in refused)
            told = [{"seatId": s, "status": self.seats[s]["status"]} for s in refused]
            return self.problem(409, "SEAT_SOLD" if sold else "RESERVATION_CONFLICT", seats=told)
        if self.strikes("sells_to_nobody"):
            self.change(wanted[0], "SOLD", order="nobody")
            return self.problem(409, "SEAT_SOLD", seats=[{"seatId": wanted[0], "status": "SOLD"}])
        seconds = max(5, min(900, body.get("holdSeconds", 120)))
        for seat_id in wanted:
            self.change(seat_id, "HELD", buyer, time.monotonic() + seconds)
        granted = {"eventId": 1, "seatId": wanted[0], "seatIds": wanted, "holdSeconds": seconds, "version": self.version}
        return 201, {}, json.dumps(granted).encode()

    def order(self, body, buyer, key):
        if (buyer, key) in self.replays:
            stored = self.replays[buyer, key]
            if self.strikes("replays_other_bytes", 1):
                stored += b" "
            return 201, {} if self.fault == "replays_unmarked" else {"Idempotent-Replayed": "true"}, stored
        if self.fault != "sells_twice" and not all(self.holds(s, buyer) for s in body["seatIds"]):
            return self.problem(410, "RESERVATION_EXPIRED")
        order = {"orderId": str(uuid.UUID(int=self.dice.getrandbits(128))), "status": "CREATED", "eventId": 1,
                 "seatIds": body["seatIds"], "buyer": buyer}
        self.orders[order["orderId"]] = order
        for seat_id in body["seatIds"]:
            self.seats[seat_id]["order"] = order["orderId"]
        self.replays[buyer, key] = json.dumps(order).encode()
        task = asyncio.ensure_future(self.settle(order))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return 201, {}, self.replays[buyer, key]

    def seat_map(self, compact):
        seats = [(seat_id, self.seat(seat_id)["status"]) for seat_id in list(self.seats)]
        if compact:
            bits = bytearray((SEATS + 3) // 4)
            for index, (_, status) in enumerate(seats):
                bits[index // 4] |= STATUSES.index(status) << index % 4 * 2
            head = b"OSM1" + self.version.to_bytes(8, "little") + SEATS.to_bytes(4, "little")
            return 200, {"Content-Type": "application/vnd.onsale.seatmap"}, head + bits
        told = [{"id": i, "r": 0, "c": 0, "price": 50000, "status": status} for i, status in seats]
        return 200, {}, json.dumps({"rows": 1, "cols": SEATS, "version": self.version, "seats": told}).encode()

    def answer(self, method, path, headers, body, buyer):
        _, _, _, resource, *rest = path.split("?")[0].split("/")[1:]
        if resource == "events" and rest == ["1", "seats"]:
            return self.seat_map("seatmap" in headers.get("accept", ""))
        if resource == "reservations" and method == "GET":
            mine = [{"seatId": s} for s in list(self.seats) if self.holds(s, buyer)]
            return 200, {}, json.dumps({"eventId": 1, "version": self.version, "holds": mine}).encode()
        if resource == "reservations" and method == "POST" and not rest:
            return self.hold(json.loads(body), buyer)
        if resource == "reservations" and method == "DELETE":
            if self.holds(int(rest[1]), buyer):
                self.change(int(rest[1]), "AVAILABLE")
            return 204, {}, b""
        if resource == "reservations" and rest[2:] == ["extend"]:
            if not self.holds(int(rest[1]), buyer) or self.strikes("takes_holds_back", 0.5):
                return self.problem(410, "RESERVATION_EXPIRED")
            return 200, {}, b"{}"
        if resource == "orders" and method == "POST":
            return self.order(json.loads(body), buyer, headers["idempotency-key"])
        mine = {i: o for i, o in self.orders.items() if o["buyer"] == buyer}
        if resource == "orders" and not rest:
            return 200, {}, json.dumps({"orders": list(mine.values())}).encode()
        if resource == "orders" and rest[0] in mine:
            return 200, {}, json.dumps(mine[rest[0]]).encode()
        return self.problem(404, "ORDER_NOT_FOUND" if resource == "orders" else "EVENT_NOT_FOUND")

    async def stream(self, reader, writer, last_id):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nretry: 1000\n\n")
        start = int(last_id) if last_id else self.version
        writer.write(f'id: {start}\nevent: INIT\ndata: {{"eventId":1,"version":{start}}}\n\n'.encode())
        writer.write("".join(frame for version, frame in self.feed if version > start).encode())
        self.viewers.add(writer)
        await reader.read(1)

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = head.split("\r\n")
                method, path, _ = first.split(" ")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                if path.endswith("/stream"):
                    return await self.stream(reader, writer, headers.get("last-event-id"))
                buyer = headers.get("authorization", "")[len("Bearer "):] or headers.get("cookie", "").partition("=")[2]
                more = {}
                if not buyer and method != "GET":
                    buyer = f"v1.{self.dice.getrandbits(128):x}"
                    more = {"Buyer-Token": buyer, "Set-Cookie": f"onsale_buyer={buyer}; HttpOnly"}
                status, extra, content = self.answer(method, path, headers, body, buyer)
                if status != 204:
                    more["Content-Length"] = len(content)
                fields = "".join(f"{k}: {v}\r\n" for k, v in {"Content-Type": "application/json", **extra, **more}.items())
                writer.write(f"HTTP/1.1 {status} x\r\n{fields}\r\n".encode() + content)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.viewers.discard(writer)
            writer.close()
