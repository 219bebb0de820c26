// A new buyer costs one DELETE of a seat it does not hold: the office names whoever comes without a
// token, whatever it answers, and nothing changes.
#include "rehearsal/hammer_requests.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "rehearsal/seat_board.hpp"

namespace onsale::rehearsal {

namespace {
constexpr std::size_t workers_max = 32;
constexpr Nanos request_max = 10 * nanos_per_second;
constexpr std::uint32_t lapse_seconds = 5;  // the shortest hold that the office grants
constexpr Nanos lapse_slack = 2 * nanos_per_second;

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}
}  // namespace

Magazine::Magazine(Loop& loop, const Target& target, const Options& options)
    : loop_(loop), target_(target), options_(options), hammer_(options.hammer) {
  const std::string& host = target.host();
  hold_head_ = "POST " + target.reservation() + "/reservations HTTP/1.1\r\nHost: " + host + "\r\n";
  order_head_ = "POST " + target.order() + "/orders HTTP/1.1\r\nHost: " + host + "\r\n";
  hold_seconds_ = hammer_.hold_seconds;
  const std::size_t per_call = std::max(1U, hammer_.seats_per_call);
  calls_per_buyer_ = std::max<std::size_t>(1, hammer_.seats_per_buyer / per_call);
  seats_per_buyer_ = calls_per_buyer_ * per_call;
}

std::string Magazine::bearer(std::size_t buyer) const {
  return "Authorization: Bearer " + tokens_[buyer] + "\r\n";
}

Script<Answer> Magazine::ask(std::string request, Connection& connection) {
  auto exchange = connection.exchange(std::move(request), Loop::now() + request_max);
  Answer answer = co_await exchange;
  if (answer.fate == Fate::not_sent && trouble_.empty()) {
    trouble_ = "no office answers at " + options_.url;
  }
  co_return answer;
}

Script<> Magazine::worker(Connection& connection,
                          Script<bool> (Magazine::*job)(std::size_t, Connection&)) {
  while (next_job_ < jobs_ && trouble_.empty()) {
    const std::size_t number = next_job_++;
    const bool done = co_await (this->*job)(number, connection);
    if (!done && trouble_.empty()) trouble_ = "the set-up was refused";
    ++jobs_done_;
  }
}

Script<bool> Magazine::in_parallel(std::size_t jobs,
                                   Script<bool> (Magazine::*job)(std::size_t, Connection&)) {
  next_job_ = 0;
  jobs_ = jobs;
  jobs_done_ = 0;
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<Script<>> workers;
  for (std::size_t i = 0; i < std::min(workers_max, jobs); ++i) {
    connections.push_back(std::make_unique<Connection>(loop_, target_));
    workers.push_back(worker(*connections.back(), job));
    workers.back().begin();
  }
  while (jobs_done_ < jobs && trouble_.empty()) {
    Pause pause(loop_, Loop::now() + nanos_per_ms);
    co_await pause;
  }
  workers.clear();  // before their connections
  const bool untroubled = trouble_.empty();
  co_return untroubled;
}

Script<bool> Magazine::mint_buyer(std::size_t number, Connection& connection) {
  const Seat& seat = seats_.front();
  std::string request =
      request_bytes("DELETE",
                    target_.reservation() + "/reservations/" + std::to_string(seat.event) + "/" +
                        std::to_string(seat.id),
                    target_.host(), "");
  const Answer answer = co_await ask(std::move(request), connection);
  tokens_[number] = answer.response.header("Buyer-Token");
  if (tokens_[number].empty() && trouble_.empty()) {
    trouble_ = "no buyer token came with the answer " + std::to_string(answer.response.status);
  }
  co_return !tokens_[number].empty();
}

Script<bool> Magazine::hold_for_buyer(std::size_t number, Connection& connection) {
  const std::size_t first = number * seats_per_buyer_;
  std::string request;
  append_hold(request, number, first, std::min(seats_per_buyer_, seats_.size() - first));
  const Answer answer = co_await ask(std::move(request), connection);
  if (!answer.is(201) && trouble_.empty()) {
    trouble_ = "a hold of the set-up was answered " + std::to_string(answer.response.status) + " " +
               answer.response.body;
  }
  co_return answer.is(201);
}

