// Names of an order's states and reasons, and which state may follow which.
#include "domain/order/order.hpp"

namespace onsale::order {

std::string_view name_of(Status status) {
  switch (status) {
    case Status::created:
      return "CREATED";
    case Status::authorised:
      return "AUTHORISED";
    case Status::confirmed:
      return "CONFIRMED";
    case Status::cancelling:
      return "CANCELLING";
    case Status::cancelled:
      return "CANCELLED";
  }
  return "";
}

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "";
    case Reason::payment_declined:
      return "PAYMENT_DECLINED";
    case Reason::payment_too_late:
      return "PAYMENT_TOO_LATE";
    case Reason::payment_unavailable:
      return "PAYMENT_UNAVAILABLE";
    case Reason::seats_lost:
      return "SEATS_LOST";
    case Reason::event_reset:
      return "EVENT_RESET";
  }
  return "";
}

std::string_view text_of(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "";
    case Reason::payment_declined:
      return "The payment was declined. You were not charged.";
    case Reason::payment_too_late:
      return "The payment was not settled in time. You were not charged.";
    case Reason::payment_unavailable:
      return "The payment provider could not be reached in time. You were not charged.";
    case Reason::seats_lost:
      return "The seats were no longer yours when the payment came. You were not charged.";
    case Reason::event_reset:
      return "The event was reset by its organiser.";
  }
  return "";
}

bool may_become(Status from, Status to) {
  switch (from) {
    case Status::created:
      return to == Status::authorised || to == Status::cancelling;
    case Status::authorised:
      return to == Status::confirmed || to == Status::cancelling;
    case Status::cancelling:
      return to == Status::cancelled;
    case Status::confirmed:  // only an event's reset undoes it, which is a verb of its own
    case Status::cancelled:
      return false;
  }
  return false;
}

}  // namespace onsale::order
