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

Movement authorise(AttemptState now) {
  switch (now) {
    case AttemptState::none:
      return written(AttemptState::authorised);
    case AttemptState::authorised:
    case AttemptState::captured:
      return already(now);
    case AttemptState::declined:
    case AttemptState::voided:
    case AttemptState::refunded:
    case AttemptState::unknown:
      return refused(now);
  }
  return refused(now);
}

Movement decline(AttemptState now) {
  switch (now) {
    case AttemptState::none:
      return written(AttemptState::declined);
    case AttemptState::declined:
      return already(now);
    case AttemptState::authorised:
    case AttemptState::captured:
    case AttemptState::voided:
    case AttemptState::refunded:
    case AttemptState::unknown:
      return refused(now);
  }
  return refused(now);
}

Movement capture(AttemptState now) {
  switch (now) {
    case AttemptState::authorised:
      return written(AttemptState::captured);
    case AttemptState::captured:
      return already(now);
    case AttemptState::none:
    case AttemptState::declined:
    case AttemptState::voided:
    case AttemptState::refunded:
    case AttemptState::unknown:
      return refused(now);
  }
  return refused(now);
}

Movement cancel(AttemptState now) {
  switch (now) {
    case AttemptState::none:
    case AttemptState::authorised:
      return written(AttemptState::voided);
    case AttemptState::captured:
      return written(AttemptState::refunded);
    case AttemptState::declined:
    case AttemptState::voided:
    case AttemptState::refunded:
      return already(now);
    case AttemptState::unknown:
      return refused(now);
  }
  return refused(now);
}

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

Movement move(AttemptState now, Operation operation) {
  switch (operation) {
    case Operation::authorise:
      return authorise(now);
    case Operation::decline:
      return decline(now);
    case Operation::capture:
      return capture(now);
    case Operation::cancel:
      return cancel(now);
  }
  return refused(now);
}

}  // namespace payment
}  // namespace onsale
