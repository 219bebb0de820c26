// Viewers: VUS of them watch the theatre's stream while buyers change its seats. A viewer must be told every change, in
// order: the ids it sees only grow, and no frame says RESET.
//   OFFICE=… VUS=500 RATE=20 (holds/s) SECONDS=20
import { Counter } from "k6/metrics";
import { watch } from "k6/x/sse";
import { COMMON, HALLS, PROMISE, SERVICE, anySeat, hold, release } from "./office.js";

const hall = HALLS.theatre;
const seconds = Number(__ENV.SECONDS || 20);
const backwards = new Counter("viewers_told_backwards");
const resets = new Counter("viewers_reset");
const cut = new Counter("viewers_cut");

export const options = {
  ...COMMON,
  scenarios: {
    viewers: {
      executor: "per-vu-iterations",
      exec: "view",
      vus: Number(__ENV.VUS || 500),
      iterations: 1,
      maxDuration: `${seconds + 20}s`,
    },
    buyers: {
      executor: "constant-arrival-rate",
      exec: "buy",
      rate: Number(__ENV.RATE || 20),
      timeUnit: "1s",
      duration: `${seconds}s`,
      preAllocatedVUs: 20,
      maxVUs: 200,
    },
  },
  thresholds: {
    "http_req_duration{name:hold}": PROMISE["http_req_duration{name:hold}"],
    http_req_failed: PROMISE.http_req_failed,
    sse_refused: ["count==0"],
    sse_events: ["count>0"],
    viewers_told_backwards: ["count==0"],
    viewers_reset: ["count==0"],
    viewers_cut: ["count==0"],
  },
};

export function view() {
  let last = 0;
  const seen = watch(`${SERVICE("catalog")}/events/${hall.event}/seats/stream`, { seconds }, (event) => {
    if (event.name === "RESET") resets.add(1);
    if (event.name !== "SEAT_UPDATE") return;
    const version = JSON.parse(event.data).version;
    if (version <= last) backwards.add(1);
    last = version;
  });
  if (seen.error !== "") cut.add(1);
}

export function buy() {
  const seat = anySeat(hall);
  if (hold(hall, seat, 30).status === 201) release(hall, seat);
}