Script<bool> Magazine::find_seats() {
  std::vector<std::uint64_t> events = hammer_.event_ids;
  if (events.empty()) events.push_back(options_.event_id);
  Connection connection(loop_, target_);
  for (const std::uint64_t event : events) {
    std::string request =
        request_bytes("GET", target_.catalog() + "/events/" + std::to_string(event) + "/seats",
                      target_.host(), "");
    const Answer answer = co_await ask(std::move(request), connection);
    SeatIndex index;
    const auto map =
        answer.is(200) ? read_json_map(answer.response.body, index, trouble_) : std::nullopt;
    if (!map) {
      if (trouble_.empty()) trouble_ = "no seat map of event " + std::to_string(event);
      co_return false;
    }
    for (std::uint32_t i = 0; i < index.size(); ++i) {
      if (map->board.at(i) == SeatStatus::available) seats_.push_back({event, index.id(i)});
    }
  }
  if (seats_.empty()) trouble_ = "no seat is available";
  co_return !seats_.empty();
}

Script<bool> Magazine::prepare() {
  if (hammer_.shot == Shot::plain) {
    std::string headers;
    for (const std::string& line : hammer_.headers) headers += line + "\r\n";
    plain_ = request_bytes(hammer_.method, hammer_.path, target_.host(), headers, hammer_.body);
    Connection connection(loop_, target_);
    const Answer answer = co_await ask(plain_, connection);  // is anybody there?
    co_return answer.fate == Fate::answered;
  }
  const bool found = co_await find_seats();
  if (!found) co_return false;
  const std::size_t per_call = std::max(1U, hammer_.seats_per_call);
  std::size_t buyers = hammer_.connections;
  if (hammer_.shot == Shot::hold || hammer_.shot == Shot::order) {
    if (hammer_.requests != 0) {
      seats_.resize(std::min<std::size_t>(seats_.size(), hammer_.requests * per_call));
    }
    seats_.resize(seats_.size() / per_call * per_call);
    buyers = (seats_.size() + seats_per_buyer_ - 1) / seats_per_buyer_;
  }
  if (hammer_.shot == Shot::refused) ++buyers;  // the last one has the seat
  tokens_.resize(buyers);
  const bool minted = co_await in_parallel(buyers, &Magazine::mint_buyer);
  if (!minted) co_return false;

  if (hammer_.shot == Shot::order) {
    if (seats_per_buyer_ > 16) {
      trouble_ = "orders: at most 16 seats a buyer";
      co_return false;
    }
    const bool held = co_await in_parallel(buyers, &Magazine::hold_for_buyer);
    if (!held) co_return false;
  }
  if (hammer_.shot == Shot::hold_release) {
    for (std::uint32_t i = 0; i < hammer_.connections; ++i) turns_.push_back({.seat = i});
    if (seats_.size() < hammer_.connections) {
      trouble_ = "fewer seats than connections";
      co_return false;
    }
  }
  if (hammer_.shot == Shot::refused) {
    Connection connection(loop_, target_);
    std::string request;
    append_hold(request, buyers - 1, 0, 1);
    const Answer answer = co_await ask(std::move(request), connection);
    if (!answer.is(201)) {
      trouble_ = "the seat could not be held: " + answer.response.body;
      co_return false;
    }
    for (std::uint32_t i = 0; i < hammer_.connections; ++i) {
      append_hold(per_connection_.emplace_back(), i, 0, 1);
    }
  }
  if (hammer_.shot == Shot::lapsed) {
    seats_per_buyer_ = 1;
    hold_seconds_ = lapse_seconds;
    const std::size_t holders = std::min<std::size_t>(buyers, seats_.size());
    const bool held = co_await in_parallel(holders, &Magazine::hold_for_buyer);
    if (!held) co_return false;
    Pause pause(loop_, Loop::now() + lapse_seconds * nanos_per_second + lapse_slack);
    co_await pause;
    for (std::uint32_t i = 0; i < hammer_.connections; ++i) {
      const Seat& seat = seats_[i % holders];
      per_connection_.push_back(
          request_bytes("POST",
                        target_.reservation() + "/reservations/" + std::to_string(seat.event) +
                            "/" + std::to_string(seat.id) + "/extend",
                        target_.host(), bearer(i % holders), "{\"seconds\":60}"));
    }
  }
  co_return true;
}

