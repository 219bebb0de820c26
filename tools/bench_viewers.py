"""The measurements of `make bench` about those who watch: fan-out, ticks, memory, and that holds do not mind them."""

import threading
import time

from bench_servers import CLIENT_CORE, CpuWatch, Plain, end, memory_kb, start
from bench_table import BEATEN, quantile


class Viewers:
    """Part of Bench (bench_measures.py)."""

    def viewers(self, server, viewers: int, changes: float, seconds: float, event: int = 1):
        with CpuWatch(server.pid) as watch:
            report = self.generator.run(server.url, "--mode", "viewers", "--viewers", viewers, "--changes-per-second", changes,
                                        "--fan-out-seconds", seconds, "--event", event)
            report["server_cpu_ns"] = watch.between(report["from_monotonic_ns"], report["to_monotonic_ns"])
        if report["connected"] != viewers or report["deliveries"] < report["expected_deliveries"]:
            self.say(f"only {report['connected']} viewers, {report['deliveries']} of {report['expected_deliveries']} deliveries")
        return report

    def fan_out(self):
        crowd = 2_000 if self.quick else 10_000
        office = self.office({"hall": 1000})
        bare = Plain([self.helpers["bare_send_loop"]], self.folder / "bare")
        event = office.events["hall"]
        tails, memory, bare_tails = [], [], []
        ours_cpu, bare_cpu = [], []
        try:
            for _ in self.turns(f"{crowd:,} viewers"):
                one = self.viewers(bare, crowd, 2, self.seconds + 1)
                before = memory_kb(office.pid)
                peak = Peak(office.pid)
                two = self.viewers(office, crowd, 2, self.seconds + 1, event)
                memory.append((peak.stop() - before) / 1024)
                bare_tails.append(one["latency_us"]["p99"])
                tails.append(two["latency_us"]["p99"] / one["latency_us"]["p99"])
                ours_cpu.append(two["server_cpu_ns"] / 1000 / max(1, two["deliveries"]))
                bare_cpu.append(one["server_cpu_ns"] / 1000 / max(1, one["deliveries"]))
            note = f"bare p99 {quantile(bare_tails, 0.5) / 1000:.1f} ms; CPU-µs a delivery {quantile(ours_cpu, 0.5):.2f} " \
                   f"(bare {quantile(bare_cpu, 0.5):.2f})"
            self.results.add("P21", tails, note + (f"; {crowd:,} viewers only" if self.quick else ""))
            # Freed memory is used again by the next crowd: the first one shows what it takes.
            self.results.add("P24", memory[:1], f"RssAnon, the first crowd{'' if crowd == 10_000 else f' of {crowd:,}'}; "
                             f"{memory[0] * 1024 * 1024 / crowd:.0f} bytes a viewer beyond what the allocator had free; "
                             f"the whole office then: {(before + memory[-1] * 1024) / 1024:.0f} MB")
        finally:
            bare.close()
            self.close(office)

    def ticks(self):
        office = self.office({"hall": 1000})
        event = office.events["hall"]
        quotients, costs = [], []
        try:
            for _ in self.turns("sends by change rate"):
                slow, _ = self._sends(office, event, 1000, 10)
                report = self.viewers(office, 1000, 20, 2, event)
                fast, _ = self._sends(office, event, 1000, 1000)
                quotients.append(fast / slow)
                costs.append(report["server_cpu_ns"] / 1000 / max(1, report["changes"]))
            self.results.add("P22", quotients, f"{slow:,.0f} sends/s at 10 changes/s, {fast:,.0f} at 1,000; 1,000 viewers")
            self.results.add("P5-fan-out", [BEATEN["fan-out"] / cost for cost in costs],
                             f"{quantile(costs, 0.5):,.0f} CPU-µs a change, at 20 changes/s")
            few = 200
            by_rate = [(rate, self._sends(office, event, few, rate)[0] / few) for rate in (1, 10, 100, 1000)]
            self.results.growth.append(("sends a viewer a second, by changes a second", by_rate, "sends/s"))
            by_crowd = []
            for crowd in (10, 100, 1000, 5000 if self.quick else 10_000):
                report = self.viewers(office, crowd, 5, 2, event)
                by_crowd.append((crowd, report["server_cpu_ns"] / 1000 / max(1, report["changes"])))
            self.results.growth.append(("CPU of one change, by viewers", by_crowd, "CPU-µs"))
            self._holds_beside_viewers(office, event)
        finally:
            self.close(office)

    def _holds_beside_viewers(self, office, event: int):
        """What a hold costs while so many watch another event."""
        beside = []
        for crowd in (10, 100, 1000, 5000 if self.quick else 10_000):
            command = [self.onsale, "rehearse", office.url, "--quiet", "--mode", "viewers", "--viewers", crowd, "--event", event,
                       "--changes-per-second", "0.1", "--fan-out-seconds", "30"]
            watching = start(command, CLIENT_CORE)
            try:
                begun = time.monotonic()
                while office.metric("onsale_stream_viewers") < crowd and time.monotonic() - begun < 20:
                    time.sleep(0.2)
                beside.append((crowd, self._hold(office, 5, f"hold beside {crowd:,} viewers", seconds=1).cpu_us))
            finally:
                end(watching)
        self.results.growth.append(("hold, by viewers of another event", beside, "CPU-µs"))

    def _sends(self, office, event: int, viewers: int, rate: float):
        """Frames sent a second once the first burst is spent, and the report of the run."""
        name = "onsale_stream_frames_sent_total"
        seen, done = [], threading.Event()

        def scrape():
            while not done.wait(0.2):
                seen.append((time.monotonic_ns(), office.metric(name)))

        watcher = threading.Thread(target=scrape, daemon=True)
        watcher.start()
        report = self.viewers(office, viewers, rate, 4, event)
        done.set()
        watcher.join()
        settled = report["from_monotonic_ns"] + 1.5e9
        inside = [sample for sample in seen if settled <= sample[0] <= report["to_monotonic_ns"]]
        (t0, n0), (t1, n1) = inside[0], inside[-1]
        return (n1 - n0) / ((t1 - t0) / 1e9), report


class Peak:
    """The most anonymous memory that a process has while this watches."""

    def __init__(self, pid: int):
        self.pid, self.most, self.stopping = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopping.wait(0.05):
            self.most = max(self.most, memory_kb(self.pid))

    def stop(self) -> int:
        self.stopping.set()
        self.thread.join()
        return self.most
