// The spike: a steady sale, ten times as many arrivals within one second, and back. Arrivals do not wait for answers.
//   OFFICE=… RATE=50 (arrivals/s before) SECONDS=10 (of each part)
import { sleep } from "k6";
import { COMMON, HALLS, PROMISE, anySeat, follow, hold, order } from "./office.js";

const hall = HALLS.stadium;
const rate = Number(__ENV.RATE || 50);
const part = `${__ENV.SECONDS || 10}s`;

export const options = {
  ...COMMON,
  scenarios: {
    spike: {
      executor: "ramping-arrival-rate",
      startRate: rate,
      timeUnit: "1s",
      preAllocatedVUs: 8 * rate,
      maxVUs: 40 * rate,
      stages: [
        { duration: part, target: rate },
        { duration: "1s", target: 10 * rate },
        { duration: part, target: 10 * rate },
        { duration: "1s", target: rate },
        { duration: part, target: rate },
      ],
      gracefulStop: "20s",
    },
  },
  thresholds: { ...PROMISE, dropped_iterations: ["count==0"] },
};

export default function () {
  const seat = anySeat(hall);
  if (hold(hall, seat).status !== 201) return;
  const placed = order(hall, seat);
  if (placed.status === 201) follow(placed.json("orderId"), sleep);
}
