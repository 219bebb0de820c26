// The visit. Each step names what it sends and what each outcome means for the history.
#include "rehearsal/buyer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/ids.hpp"

namespace onsale::rehearsal {

namespace {}  // namespace

Buyer::Buyer(Stage& stage, std::uint32_t number, Nanos arrival, bool determined)
    : stage_(stage),
      wishes_(stage.options.behaviour),
      number_(number),
      arrival_(arrival),
      determined_(determined),
      random_(stage.options.seed * 0x9E3779B97F4A7C15ULL + number),
      office_(stage, random_,
              number % 2 == 0 ? OfficeClient::Proof::bearer : OfficeClient::Proof::cookie) {
  seats_wanted_ = std::uniform_int_distribution<std::uint32_t>(
      wishes_.seats_min, std::max(wishes_.seats_min, wishes_.seats_max))(random_);
}

void Buyer::begin() {
  script_ = visit();
  script_.begin();
}

void Buyer::begin_review() {
  script_ = review();
  script_.begin();
}

bool Buyer::has_something_to_review() const {
  return office_.has_token() && (!orders_.empty() || orders_unknown_ > 0);
}

void Buyer::leave(std::string_view how) {
  ++stage_.tally.goodbyes[std::string(how)];
  ++stage_.tally.buyers_gone;
  office_.hang_up();
  viewer_.reset();
  board_ = Board();
  gone_ = true;
}

Script<> Buyer::visit() {
  Pause arrival(stage_.loop, arrival_);
  const Nanos came = co_await arrival;
  ++stage_.tally.buyers_arrived;
  if (chance(wishes_.stream)) {
    viewer_ = std::make_unique<Viewer>(stage_.audience);
    viewer_->open();
  }
  bool seen = co_await look(came);
  if (!seen) {
    leave("could not see the map");
    co_return;
  }
  for (std::uint32_t attempt = 0; attempt < wishes_.payment_tries_max; ++attempt) {
    Pause choosing(stage_.loop, Loop::now() + think(wishes_.think.look_ms_mean));
    co_await choosing;
    const std::optional<std::uint32_t> hold = co_await hold_some();
    if (!hold) co_return;  // hold_some() said goodbye
    if (chance(wishes_.extend)) co_await extend(*hold);
    Pause thinking(stage_.loop, Loop::now() + think(wishes_.think.order_ms_mean));
    const Nanos decided = co_await thinking;
    if (!determined_ && (chance(wishes_.walk_away) || !chance(wishes_.order))) {
      if (!chance(wishes_.silent)) co_await release(*hold);
      leave("walked away");
      co_return;
    }
    const End end = co_await order(*hold, decided);
    switch (end) {
      case End::confirmed:
        leave("bought");
        co_return;
      case End::unknown:
        leave("order unknown");
        co_return;
      case End::cancelled:
      case End::lapsed:
        break;
    }
    seen = co_await look(0);
    if (!seen) break;
  }
  leave("payment refused or hold lapsed");
}

Script<bool> Buyer::look(Nanos intended) {
  Request request{.call = Call::look, .method = "GET"};
  request.path =
      stage_.target.catalog() + "/events/" + std::to_string(stage_.options.event_id) + "/seats";
  // Half read JSON, as a script would, half the compact form, as the web page does.
  if (number_ % 4 >= 2) request.headers = accept_compact_map;
  request.intended = intended;
  const Answer answer = co_await office_.ask(std::move(request));
  if (!answer.is(200)) co_return false;
  std::string why;
  std::optional<Snapshot> map = read_seat_map(answer.response, stage_.seats, why);
  if (!map) co_return false;
  board_ = std::move(map->board);
  co_return true;
}

Script<std::optional<std::uint32_t>> Buyer::hold_some() {
  for (std::uint32_t attempt = 0; attempt < wishes_.hold_tries_max; ++attempt) {
    Nanos intended = 0;
    if (attempt > 0) {
      Pause retry(stage_.loop, Loop::now() + think(wishes_.think.retry_ms_mean));
      intended = co_await retry;
      const bool blind = viewer_ == nullptr || !viewer_->in_step();
      if (blind && attempt % 3 == 0) {
        const bool seen = co_await look(0);
        if (!seen) break;
      }
    }
    if (stage_.closing) {
      leave("sent home at closing time");
      co_return std::nullopt;
    }
    const std::vector<std::uint32_t> seats = choose();
    if (seats.empty()) {
      leave("found nothing free");
      co_return std::nullopt;
    }
    Request request{.call = Call::hold, .method = "POST"};
    request.path = stage_.target.reservation() + "/reservations";
    request.body = "{\"eventId\":" + std::to_string(stage_.options.event_id) + "," +
                   seats_json(seats) + ",\"holdSeconds\":" + std::to_string(wishes_.hold_seconds) +
                   "}";
    request.intended = intended;
    const Answer answer = co_await office_.ask(std::move(request));
    if (answer.is(201)) co_return note_grant(seats, answer);
    if (answer.is(409)) {
      note_refusal(seats, answer);
      continue;
    }
    const bool may_hold = answer.fate == Fate::unknown || answer.is(503);
    if (may_hold) {
      HoldRecord record{.buyer = number_, .seats = seats, .sent = answer.sent_at};
      record.answered = answer.answered_at;
      record.granted = false;
      record.lasts_until_max = answer.answered_at + wishes_.hold_seconds * nanos_per_second;
      stage_.history.holds.push_back(record);
      const auto number = static_cast<std::uint32_t>(stage_.history.holds.size() - 1);
      const std::optional<std::uint32_t> held = co_await learn_hold(number);
      if (held) co_return held;
      continue;
    }
    leave(answer.fate == Fate::answered ? "refused otherwise" : "could not reach the office");
    co_return std::nullopt;
  }
  leave("refused too often");
  co_return std::nullopt;
}

// The answer to a hold was lost: is it ours?
Script<std::optional<std::uint32_t>> Buyer::learn_hold(std::uint32_t hold) {
  if (!office_.has_token()) co_return std::nullopt;  // nobody we could prove to be
  Request request{.call = Call::ask, .method = "GET"};
  request.path = stage_.target.reservation() +
                 "/reservations?eventId=" + std::to_string(stage_.options.event_id);
  const Nanos asked = Loop::now();
  const Answer answer = co_await office_.ask(std::move(request));
  if (!answer.is(200)) co_return std::nullopt;
  const auto live = read_live_holds(answer.response.body);
  if (!live) co_return std::nullopt;
  HoldRecord& record = stage_.history.holds[hold];
  const bool all = std::all_of(record.seats.begin(), record.seats.end(), [&](std::uint32_t seat) {
    return std::find(live->begin(), live->end(), stage_.seats.id(seat)) != live->end();
  });
  // A request cut off by a dead office is not executed by its successor; one that timed out might
  // still be under way, so that only an outage makes the denial final.
  ++stage_.tally.unknown_resolved;
  if (!all) {
    const bool died = !stage_.history.outages.empty() &&
                      stage_.history.outages.back().to + nanos_per_second > record.answered;
    if (died) record.denied = answer.answered_at;
    co_return std::nullopt;
  }
  record.granted = true;
  record.answered = answer.answered_at;
  record.lasts_until_min = record.sent;  // how long it was granted for was not told
  record.lasts_until_max =
      std::max(record.lasts_until_max, asked + wishes_.hold_seconds * nanos_per_second);
  ++stage_.tally.holds;
  stage_.tally.seats_held += record.seats.size();
  co_return hold;
}

Script<> Buyer::extend(std::uint32_t hold) {
  const std::uint32_t seconds = wishes_.hold_seconds;
  const std::vector<std::uint32_t> seats = stage_.history.holds[hold].seats;
  for (const std::uint32_t seat : seats) {
    Request request{.call = Call::extend, .method = "POST"};
    request.path = stage_.target.reservation() + "/reservations/" +
                   std::to_string(stage_.options.event_id) + "/" +
                   std::to_string(stage_.seats.id(seat)) + "/extend";
    request.body = "{\"seconds\":" + std::to_string(seconds) + "}";
    const Answer answer = co_await office_.ask(std::move(request));
    HoldRecord& record = stage_.history.holds[hold];
    record.lasts_until_max =
        std::max(record.lasts_until_max, answer.answered_at + seconds * nanos_per_second);
    if (answer.is(410) || answer.is(403) || answer.is(404)) {
      stage_.history.losses.push_back({.hold = hold,
                                       .code = read_problem(answer.response.body).code,
                                       .sent = answer.sent_at,
                                       .answered = answer.answered_at});
    }
  }
}

Script<> Buyer::release(std::uint32_t hold) {
  stage_.history.holds[hold].release_sent = Loop::now();
  const std::vector<std::uint32_t> seats = stage_.history.holds[hold].seats;
  bool all = true;
  for (const std::uint32_t seat : seats) {
    Request request{.call = Call::release, .method = "DELETE"};
    request.path = stage_.target.reservation() + "/reservations/" +
                   std::to_string(stage_.options.event_id) + "/" +
                   std::to_string(stage_.seats.id(seat));
    const Answer answer = co_await office_.ask(std::move(request));
    all = all && answer.is(204);
  }
  if (all) stage_.history.holds[hold].released = Loop::now();
}

std::uint32_t Buyer::note_grant(std::vector<std::uint32_t> seats, const Answer& answer) {
  HoldRecord record{.buyer = number_, .seats = std::move(seats), .sent = answer.sent_at};
  record.answered = answer.answered_at;
  const auto grant = read_grant(answer.response.body);
  record.version = grant ? grant->version : 0;
  const Nanos length = (grant ? grant->hold_seconds : 0) * nanos_per_second;
  record.lasts_until_min = record.sent + length;
  record.lasts_until_max = record.answered + length;
  ++stage_.tally.holds;
  stage_.tally.seats_held += record.seats.size();
  // The seats took the versions up to the one told; viewers hear of each.
  for (std::uint64_t i = 0; i < record.seats.size() && i < record.version; ++i) {
    stage_.audience.lag_book.acknowledged(record.version - i, answer.answered_at);
  }
  stage_.history.holds.push_back(std::move(record));
  return static_cast<std::uint32_t>(stage_.history.holds.size() - 1);
}

void Buyer::note_refusal(const std::vector<std::uint32_t>& asked, const Answer& answer) {
  const ProblemBody problem = read_problem(answer.response.body);
  if (problem.code != "RESERVATION_CONFLICT" && problem.code != "SEAT_SOLD") return;
  RefusalRecord refusal{.buyer = number_, .said_sold = problem.code == "SEAT_SOLD"};
  for (const RefusedSeat& named : problem.seats) {
    const auto seat = stage_.seats.find(named.seat_id);
    if (!seat) continue;
    refusal.seats.push_back(*seat);
    board_.set(*seat, named.status);
  }
  if (refusal.seats.empty()) {
    refusal.seats = asked;
    for (const std::uint32_t seat : asked) board_.set(seat, SeatStatus::held);
  }
  refusal.sent = answer.sent_at;
  refusal.answered = answer.answered_at;
  stage_.history.add_refusal(std::move(refusal));
}

const Board& Buyer::board() const {
  return viewer_ != nullptr && viewer_->in_step() ? viewer_->board() : board_;
}

// Seats side by side if there are any, from a place that more people want the nearer it is to the
// front; else what is left.
std::vector<std::uint32_t> Buyer::choose() {
  const Board& seen = board();
  const std::uint32_t size = seen.size();
  if (size == 0) return {};
  const double place = std::uniform_real_distribution<double>(0, 1)(random_);
  const auto start = static_cast<std::uint32_t>(place * place * (size - 1));
  std::vector<std::uint32_t> together;
  std::vector<std::uint32_t> any;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t seat = (start + i) % size;
    if (seat == 0) together.clear();
    if (seen.at(seat) != SeatStatus::available) {
      together.clear();
      continue;
    }
    together.push_back(seat);
    if (together.size() == seats_wanted_) return together;
    if (any.size() < seats_wanted_) any.push_back(seat);
  }
  return any;
}

bool Buyer::chance(double share) {
  return std::uniform_real_distribution<double>(0, 1)(random_) < share;
}

Nanos Buyer::think(double ms_mean) {
  if (ms_mean <= 0) return 0;
  const double ms = std::exponential_distribution<double>(1 / ms_mean)(random_);
  return static_cast<Nanos>(std::min(ms, 5 * ms_mean) * 1e6);
}

std::string Buyer::random_key() {
  const Bits128 bits{.hi = random_(), .lo = random_()};
  const auto chars = uuid_chars(bits);
  return {chars.data(), chars.size()};
}

std::string Buyer::seats_json(const std::vector<std::uint32_t>& seats) const {
  std::string json = "\"seatIds\":[";
  for (const std::uint32_t seat : seats) {
    if (json.back() != '[') json += ',';
    json += std::to_string(stage_.seats.id(seat));
  }
  return json + "]";
}

}  // namespace onsale::rehearsal
