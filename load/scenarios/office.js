// What every scenario shares: the halls, the calls of a buyer, and what counts as wrong.
//
// 409, 410 and 429 are answers of a busy sale, not errors: they are counted apart (`refusals`, by status) and do not
// touch http_req_failed. Anything else beyond 2xx/304 does, and so does a call that got no answer.
import http from "k6/http";
import { Counter, Trend } from "k6/metrics";
import { uuidv4 } from "./ids.js";

export const OFFICE = (__ENV.OFFICE || "http://127.0.0.1:8080").replace(/\/$/, "");
export const SERVICE = (name) => `${OFFICE}/ticketing/${name}/api`;

export const HALLS = {
  hundred: { event: 1, seats: 100, seat: (n) => 3 * n + 1 },
  theatre: { event: 4, seats: 1500, seat: (n) => 4_000_001 + n },
  stadium: { event: 5, seats: 50_000, seat: (n) => 5_000_001 + n },
};

// The promise, as thresholds: k6 ends with 99 where one is broken.
export const PROMISE = {
  "http_req_duration{name:hold}": ["p(95)<300"],
  "http_req_duration{name:order}": ["p(95)<300"],
  http_req_failed: ["rate<0.005"],
};

export const COMMON = {
  systemTags: ["name", "status", "scenario", "expected_response"],
  summaryTrendStats: ["min", "med", "p(90)", "p(95)", "p(99)", "max", "count"],
  discardResponseBodies: false,
};

http.setResponseCallback(http.expectedStatuses({ min: 200, max: 399 }, 409, 410, 429));

const granted = new Counter("holds_granted");
const refusals = new Counter("refusals");
const unexpected = new Counter("unexpected");
const ends = new Counter("orders_ended");
const sale = new Trend("sale_duration", true); // the order's call → its end, polled

const JSON_BODY = { "Content-Type": "application/json" };

function call(name, method, url, body, headers) {
  const answer = http.request(method, url, body && JSON.stringify(body), {
    headers: { ...JSON_BODY, ...headers },
    tags: { name },
    timeout: "30s",
  });
  if ([409, 410, 429].includes(answer.status)) {
    refusals.add(1, { name, status: String(answer.status) });
  } else if (answer.status < 200 || answer.status >= 400) {
    unexpected.add(1, { name, status: String(answer.status) });
  }
  return answer;
}

export function hold(hall, seat, seconds = 60) {
  const answer = call("hold", "POST", `${SERVICE("reservation")}/reservations`, {
    eventId: hall.event,
    seatId: seat,
    holdSeconds: seconds,
  });
  if (answer.status === 201) granted.add(1);
  return answer;
}

export function release(hall, seat) {
  return call("release", "DELETE", `${SERVICE("reservation")}/reservations/${hall.event}/${seat}`);
}

export function order(hall, seat) {
  return call(
    "order",
    "POST",
    `${SERVICE("order")}/orders`,
    { eventId: hall.event, seatIds: [seat] },
    { "Idempotency-Key": uuidv4() },
  );
}

// Asks until the order is at its end; tells the end ("CONFIRMED", "CANCELLED", or "OPEN" when the time is over).
export function follow(orderId, pause, secondsMax = 15) {
  const began = Date.now();
  while (Date.now() - began < secondsMax * 1000) {
    pause(0.25);
    const answer = call("getOrder", "GET", `${SERVICE("order")}/orders/${orderId}`);
    const status = answer.status === 200 ? answer.json("status") : "";
    if (status === "CONFIRMED" || status === "CANCELLED") {
      sale.add(Date.now() - began);
      ends.add(1, { status });
      return status;
    }
  }
  ends.add(1, { status: "OPEN" });
  return "OPEN";
}

export const anySeat = (hall) => hall.seat(Math.floor(Math.random() * hall.seats));
