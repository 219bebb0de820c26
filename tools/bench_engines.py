"""The measurements of `make bench` about the office on several machines' parts: Redis, MariaDB, Kafka, all real and started here.

Redis has one core; the node and the load generator share the other, as does `redis-benchmark` when it is Redis' turn to be asked
by that. What is not installed is told in a line and its rows are left out."""

import contextlib
import json
import os
import re
import subprocess
import time

import scaled_stack
from bench_saga import Saga
from bench_servers import ALL_CORES, CLIENT_CORE, SERVER_CORE, CpuWatch, Generator, pin
from bench_table import quantile, round_of

# What a hold is when nobody asks who, until when, how many, and tells nobody.
BARE_SCRIPT = "return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', 120)"
CONNECTIONS = 50
PATIENCE_SECONDS = 20


def on_core(pid: int, core: int):
    """All threads that a process has by now."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread), {ALL_CORES[core % len(ALL_CORES)]})


class Target:
    """What the generator wants to know of a server: where it is, and whose CPU time counts."""

    def __init__(self, node):
        self.url, self.pid = f"http://127.0.0.1:{node.port}", node.pid


class Engines:
    """Part of Bench (bench_measures.py)."""

    def engines(self):
        try:
            self._orders_in_mariadb()
            self._holds_in_redis_alone()
            self._roles()
        except scaled_stack.Missing as missing:
            self.say(f"skipped: {missing}")

    def _told(self, name: str, *options) -> list:
        """A helper's lines of JSON; none when it says that its server is missing."""
        done = subprocess.run([str(self.helpers[name]), *map(str, options)], capture_output=True, text=True, check=False)
        if done.returncode == scaled_stack.EXIT_SKIPPED:
            raise scaled_stack.Missing((done.stderr or done.stdout).strip().splitlines()[-1])
        if done.returncode != 0:
            raise SystemExit(f"bench: {name}: {done.stderr[-500:]}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    def _orders_in_mariadb(self):
        self.say("orders in MariaDB beside a bare client's")
        seconds = 1 if self.quick else 2
        told = self._told("mysql_bench", seconds, self.rounds, *((64,) if self.quick else (16, 64, 256)))
        best = max(told, key=lambda each: each["orders_per_s"])
        self.results.add("P14", [best["ratio"]], "; ".join(
            f"{each['concurrent']} at once: {each['orders_per_s']:,} ÷ {each['bare_orders_per_s']:,}/s, "
            f"{each['orders_per_commit']:.0f} orders a commit, {each['server_cpu_us']:.0f} ÷ {each['bare_server_cpu_us']:.0f} "
            "CPU-µs of the server an order" for each in told))

    def _holds_in_redis_alone(self):
        self.say("Redis' CPU time a hold")
        told = self._told("redis_bench", 20_000)[0]
        if "skipped" in told:
            raise scaled_stack.Missing(told["skipped"])
        self.results.add("redis-cpu", [told["hold_over_set"]],
                         f"{told['redis_hold_cpu_ns'] / 1000:.1f} ÷ {told['redis_set_nx_ex_cpu_ns'] / 1000:.1f} CPU-µs, 512 at a "
                         f"time; spread over 16 events {told['hold_16_events_over_set']:.1f}")
        self.results.growth.append(("CPU time of a hold in Redis, all masters together, by masters of a cluster (24 events)",
                                    [(1, told["hold_1_master_cpu_ns"] / 1000), (3, told["hold_3_masters_cpu_ns"] / 1000)], "CPU-µs"))

    # ---- whole roles

    def _roles(self):
        self.say("Redis, MariaDB, Kafka, two nodes a role")
        stack = scaled_stack.Stack(self.folder / "stack", self.onsale, nodes=2, settings={
            "payments.mock.delay": "none", "payments.mock.success_share": 1, "limits.seats_per_buyer": 8, "log.level": "warn"})
        stack.start(demo=False)
        # What the generator asks for the map, too: nodes that play both.
        both = [scaled_stack.Node(stack, "catalog,reservation", n + 1) for n in range(2)]
        try:
            halls = [self._hall(stack, f"hall{n}", 100_000) for n in range(2)]
            studios = [self._hall(stack, f"studio{n}", 200) for n in range(4 if self.quick else 24)]
            for node in both:
                node.begin()
            for node in both:
                node.wait_ready()
            self._spread(stack, both)
            self._holds_beside_redis_benchmark(stack, both[0], halls[0])
            self._two_nodes(stack, both, halls)
            for node in both:
                node.stop()
            self._saga_of_roles(stack, studios)
        finally:
            for node in both:
                node.stop()
            stack.stop()

    def _hall(self, stack, name: str, seats: int) -> int:
        from bench_servers import write_hall

        plan = self.folder / f"{name}.csv"
        write_hall(plan, seats)
        done = stack.import_hall("--title", name, "--default-price", "50000", plan)
        plan.unlink()
        made = re.search(r"created event (\d+)", done.stdout)
        if not made:
            raise SystemExit(f"bench: the hall of {seats} seats was not imported: {done.stdout}{done.stderr}")
        return int(made.group(1))

    @staticmethod
    def _spread(stack, more: list):
        on_core(stack.redis.pid, SERVER_CORE)
        for node in stack.all_nodes() + more:
            on_core(node.pid, CLIENT_CORE)

    @staticmethod
    def _wait_open(node, event: int):
        """Until this node offers the event; the catalogue is looked at twice a second."""
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE_SECONDS:
            if f'event="{event}"' in node.metrics() or node.ready():
                time.sleep(1)
                return
            time.sleep(0.1)

    def _reset(self, stack, event: int):
        connection = scaled_stack.http.client.HTTPConnection("127.0.0.1", stack.internal_port, timeout=60)
        connection.request("POST", "/ticketing/reservation/api/internal/admin/reset", json.dumps({"eventId": event}),
                           {"Authorization": f"Bearer {stack.internal_token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise SystemExit(f"bench: a reset was answered {answer.status}")

    def _redis_benchmark(self, stack) -> float:
        """Requests a second of the bare script: one in flight on each of 50 connections."""
        words = [scaled_stack.find("redis-benchmark", "redis-tools"), "-h", "127.0.0.1", "-p", stack.redis.port, "-c", CONNECTIONS,
                 "-P", 1, "-n", 20_000 if self.quick else 100_000, "-r", 10_000_000, "--csv", "EVAL", BARE_SCRIPT, 1, "b:__rand_int__", "me"]
        sha = stack.redis.say("SCRIPT", "LOAD", BARE_SCRIPT).decode().splitlines()[1]
        words[-5:] = ["EVALSHA", sha, 1, "b:__rand_int__", "me"]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True, preexec_fn=pin(CLIENT_CORE))
        return float(done.stdout.strip().splitlines()[-1].split('","')[1].strip('"'))

    def _holds_beside_redis_benchmark(self, stack, node, event: int):
        self._wait_open(node, event)
        ratios, ours, theirs, costs = [], [], [], []
        for _ in self.turns("holds through Redis"):
            bare = self._redis_benchmark(stack)
            with CpuWatch(stack.redis.pid) as redis:
                report, cpu_ns = self.generator.hammer(Target(node), self.seconds, "--shot", "hold", "--event", event,
                                                       connections=CONNECTIONS)
                redis_ns = redis.between(report["from_monotonic_ns"], report["to_monotonic_ns"])
            measured = round_of(report, cpu_ns)
            self.results.operations.setdefault("hold, Redis behind a node, 50 connections", []).append(measured)
            self._reset(stack, event)
            ratios.append(measured.per_second / bare)
            ours.append(measured.per_second)
            theirs.append(bare)
            costs.append(redis_ns / 1000 / max(1, report["requests"]))
        self.results.add("P7", ratios, f"{quantile(ours, 0.5):,.0f} ÷ {quantile(theirs, 0.5):,.0f}/s; node and generator share a core; "
                         f"CPU-µs a hold: node {quantile([r.cpu_us for r in self.results.operations['hold, Redis behind a node, 50 connections']], 0.5):.1f}"
                         f", Redis {quantile(costs, 0.5):.1f}")

    def _two_nodes(self, stack, nodes: list, events: list):
        """CPU time a hold of the nodes and of Redis, with one node and with two on disjoint events: it must stay flat."""
        points = []
        for count in (1, 2):
            costs = []
            for _ in self.turns(f"holds by {count} reservation node{'s' if count > 1 else ''}"):
                costs.append(self._cost_of_holds(stack, nodes[:count], events[:count]))
            points.append((count, quantile(costs, 0.5)))
        self.results.growth.append(("CPU time of a hold, nodes and Redis, by reservation nodes", points, "CPU-µs"))

    def _cost_of_holds(self, stack, nodes: list, events: list) -> float:
        generators = [Generator(self.onsale, self.folder / f"generator{n}") for n in range(len(nodes))]
        for generator in generators:
            generator.folder.mkdir(exist_ok=True)
        with contextlib.ExitStack() as stacked:
            watches = [stacked.enter_context(CpuWatch(each.pid)) for each in [stack.redis, *nodes]]
            with scaled_stack_threads(len(nodes)) as pool:
                reports = list(pool.map(lambda one: one[0].hammer(Target(one[1]), self.seconds, "--shot", "hold", "--event", one[2],
                                                                  connections=CONNECTIONS)[0], zip(generators, nodes, events)))
            from_ns = max(report["from_monotonic_ns"] for report in reports)
            to_ns = min(report["to_monotonic_ns"] for report in reports)
            used = sum(watch.between(from_ns, to_ns) for watch in watches)
        for event in events:
            self._reset(stack, event)
        holds = sum(report["per_second"] for report in reports) * (to_ns - from_ns) / 1e9
        return used / 1000 / max(1, holds)

    def _saga_of_roles(self, stack, events: list):
        for pid in [stack.redis.pid, stack.mariadb.pid, *[node.pid for node in stack.all_nodes()]]:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with contextlib.suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread), set(ALL_CORES))
        seconds = 2 if self.quick else 10
        pace = 24
        self.say("commits of MariaDB, and Kafka from producer to consumer")
        commit = self._told("mysql_bench", "latency", seconds, pace)[0]["commit_p99_ms"]
        kafka = self._told("kafka_bench", stack.kafka.brokers(), seconds, pace)[0]
        saga = Saga(stack.port, events)
        quotients, tails, middles, acknowledged = [], [], [], []
        for _ in self.turns("order to SOLD, roles"):
            before = self._outbox_delays(stack)
            late_ms = saga.run(per_second=pace, seconds=self.seconds + 1)
            acknowledged.append(bucket_quantile([(bound, now - was) for (bound, now), (_, was) in
                                                 zip(self._outbox_delays(stack), before)], 0.99) * 1000)
            tails.append(quantile(late_ms, 0.99))
            middles.append(quantile(late_ms, 0.5))
            quotients.append(tails[-1] / (2 * commit + kafka["consumed_p99_ms"]))
        saga.close()
        self.results.add("P17", acknowledged, f"through the outbox at {pace} orders/s, four messages each")
        self.results.add("P16", quotients, f"p50 {quantile(middles, 0.5):.1f} ms, p99 {quantile(tails, 0.5):.1f} ms through nginx at {pace}/s; commit p99 "
                         f"{commit:.1f} ms, produce → consume p99 {kafka['consumed_p99_ms']:.1f} ms, acknowledged p99 {kafka['acknowledged_p99_ms']:.1f} ms")


    @staticmethod
    def _outbox_delays(stack) -> list:
        """(upper bound in seconds, messages within it), of all nodes that relay."""
        sums = {}
        for node in stack.nodes["order"] + stack.nodes["reservation"]:
            for bound, count in re.findall(r'^onsale_outbox_delay_seconds_bucket\{.*?le="([^"]+)"\} (\S+)$', node.metrics(), re.M):
                sums[float(bound)] = sums.get(float(bound), 0) + float(count)
        return sorted(sums.items())


def bucket_quantile(buckets: list, share: float) -> float:
    """Of a histogram's cumulative buckets [(upper bound, count)], as Prometheus reckons it: even within a bucket."""
    wanted = buckets[-1][1] * share if buckets else 0
    low_bound, low_count = 0.0, 0.0
    for bound, count in buckets:
        if count >= wanted > 0:
            if bound == float("inf"):
                return low_bound
            return low_bound + (bound - low_bound) * (wanted - low_count) / max(1e-9, count - low_count)
        low_bound, low_count = bound, count
    return 0.0


def scaled_stack_threads(count: int):
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(count)
