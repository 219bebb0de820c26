// Parse, ask the ledger, answer.
#include "api/routes/internal_seat_routes.hpp"

#include <charconv>

#include "api/codec/internal_body.hpp"
#include "api/codec/json_writer.hpp"

namespace onsale::api {
namespace {

// The body's value; nullptr, and the call is refused, if it is not valid or nobody waits any more.
template <typename T>
const T* accept(Call& call, const Body<T>& body) {
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    return nullptr;
  }
  if (const auto left = deadline_of(call.request); left && left->count() <= 0) {
    call.refuse_field("/Deadline-Ms", "must be at least 1: nobody would hear the answer");
    return nullptr;
  }
  return std::get_if<T>(&body);
}

// What the ledger itself finds not valid are the seats: none, too many, or one twice.
void refuse(Call& call, const Refused& refused) {
  if (refused.code == Code::validation_failed) {
    call.refuse_field("/seatIds", "must be 1 to 16 seats, each once");
  } else {
    call.refuse(refused);
  }
}

void answer_version(Call& call, Version version) {
  std::string& out = call.json(200);
  out += R"({"version":)";
  json::append_number(out, version.value);
  out += '}';
}

}  // namespace

std::optional<Milliseconds> deadline_of(const http::Request& request) {
  const auto text = request.header("Deadline-Ms");
  if (!text) return std::nullopt;
  std::int64_t left = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), left);
  if (error != std::errc{} || end != text->data() + text->size() || left < 0) return std::nullopt;
  return Milliseconds{left};
}

Task<void> InternalSeatRoutes::hold(Call call) const {
  const auto body = read_hold_order(call.request.body);
  const HoldOrder* order = accept(call, body);
  if (order == nullptr) co_return;
  const auto answer = co_await ledger_.hold(order->request);
  if (!answer.granted()) {
    refuse(call, answer.refused());
    co_return;
  }
  std::string& out = call.json(200);
  out += R"({"expiresAtMs":)";
  json::append_number(out, ms_of(answer.value().expires_at));
  out += R"(,"version":)";
  json::append_number(out, answer.value().version.value);
  out += '}';
}

Task<void> InternalSeatRoutes::extend(Call call) const {
  const auto body = read_extend_order(call.request.body);
  const ExtendOrder* order = accept(call, body);
  if (order == nullptr) co_return;
  const auto answer =
      co_await ledger_.extend(order->of.event, order->of.seats.front(), order->of.buyer, order->by);
  if (!answer.granted()) {
    refuse(call, answer.refused());
    co_return;
  }
  std::string& out = call.json(200);
  out += R"({"expiresAtMs":)";
  json::append_number(out, ms_of(answer.value()));
  out += '}';
}

Task<void> InternalSeatRoutes::release(Call call) const {
  const auto body = read_release_order(call.request.body);
  const SeatsBody* order = accept(call, body);
  if (order == nullptr) co_return;
  const auto answer = co_await ledger_.release(order->event, order->seats.front(), order->buyer);
  if (!answer.granted()) {
    refuse(call, answer.refused());
    co_return;
  }
  call.response.status(204);
}

Task<void> InternalSeatRoutes::holds(Call call) const {
  const auto body = read_holds_question(call.request.body);
  const SeatsBody* question = accept(call, body);
  if (question == nullptr) co_return;
  const auto found = co_await ledger_.holds_of(question->event, question->buyer);
  if (!found) {
    call.refuse(found.error());
    co_return;
  }
  std::string& out = call.json(200);
  out += R"({"version":)";
  json::append_number(out, found->version.value);
  out += R"(,"holds":[)";
  bool first = true;
  for (const LiveHold& hold : found->holds) {
    out += first ? R"({"seatId":)" : R"(,{"seatId":)";
    first = false;
    json::append_number(out, hold.seat.value);
    out +=
        hold.pinned ? R"(,"status":"PINNED","expiresAtMs":)" : R"(,"status":"HELD","expiresAtMs":)";
    json::append_number(out, ms_of(hold.expires_at));
    out += R"(,"extendableUntilMs":)";
    json::append_number(out, ms_of(hold.extendable_until));
    out += '}';
  }
  out += "]}";
}

Task<void> InternalSeatRoutes::pin(Call call) const {
  const auto body = read_pin_order(call.request.body);
  const PinOrder* order = accept(call, body);
  if (order == nullptr) co_return;
  const auto answer = co_await ledger_.pin(order->of.event, order->of.seats, order->of.buyer,
                                           order->of.order, order->deadline);
  if (!answer.granted()) {
    refuse(call, answer.refused());
    co_return;
  }
  answer_version(call, answer.value().version);
}

Task<void> InternalSeatRoutes::settle(Call call) const {
  const auto body = read_settle_order(call.request.body);
  const SettleOrder* order = accept(call, body);
  if (order == nullptr) co_return;
  const auto answer =
      co_await ledger_.settle(order->of.event, order->of.seats, order->of.order, order->settlement);
  if (!answer.granted()) {
    refuse(call, answer.refused());
    co_return;
  }
  answer_version(call, answer.value());
}

Task<void> InternalSeatRoutes::confirm(Call call) const {
  const auto body = read_confirm_order(call.request.body);
  const SeatsBody* order = accept(call, body);
  if (order == nullptr) co_return;
  const auto answer =
      co_await ledger_.confirm(order->event, order->seats.front(), order->buyer, order->order);
  if (!answer.granted()) {
    refuse(call, answer.refused());
    co_return;
  }
  answer_version(call, answer.value());
}

Task<void> InternalSeatRoutes::reset(Call call) const {
  const auto body = read_event_body(call.request.body);
  const EventBody* event = accept(call, body);
  if (event == nullptr) co_return;
  const Status done = co_await admin_.reset(event->event);
  if (!done) {
    call.refuse(done.error());
    co_return;
  }
  const auto counts = co_await admin_.counts(event->event);
  if (!counts) {
    call.refuse(counts.error());
    co_return;
  }
  answer_version(call, counts->version);
}

}  // namespace onsale::api
