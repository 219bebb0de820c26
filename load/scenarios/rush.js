// The rush: VUS buyers at once, each again and again: hold a seat at random, order it, wait for the end.
//   OFFICE=… VUS=1000 HALL=hundred|theatre SECONDS=15
import { sleep } from "k6";
import { COMMON, HALLS, PROMISE, anySeat, follow, hold, order } from "./office.js";

const hall = HALLS[__ENV.HALL || "hundred"];

export const options = {
  ...COMMON,
  scenarios: {
    rush: {
      executor: "constant-vus",
      vus: Number(__ENV.VUS || 50),
      duration: `${__ENV.SECONDS || 15}s`,
      gracefulStop: "20s",
    },
  },
  thresholds: PROMISE,
};

export default function () {
  const seat = anySeat(hall);
  if (hold(hall, seat).status === 201) {
    sleep(Math.random() * 0.2);
    const placed = order(hall, seat);
    if (placed.status === 201) follow(placed.json("orderId"), sleep);
  }
  sleep(0.5 + Math.random()); // a buyer looks for another seat
}
