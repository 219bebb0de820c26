// Smoke: one buyer, every step once, each answer as the contract says.
import { check, sleep } from "k6";
import http from "k6/http";
import { watch } from "k6/x/sse";
import { COMMON, HALLS, PROMISE, SERVICE, follow, hold, order, release } from "./office.js";

const hall = HALLS.theatre;

export const options = {
  ...COMMON,
  vus: 1,
  iterations: 1,
  thresholds: { ...PROMISE, checks: ["rate==1"] },
};

export default function () {
  const tags = (name) => ({ tags: { name } });
  const events = http.get(`${SERVICE("catalog")}/events`, tags("events"));
  check(events, { "events are listed": (a) => a.status === 200 && a.json().length >= 5 });
  const map = http.get(`${SERVICE("catalog")}/events/${hall.event}/seats`, tags("seats"));
  check(map, { "the map is there": (a) => a.status === 200 });
  const free = map.json("seats").filter((seat) => seat.status === "AVAILABLE");
  const [mine, other] = [free[0].id, free[1].id];

  check(hold(hall, mine), { "a free seat is held": (a) => a.status === 201 && a.json("seatId") === mine });
  check(hold(hall, mine), { "holding it again says the same": (a) => a.status === 201 });
  check(hold(hall, other), { "another too": (a) => a.status === 201 });
  check(release(hall, other), { "which is given back": (a) => a.status === 204 });
  const placed = order(hall, mine);
  check(placed, { "the order is taken": (a) => a.status === 201 && a.json("orderId") !== undefined });
  check(follow(placed.json("orderId"), sleep), { "and comes to an end": (end) => end !== "OPEN" });
  const seen = watch(`${SERVICE("catalog")}/events/${hall.event}/seats/stream`, { seconds: 1 });
  check(seen, { "the stream begins": (s) => s.status === 200 && s.events >= 1 && s.error === "" });
}
