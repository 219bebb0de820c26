// The soak: an even sale for a long time. Most buyers change their minds, so that the hall lasts.
//   OFFICE=… RATE=100 (arrivals/s) SECONDS=60
import { sleep } from "k6";
import { COMMON, HALLS, PROMISE, anySeat, hold, order, release } from "./office.js";

const hall = HALLS.stadium;
const rate = Number(__ENV.RATE || 100);

export const options = {
  ...COMMON,
  scenarios: {
    soak: {
      executor: "constant-arrival-rate",
      rate,
      timeUnit: "1s",
      duration: `${__ENV.SECONDS || 60}s`,
      preAllocatedVUs: 2 * rate,
      maxVUs: 10 * rate,
      gracefulStop: "20s",
    },
  },
  thresholds: { ...PROMISE, dropped_iterations: ["count==0"] },
};

export default function () {
  const seat = anySeat(hall);
  if (hold(hall, seat, 30).status !== 201) return;
  sleep(Math.random() * 0.5);
  if (Math.random() < 0.1) {
    order(hall, seat);
  } else {
    release(hall, seat);
  }
}
