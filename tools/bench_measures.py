"""The measurements of `make bench`, one function a chapter. Each fills its rows of the table; A and B take turns in a round."""

import http.client
import json
import random
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

from bench_engines import Engines
from bench_page import Page
from bench_saga import Saga
from bench_servers import CpuWatch, Generator, Nginx, Office, Plain, pin
from bench_table import BEATEN, Results, cpu, quantile, rates, ratios, round_of
from bench_viewers import Viewers


class Bench(Viewers, Engines, Page):
    def __init__(self, onsale: Path, helpers: dict, folder: Path, rounds: int, seconds: float, quick: bool, say):
        self.onsale, self.helpers, self.folder = onsale, helpers, folder
        self.rounds, self.seconds, self.quick, self.say = rounds, seconds, quick, say
        self.generator = Generator(onsale, folder)
        self.results = Results()
        self.offices = 0
        self.restart_halls = 20  # of 100,000 seats: half of them are sold, half held

    def office(self, halls: dict = None, **settings) -> Office:
        self.offices += 1
        return Office(self.onsale, self.folder / f"office{self.offices}", halls, **settings)

    def close(self, office: Office):
        office.close()
        shutil.rmtree(office.folder, ignore_errors=True)

    def turns(self, what: str):
        for number in range(1, self.rounds + 1):
            self.say(f"{what}, round {number} of {self.rounds}")
            yield number

    def hammer(self, name: str, server, *options, **more):
        """A round of one kind of request, kept under its name."""
        report, cpu_ns = self.generator.hammer(server, more.pop("seconds", self.seconds), *options, **more)
        measured = round_of(report, cpu_ns)
        self.results.operations.setdefault(name, []).append(measured)
        return measured

    # ---- answers: P1, P2, P3, P5, P10, P19

    def answers(self):
        edge = Plain([self.helpers["echo_server"], "0", "1"], self.folder / "edge")
        office = self.office({"arena": 100_000}, limits__seats_per_buyer=8)
        body = self._empty_body(edge)
        nginx = Nginx(self.folder / "nginx", body)
        event = office.events["arena"]
        try:
            self._edge_answers(edge, office, nginx, event)
            self._pipelined(edge, office, nginx, event)
            self._open_loop(office, event)
            self._maps(office, nginx)
        finally:
            for server in (nginx, edge):
                server.close()
            self.close(office)

    @staticmethod
    def _empty_body(edge) -> str:
        with urllib.request.urlopen(edge.url + "/empty") as answer:
            return answer.read().decode()

    def _hold(self, office, event: int, name: str, *options, **more):
        # A new seat each time; afterwards all are free again.
        measured = self.hammer(name, office, "--shot", "hold", "--event", event, *options, **more)
        office.reset(event)
        return measured

    def _edge_answers(self, edge, office, nginx, event: int):
        seats = f"/ticketing/catalog/api/events/{event}/seats"
        seen = {"nginx": [], "empty": [], "hold": [], "409": [], "410": [], "304": []}
        for _ in self.turns("answers"):
            seen["nginx"].append(self.hammer("nginx `return 201`", nginx, "--path", "/empty"))
            seen["empty"].append(self.hammer("our empty 201", edge, "--path", "/empty"))
            seen["hold"].append(self._hold(office, event, "hold"))
            seen["409"].append(self.hammer("refusal 409", office, "--shot", "refused", "--event", 1))
            office.reset(1)
            _, headers, _ = office.call("GET", seats)
            seen["304"].append(self.hammer("seat map 304", office, "--path", seats, "--header",
                                           f"If-None-Match: {headers['ETag']}"))
            seen["410"].append(self.hammer("refusal 410", office, "--shot", "lapsed", "--event", 1))
            office.reset(1)
        add = self.results.add
        empty = rates(seen["empty"])
        busy = "; ".join(f"{name} {r[0].busy * 100:.0f} % busy" for name, r in seen.items() if name in ("nginx", "empty"))
        add("P1", ratios(empty, rates(seen["nginx"])), busy)
        add("P1-cpu", ratios(cpu(seen["nginx"]), cpu(seen["empty"])))
        for id_, name in (("P2", "hold"), ("P3", "409"), ("P3-410", "410"), ("P19-304", "304")):
            dearer = ratios(cpu(seen["empty"]), cpu(seen[name]))
            add(id_, ratios(rates(seen[name]), empty), f"in CPU-µs {sorted(dearer)[len(dearer) // 2]:.2f}")
        add("P5-hold", [BEATEN["hold"] / value for value in cpu(seen["hold"])])
        add("P5-refusal", [BEATEN["refusal"] / value for value in cpu(seen["409"])])
        self.hold_rate = quantile(rates(seen["hold"]), 0.5)

    def _pipelined(self, edge, office, nginx, event: int):
        """Sixteen requests in flight on a connection: the generator is no longer the bottleneck."""
        deep = ["--pipeline", 16]
        few = {"connections": 16, "seconds": min(self.seconds, 1.5)}
        for _ in self.turns("pipelined answers"):
            self.hammer("pipelined: nginx `return 201`", nginx, "--path", "/empty", *deep, **few)
            self.hammer("pipelined: our empty 201", edge, "--path", "/empty", *deep, **few)
            self._hold(office, event, "pipelined: hold", *deep, **few)
            self.hammer("pipelined: refusal 409", office, "--shot", "refused", "--event", 1, *deep, **few)
            office.reset(1)

    def _open_loop(self, office, event: int):
        rate = int(self.hold_rate * 0.7)
        rounds = []
        for _ in self.turns("holds at 70 % of capacity"):
            rounds.append(self._hold(office, event, "hold, open loop at 70 %", "--hammer-rate", rate))
        self.results.add("P10", [each.p99_us / 1000 for each in rounds], f"at {rate:,}/s; p50 {rounds[0].p50_us:.0f} µs")

    def _maps(self, office, nginx):
        path = "/ticketing/catalog/api/events/5/seats"
        gzip = ["--header", "Accept-Encoding: gzip"]
        _, _, plain = office.call("GET", path)
        _, _, packed = office.call("GET", path, headers={"Accept-Encoding": "gzip"})
        nginx.keep("map", plain)
        nginx.keep("map.gz", packed)
        few = {"connections": 16}
        seen = {"ours": [], "nginx": [], "ours gzip": [], "nginx gzip": []}
        for _ in self.turns("seat maps"):
            seen["nginx"].append(self.hammer("nginx file, JSON map of 50,000", nginx, "--path", "/plain/map", **few))
            seen["ours"].append(self.hammer("JSON map of 50,000", office, "--path", path, **few))
            seen["nginx gzip"].append(self.hammer("nginx file, gzip map of 50,000", nginx, "--path", "/gzip/map.gz", **few))
            seen["ours gzip"].append(self.hammer("gzip map of 50,000", office, "--path", path, *gzip, **few))
        self.results.add("P19", ratios(rates(seen["ours"]), rates(seen["nginx"])), f"{len(plain):,} bytes")
        self.results.add("P19-gzip", ratios(rates(seen["ours gzip"]), rates(seen["nginx gzip"])), f"{len(packed):,} bytes")

    # ---- seat maps of the size that the system to beat was measured with: P5, P18

    def maps(self):
        office = self.office({"thousand": 1000, "twenty thousand": 20_000})
        try:
            for name, hall in (("map-1k", "thousand"), ("map-20k", "twenty thousand")):
                path = f"/ticketing/catalog/api/events/{office.events[hall]}/seats"
                rounds = [self.hammer(f"JSON map of {hall} seats", office, "--path", path, connections=16,
                                      seconds=min(1.5, self.seconds)) for _ in self.turns(f"map of {hall} seats")]
                self.results.add(f"P5-{name}", [BEATEN[name] / each.cpu_us for each in rounds],
                                 f"{rounds[0].cpu_us:.0f} CPU-µs, identity")
            self._bytes(office)
        finally:
            self.close(office)

    def _bytes(self, office):
        """P18 on a stadium of which a third is taken at random, one seat at a time: harder than a fresh or a sold-out one."""
        self.say("bytes of a seat map")
        path = "/ticketing/catalog/api/events/5/seats"
        binary, delta = "application/vnd.onsale.seatmap", "application/vnd.onsale.seatdelta"
        first = json.loads(office.call("GET", path)[2])
        ids = [seat["id"] for seat in first["seats"]]
        dice = random.Random(1)
        dice.shuffle(ids)
        fresh = len(office.call("GET", path, headers={"Accept-Encoding": "gzip"})[2]) / len(ids)
        taken, changes = ids[: len(ids) // 3], 1000
        self._take(office, taken[changes:])
        version = json.loads(office.call("GET", path)[2])["version"]
        self._take(office, taken[:changes])
        packed = len(office.call("GET", path, headers={"Accept-Encoding": "gzip"})[2]) / len(ids)
        bits = len(office.call("GET", path, headers={"Accept": binary})[2]) / len(ids)
        bits_packed = len(office.call("GET", path, headers={"Accept": binary, "Accept-Encoding": "gzip"})[2]) / len(ids)
        status, headers, changed = office.call("GET", f"{path}?since={version}", headers={"Accept": delta})
        self.results.add("P18-json", [packed], f"a third taken at random; {fresh:.2f} when all are free")
        self.results.add("P18-binary", [min(bits, bits_packed)], f"{bits:.3f} as it is, {bits_packed:.3f} gzipped")
        if status == 200 and delta in headers["Content-Type"]:
            self.results.add("P18-change", [len(changed) / changes], f"binary delta of {changes:,} changes; one alone "
                             f"{self._one_change(office, path, delta, ids)} bytes; an SSE event {self._sse_bytes} bytes")

    _sse_bytes = len('id: 1234\nevent: SEAT_UPDATE\ndata: {"seatId":5012345,"status":"HELD","version":1234}\n\n')

    def _one_change(self, office, path, delta, ids) -> int:
        version = json.loads(office.call("GET", path)[2])["version"]
        self._take(office, ids[-1:])
        return len(office.call("GET", f"{path}?since={version}", headers={"Accept": delta})[2])

    @staticmethod
    def _take(office, ids: list):
        """Holds these seats of the stadium, for many buyers, on one connection."""
        connection = http.client.HTTPConnection(office.url.removeprefix("http://"), timeout=60)
        for at in range(0, len(ids), 8):
            body = json.dumps({"eventId": 5, "seatIds": ids[at : at + 8], "holdSeconds": 900})
            connection.request("POST", "/ticketing/reservation/api/reservations", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 201:
                raise SystemExit(f"bench: a hold was answered {answer.status}")
        connection.close()

    # ---- orders: P12, P15, P6

    def orders(self):
        each, widths = (6_000, (64, 256)) if self.quick else (30_000, (64, 256, 512))
        halls = {f"hall{i}": each for i in range(self.rounds * len(widths))}
        # Payments that take an hour: only the placing of orders is measured.
        office = self.office(halls, payments__mock__delay="fixed", payments__mock__delay_ms=3_600_000,
                             payments__deadline_ms=3_600_000)
        events = list(office.events.values())
        quotients = {width: [] for width in widths}
        disk = []
        try:
            for _ in self.turns("durable orders"):
                synced = json.loads(subprocess.run([self.helpers["sync_loop"], office.folder, "0.7"], capture_output=True,
                                                   text=True, check=True, preexec_fn=pin(0)).stdout)
                disk.append(synced)
                for width in widths:
                    measured = self.hammer(f"order, {width} connections", office, "--shot", "order", "--event", events.pop(),
                                           connections=width)
                    quotients[width].append(measured.per_second / synced["overwrite"]["per_second"])
        finally:
            self.close(office)
        best = max(widths, key=lambda width: quantile(quotients[width], 0.5))
        others = ", ".join(f"{width} connections: {quantile(quotients[width], 0.5):.2f}" for width in widths if width != best)
        rates_ = [f"{quantile([d[kind]['per_second'] for d in disk], 0.5):,.0f}/s {what}"
                  for kind, what in (("overwrite", "in place"), ("append", "appending"))]
        self.results.add("P12", quotients[best], f"{best} connections; {others}; fdatasync {', '.join(rates_)}")

    def saga(self):
        halls = {f"studio{i}": 200 for i in range(4 if self.quick else 24)}
        office = self.office(halls, payments__mock__delay="none", payments__mock__success_share=1)
        tails, costs, middles = [], [], []
        try:
            saga = Saga(office.port, list(office.events.values()))
            for _ in self.turns("order to SOLD"):
                with CpuWatch(office.pid) as watch:
                    begun = time.monotonic_ns()
                    late_ms = saga.run(per_second=2 * len(halls), seconds=self.seconds + 0.5)
                    used = watch.between(begun, time.monotonic_ns())
                tails.append(quantile(late_ms, 0.99))
                middles.append(quantile(late_ms, 0.5))
                costs.append((used / 1000, len(late_ms)))
            with CpuWatch(office.pid) as watch:
                begun = time.monotonic_ns()
                time.sleep(1)
                idle = watch.between(begun, time.monotonic_ns()) / 1000
            saga.close()
            # What the office spends on doing nothing is not the orders' (it is told beside the figure).
            costs = [(all_us - idle * (self.seconds + 0.5)) / orders for all_us, orders in costs]
        finally:
            self.close(office)
        note = f"p50 {quantile(middles, 0.5):.1f} ms; {len(halls)} events, 2 orders/s each; no payment delay"
        self.results.add("P15", tails, note)
        self.results.add("P5-order", [BEATEN["order"] / cost for cost in costs],
                         f"{quantile(costs, 0.5):.0f} CPU-µs, at {2 * len(halls)} orders/s; idle: {idle:.0f} CPU-µs a second")

    def script(self):
        """P6: everybody comes within a second, holds one seat of a hundred, orders, waits for the end."""
        rounds = 1 if self.quick else self.rounds
        office = self.office({f"studio{i}": 100 for i in range(rounds)}, payments__mock__delay="none")
        late, failed, resets, costs = [], 0, 0, []
        try:
            for event in office.events.values():
                self.say("a thousand buyers on a hundred seats")
                report = self.generator.run(office.url, "--event", event, "--buyers", 1000, "--seconds", 1, "--seats-min", 1,
                                            "--seats-max", 1, "--stream-share", 0, "--walk-away", 0, "--extend", 0,
                                            "--retry-order", 0, "--think-ms", 0, "--order-think-ms", 0)
                calls = report["calls"].values()
                p95 = [report["calls"][name]["latency"]["p95"] for name in ("hold", "order") if report["calls"][name]["latency"]]
                late.append(max(p95))
                failed += sum(call["server_errors"] + call["timeouts"] for call in calls)
                resets += sum(call["resets"] for call in calls)
                if not report["verdict"]["clean"]:
                    raise SystemExit(f"bench: the rehearsal's verdict is not clean: {report['verdict']['findings'][:3]}")
        finally:
            self.close(office)
        self.results.add("P6", late, f"{failed} 5xx, {resets} resets, verdict clean")

    # ---- the ledger alone: growth laws, restart

    def ledger(self):
        self.say("the ledger's growth laws and restart")
        command = [self.helpers["ledger_bench"], *(["--quick"] if self.quick else []), self.folder / "journal"]
        told = json.loads(subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout)
        growth = self.results.growth
        for name, what in (("by_seats", "seats of the event"), ("by_events", "events"), ("by_history", "changes before")):
            for verb in ("hold", "refuse", "release"):
                growth.append((f"{verb}, by {what}", [(int(x), y[f"{verb}_ns"]) for x, y in told[name].items()], "ns"))
        growth.append(("hold of k seats", [(int(k), ns) for k, ns in told["k_seats_hold_ns"].items()], "ns"))
        growth.append(("expiry of n holds at once, each", [(e["lapses"], e["cpu_ns_a_lapse"]) for e in told["lapse_at_once"]], "ns"))
        growth.append(("hold p99 while they lapse", [(e["lapses"], e["hold_p99_ns"]) for e in told["lapse_at_once"]
                                                     if e["holds_meanwhile"]], "ns"))
        growth.append(("memory of a held seat, claim and all", [(e["seats"], e["held_bytes_a_seat"]) for e in told["memory"]
                                                                if e["seats"] >= 1000], "bytes"))
        restart = [(int(n), r["after_kill"]["first_hold_ms"]) for n, r in told["restart"].items()]
        growth.append(("restart of the ledger alone after a kill, by seats sold and held", restart, "ms"))

    # ---- a whole office, killed and restarted: P26

    def restart(self):
        halls, seats, each = (2, 20_000, 16) if self.quick else (self.restart_halls, 100_000, 16)
        plans = {f"arena{i}": seats for i in range(halls)}
        office = self.office(plans | {"studio": 100}, payments__mock__delay="none", payments__mock__success_share=1,
                             payments__deadline_ms=900_000, limits__seats_per_buyer=each)
        events = list(office.events.values())
        studio = events.pop()
        options = ["--seats-per-call", each, "--seats-per-buyer", each, "--shot-hold-seconds", 900]
        took = []
        try:
            for number, event in enumerate(events):
                shot = "order" if number < halls // 2 else "hold"
                self.say(f"{seats:,} seats for a restart: {shot}")
                report, _ = self.generator.hammer(office, 60, "--shot", shot, "--event", event, *options, connections=128)
                if report["by_class"] != {"2xx": seats // each}:
                    raise SystemExit(f"bench: {shot}s of {seats:,} seats were answered {report['by_status']}")
            self._wait_for_sales(office, seats * halls // 2 // each)
            sold, held = self._some_seat(office, events[0]), self._some_seat(office, events[-1])
            free = self._some_seat(office, studio)
            for number in self.turns("kill -9 and restart"):
                office.process.kill()
                office.process.wait()
                begun = time.monotonic()
                office.open()
                self._first_hold(office, studio, free + number, begun)
                took.append((time.monotonic() - begun) * 1000)
                self._expect(office, events[0], sold, "SEAT_SOLD")
                self._expect(office, events[-1], held, "RESERVATION_CONFLICT")
        finally:
            self.close(office)
        self.results.add("P26", took, f"the whole program, killed: {halls * seats // 2:,} sold, {halls * seats // 2:,} held, "
                         f"{halls} halls, one core; process start included")

    def _wait_for_sales(self, office, orders: int):
        begun = time.monotonic()
        while (done := office.metric("onsale_orders_confirmed_total")) < orders:
            if time.monotonic() - begun > 120:
                raise SystemExit(f"bench: {done:.0f} of {orders} orders confirmed")
            time.sleep(0.5)

    @staticmethod
    def _some_seat(office, event: int) -> int:
        seats = json.loads(office.call("GET", f"/ticketing/catalog/api/events/{event}/seats")[2])["seats"]
        return seats[len(seats) // 3]["id"]

    @staticmethod
    def _ask_hold(office, event: int, seat: int):
        status, _, body = office.call("POST", "/ticketing/reservation/api/reservations", {"eventId": event, "seatId": seat})
        return status, json.loads(body).get("code")

    def _first_hold(self, office, event: int, seat: int, begun: float):
        while time.monotonic() - begun < 60:
            try:
                if self._ask_hold(office, event, seat)[0] == 201:
                    return
            except OSError:
                pass
            time.sleep(0.001)
        raise SystemExit("bench: no hold is granted after the restart")

    def _expect(self, office, event: int, seat: int, code: str):
        answered = self._ask_hold(office, event, seat)
        if answered != (409, code):
            raise SystemExit(f"bench: after the restart a seat was answered {answered}, not 409 {code}")
