// Each verb: write the question, ask, read the answer.
#include "adapters/peers/peer_seat_ledger.hpp"

#include <optional>
#include <utility>

#include "adapters/peers/ledger_answers.hpp"

namespace onsale {
namespace {

using peers::JsonBody;

constexpr Milliseconds kResetDeadline{20'000};

std::string_view name_of(Settlement settlement) {
  switch (settlement) {
    case Settlement::sell:
      return "SELL";
    case Settlement::unpin:
      return "UNPIN";
    case Settlement::give_back:
      return "GIVE_BACK";
  }
  return "";
}

// What the answer's reader made of a success; a success that makes no sense is `unavailable`.
template <typename T>
LedgerAnswer<T> read(const http::ClientAnswer& answer,
                     std::optional<T> (*reader)(std::string_view)) {
  if (!answer.came() || answer.status != 200) return peers::refusal_of(answer);
  const std::optional<T> value = reader(answer.body);
  if (!value) return Code::unavailable;
  return *value;
}

Failure not_asked_of_a_peer() {
  return {Code::unavailable, "this is done where the ledger is, not asked of a peer"};
}

}  // namespace

Task<http::ClientAnswer> PeerSeatLedger::ask(std::string_view path, std::string body,
                                             OrderId order) {
  PeerClient::Question question;
  question.path = path;
  question.body = std::move(body);
  question.deadline = policy_.deadline;
  question.try_deadline = policy_.try_deadline;
  if (policy_.trace_of && order != OrderId{}) question.trace = policy_.trace_of(order);
  return reservation_.ask(std::move(question));
}

Task<LedgerAnswer<HoldGranted>> PeerSeatLedger::hold(HoldRequest request) {
  JsonBody body;
  body.id("eventId", request.event.value)
      .seats("seatIds", request.seats)
      .uuid("buyerId", request.buyer.bits)
      .number("wantedMs", request.wanted.count())
      .number("lifeMaxMs", request.life_max.count())
      .number("seatsPerBuyerMax", request.seats_per_buyer_max);
  auto asking = ask("/ticketing/reservation/api/internal/seats/hold", body.done());
  const http::ClientAnswer answer = co_await std::move(asking);
  co_return read(answer, peers::hold_of);
}

Task<LedgerAnswer<Instant>> PeerSeatLedger::extend(EventId event, SeatId seat, BuyerId buyer,
                                                   Milliseconds by) {
  JsonBody body;
  body.id("eventId", event.value)
      .id("seatId", seat.value)
      .uuid("buyerId", buyer.bits)
      .number("byMs", by.count());
  auto asking = ask("/ticketing/reservation/api/internal/seats/extend", body.done());
  const http::ClientAnswer answer = co_await std::move(asking);
  co_return read(answer, peers::expiry_of);
}

Task<LedgerAnswer<Unit>> PeerSeatLedger::release(EventId event, SeatId seat, BuyerId buyer) {
  JsonBody body;
  body.id("eventId", event.value).id("seatId", seat.value).uuid("buyerId", buyer.bits);
  auto asking = ask("/ticketing/reservation/api/internal/seats/release", body.done());
  const http::ClientAnswer answer = co_await std::move(asking);
  if (answer.came() && answer.status == 204) co_return LedgerAnswer<Unit>{Unit{}};
  co_return LedgerAnswer<Unit>{peers::refusal_of(answer)};
}

Task<Result<BuyerHolds>> PeerSeatLedger::holds_of(EventId event, BuyerId buyer) {
  JsonBody body;
  body.id("eventId", event.value).uuid("buyerId", buyer.bits);
  auto asking = ask("/ticketing/reservation/api/internal/seats/holds", body.done());
  const http::ClientAnswer answer = co_await std::move(asking);
  if (!answer.came() || answer.status != 200) {
    co_return Result<BuyerHolds>{peers::refusal_of(answer).code};
  }
  std::optional<BuyerHolds> holds = peers::holds_of(answer.body);
  if (!holds) co_return Result<BuyerHolds>{Code::unavailable};
  co_return Result<BuyerHolds>{std::move(*holds)};
}

Task<LedgerAnswer<PinGranted>> PeerSeatLedger::pin(EventId event, SeatIds seats, BuyerId buyer,
                                                   OrderId order, Instant deadline) {
  JsonBody body;
  body.id("eventId", event.value)
      .seats("seatIds", seats)
      .uuid("buyerId", buyer.bits)
      .uuid("orderId", order.bits)
      .number("deadlineMs", ms_of(deadline));
  auto asking = ask("/ticketing/reservation/api/internal/seats/pin", body.done(), order);
  const http::ClientAnswer answer = co_await std::move(asking);
  const LedgerAnswer<Version> version = read(answer, peers::version_of);
  if (!version.granted()) co_return LedgerAnswer<PinGranted>{version.refused()};
  co_return LedgerAnswer<PinGranted>{PinGranted{version.value()}};
}

Task<LedgerAnswer<Version>> PeerSeatLedger::settle(EventId event, SeatIds seats, OrderId order,
                                                   Settlement settlement) {
  JsonBody body;
  body.id("eventId", event.value)
      .seats("seatIds", seats)
      .uuid("orderId", order.bits)
      .text("settlement", name_of(settlement));
  auto asking = ask("/ticketing/reservation/api/internal/seats/settle", body.done(), order);
  const http::ClientAnswer answer = co_await std::move(asking);
  co_return read(answer, peers::version_of);
}

Task<LedgerAnswer<Version>> PeerSeatLedger::confirm(EventId event, SeatId seat, BuyerId buyer,
                                                    OrderId order) {
  JsonBody body;
  body.id("eventId", event.value)
      .id("seatId", seat.value)
      .uuid("buyerId", buyer.bits)
      .uuid("orderId", order.bits);
  auto asking = ask("/ticketing/reservation/api/internal/seats/confirm", body.done(), order);
  const http::ClientAnswer answer = co_await std::move(asking);
  co_return read(answer, peers::version_of);
}

Task<Status> PeerLedgerAdmin::reset(EventId event) {
  JsonBody body;
  body.id("eventId", event.value);
  PeerClient::Question question;
  question.path = "/ticketing/reservation/api/internal/seats/reset";
  question.body = body.done();
  question.deadline = kResetDeadline;
  question.repeatable = false;
  auto asking = reservation_.ask(std::move(question));
  const http::ClientAnswer answer = co_await std::move(asking);
  if (answer.came() && answer.status == 200) co_return ok();
  co_return Status{peers::refusal_of(answer).code};
}

Task<Status> PeerLedgerAdmin::open_event(EventId, SeatNumbering, std::vector<SeatId>) {
  return Status{not_asked_of_a_peer()};
}
Task<Status> PeerLedgerAdmin::restore(std::vector<SeatClaim>, Instant) {
  return Status{not_asked_of_a_peer()};
}
Task<LedgerAnswer<Version>> PeerLedgerAdmin::set_blocked(EventId, SeatIds, bool) {
  return LedgerAnswer<Version>{Code::unavailable};
}
Task<Result<SeatCounts>> PeerLedgerAdmin::counts(EventId) {
  return Result<SeatCounts>{not_asked_of_a_peer()};
}
Task<Result<std::vector<SeatRecord>>> PeerLedgerAdmin::records(EventId) {
  return Result<std::vector<SeatRecord>>{not_asked_of_a_peer()};
}

}  // namespace onsale
