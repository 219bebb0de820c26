// What a rehearsal, a hammer or a fan-out run is asked to do. A plain struct: the command line
// (app/) fills it, the benchmarks fill it, and nothing in this folder reads a flag or the
// environment. Every field has a default that makes a modest, honest run; units are in the names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace onsale::rehearsal {

enum class Mode : std::uint8_t {
  rehearsal,  // simulated buyers, from look to order, with a verdict
  hammer,     // one kind of request, as fast as it goes or at a constant rate
  viewers,    // SSE viewers and a trickle of changes: how late is each change seen?
};

// The shape of the crowd's arrival; see arrivals.hpp for the exact curves.
enum class Curve : std::uint8_t { constant, step, ramp };

struct Arrival {
  Curve curve = Curve::constant;
  // The crowd arrives within this time. If `rate_per_second` is above zero it wins and the time
  // follows from it: buyers / rate_per_second (the mean rate over the whole arrival).
  double seconds = 30;
  double rate_per_second = 0;
  // true: a Poisson crowd (independent people); false: evenly spaced along the curve.
  bool scattered = true;
};

// A think time is drawn from an exponential distribution with this mean, cut at 5 × the mean.
struct ThinkTimes {
  double look_ms_mean = 300;   // map on the screen → seats chosen
  double retry_ms_mean = 150;  // refused → other seats chosen
  double order_ms_mean = 500;  // seats held → order placed (or walked away)
};

// Shares are probabilities, 0..1, drawn per buyer.
struct Behaviour {
  double stream = 0.2;       // follows the SSE stream; others trust the map they fetched
  double walk_away = 0.1;    // holds and never orders
  double silent = 0.5;       // of those who walk away: just leave, the hold lapses
  double extend = 0.1;       // extends every hold once before ordering
  double order = 1.0;        // of those who did not walk away: orders
  double retry_order = 0.1;  // sends POST /orders again with the same Idempotency-Key
  std::uint32_t seats_min = 1;
  std::uint32_t seats_max = 4;
  std::uint32_t hold_tries_max = 12;    // refused this often, a buyer goes home
  std::uint32_t payment_tries_max = 2;  // orders a buyer places if the payment is refused
  std::uint32_t hold_seconds = 120;     // asked for; the office may clamp it
  ThinkTimes think;
};

enum class Shot : std::uint8_t {
  plain,         // `method` `path` `body`, the same bytes every time
  hold,          // POST /reservations of distinct seats; ends when the seats do
  hold_release,  // POST then DELETE, in turn; runs as long as asked
  refused,       // POST /reservations of a seat that another buyer holds: 409
  lapsed,        // extend of a hold that lapsed: 410
  order,         // POST /orders of seats held in the set-up, one key each; ends with the seats
};

struct HammerOptions {
  Shot shot = Shot::plain;
  std::string method = "GET";
  std::string path = "/ticketing/catalog/api/events";
  std::string body;                  // sent with Content-Type: application/json if not empty
  std::vector<std::string> headers;  // whole lines, "Name: value"
  std::uint32_t connections = 50;
  std::uint32_t pipeline = 1;  // requests in flight on one connection (closed loop)
  double seconds = 5;          // measured time, after the warm-up
  double warm_up_seconds = 1;  // not measured; `hold` and `order` ignore it
  double rate_per_second = 0;  // 0: closed loop. Above: open loop, latency from the intended start
  std::uint64_t requests = 0;  // stop after so many; 0: by time alone
  std::vector<std::uint64_t>
      event_ids;  // `hold`, `order`: spread over these; empty: Options::event_id
  std::uint32_t seats_per_buyer = 8;  // the office's limit: a new buyer token after so many seats
  std::uint32_t seats_per_call = 1;   // `hold` and `order`: seats in one call
  std::uint32_t hold_seconds = 600;
};

struct FanOutOptions {
  double changes_per_second = 10;
  double seconds = 10;
  double settle_seconds = 1;  // viewers connected → the first change
};

struct Options {
  Mode mode = Mode::rehearsal;

  // http://HOST:PORT[/BASE]. HOST is an IPv4 or [IPv6] literal, or "localhost": nothing is looked up.
  // Without BASE the one-port form is used: /ticketing/{catalog|reservation|order}/api.
  std::string url = "http://127.0.0.1:8080";
  std::uint64_t event_id = 1;
  std::uint64_t seed = 1;

  std::uint32_t buyers = 200;
  Arrival arrival;
  Behaviour behaviour;
  // After the scheduled crowd, further buyers (who never walk away) come until no seat is available
  // or held, or the duration cap is met.
  bool until_sold_out = false;
  // Pure SSE viewers beside the buyers; Mode::viewers uses this count too. Some 28,000 at most (one
  // local address has that many ports); the descriptor limit is raised up to the hard limit.
  std::uint32_t viewers = 0;
  std::uint32_t viewers_connecting_max = 200;
  // No other customers buy during the run: a seat that turns SOLD without an order of ours is then
  // a breach. Set to false when rehearsing on an office that is really open.
  bool sole_customer = true;

  double duration_seconds_max = 600;  // whole run, all phases
  double request_seconds_max = 30;    // no answer by then: outcome unknown
  double patience_seconds = 60;       // how long a buyer keeps trying to reach a dead office
  double order_seconds_max = 45;      // an order not at its end by then is counted as unfinished

  std::string report_path;  // JSON report; "-" is standard output; empty: none
  bool quiet = false;       // no live view; the closing report only
  // The live view redraws in place 4 × a second on a terminal, else prints a line a second.
  enum class View : std::uint8_t { automatic, redraw, lines } view = View::automatic;

  HammerOptions hammer;
  FanOutOptions fan_out;
};

}  // namespace onsale::rehearsal
