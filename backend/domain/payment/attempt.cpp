// The rule of one payment attempt.
#include "domain/payment/attempt.hpp"

namespace onsale {

std::string_view name_of(AttemptState state) {
  switch (state) {
    case AttemptState::none:
      return "NONE";
    case AttemptState::authorised:
      return "AUTHORISED";
    case AttemptState::declined:
      return "DECLINED";
    case AttemptState::captured:
      return "CAPTURED";
    case AttemptState::voided:
      return "VOIDED";
    case AttemptState::unknown:
      return "UNKNOWN";
    case AttemptState::refunded:
      return "REFUNDED";
  }
  return "";
}

namespace payment {
namespace {

constexpr Movement written(AttemptState next) { return {next, true, true}; }
constexpr Movement already(AttemptState now) { return {now, false, true}; }
constexpr Movement refused(AttemptState now) { return {now, false, false}; }

}  // namespace

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::authorise:
      return "authorise";
    case Operation::decline:
      return "decline";
    case Operation::capture:
      return "capture";
    case Operation::cancel:
      return "cancel";
  }
  return "";
}

// Each operation: what it makes of what, and what is as good as done. All else is refused.
Movement move(AttemptState now, Operation operation) {
  using enum AttemptState;
  switch (operation) {
    case Operation::authorise:
      if (now == none) return written(authorised);
      if (now == authorised || now == captured) return already(now);
      break;
    case Operation::decline:
      if (now == none) return written(declined);
      if (now == declined) return already(now);
      break;
    case Operation::capture:
      if (now == authorised) return written(captured);
      if (now == captured) return already(now);
      break;
    case Operation::cancel:
      // `none` too: the void has to be on the book, so that no late authorise can come.
      if (now == none || now == authorised) return written(voided);
      if (now == captured) return written(refunded);
      if (now == declined || now == voided || now == refunded) return already(now);
      break;
  }
  return refused(now);
}

}  // namespace payment
}  // namespace onsale