std::uint64_t Magazine::rounds() const {
  if (hammer_.shot != Shot::hold && hammer_.shot != Shot::order) return hammer_.requests;
  return seats_.size() / std::max(1U, hammer_.seats_per_call);
}

void Magazine::append_seats(std::size_t first, std::size_t count) {
  body_ = "{\"eventId\":";
  append_number(body_, seats_[first].event);
  body_ += ",\"seatIds\":[";
  // A call is of one event: what lies beyond its end is left out.
  for (std::size_t i = first; i < first + count && seats_[i].event == seats_[first].event; ++i) {
    if (i > first) body_ += ',';
    append_number(body_, seats_[i].id);
  }
  body_ += ']';
}

void Magazine::append_body_request(std::string& out, std::string_view head, std::size_t buyer) {
  out.append(head).append("Authorization: Bearer ").append(tokens_[buyer]);
  out.append("\r\nContent-Type: application/json\r\nContent-Length: ");
  append_number(out, body_.size());
  out.append("\r\n\r\n").append(body_);
}

void Magazine::append_hold(std::string& out, std::size_t buyer, std::size_t first,
                           std::size_t count) {
  append_seats(first, count);
  body_ += ",\"holdSeconds\":";
  append_number(body_, hold_seconds_);
  body_ += '}';
  append_body_request(out, hold_head_, buyer);
}

void Magazine::append_order(std::string& out, std::size_t buyer, std::size_t first,
                            std::size_t count) {
  append_seats(first, count);
  body_ += '}';
  out.append(order_head_).append("Idempotency-Key: hammer-");
  append_number(out, options_.seed);
  out += '-';
  append_number(out, seats_[first].event);
  out += '-';
  append_number(out, seats_[first].id);
  out += "\r\n";
  append_body_request(out, {}, buyer);
}

void Magazine::append_release(std::string& out, std::size_t buyer, const Seat& seat) {
  out.append("DELETE ").append(target_.reservation()).append("/reservations/");
  append_number(out, seat.event);
  out += '/';
  append_number(out, seat.id);
  out.append(" HTTP/1.1\r\nHost: ").append(target_.host());
  out.append("\r\nAuthorization: Bearer ").append(tokens_[buyer]).append("\r\n\r\n");
}

bool Magazine::load(std::uint32_t connection, std::string& out, bool& timed) {
  timed = true;
  if (hammer_.requests != 0 && next_ >= hammer_.requests) return false;
  const std::size_t per_call = std::max(1U, hammer_.seats_per_call);
  switch (hammer_.shot) {
    case Shot::plain:
      out += plain_;
      break;
    case Shot::refused:
    case Shot::lapsed:
      out += per_connection_[connection];
      break;
    case Shot::hold:
    case Shot::order: {
      if (next_ >= rounds()) return false;
      const std::size_t buyer = next_ / calls_per_buyer_;
      if (hammer_.shot == Shot::hold) {
        append_hold(out, buyer, next_ * per_call, per_call);
      } else {
        append_order(out, buyer, next_ * per_call, per_call);
      }
      ++next_;
      return true;
    }
    case Shot::hold_release: {
      Turn& turn = turns_[connection];
      if (turn.held) {
        append_release(out, connection, seats_[turn.seat]);
        turn.seat += hammer_.connections;
        if (turn.seat >= seats_.size()) turn.seat = connection;
        timed = false;
      } else {
        append_hold(out, connection, turn.seat, 1);
      }
      turn.held = !turn.held;
      break;
    }
  }
  ++next_;
  return true;
}

}  // namespace onsale::rehearsal
