// An attempt at a provider, as a ledger of money keeps it: what has happened to it so far, and what
// may happen next. Pure; the mock provider and the audit share it.
//
//   none --authorise--> AUTHORISED --capture--> CAPTURED --refund--> REFUNDED
//     \                      \__void__> VOIDED
//      \__decline__> DECLINED
//       \__void__> VOIDED           (forbids a later authorise of this attempt)
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "domain/order/order.hpp"

namespace onsale {

// `unknown`: it could not be asked.
enum class AttemptState : std::uint8_t {
  none,
  authorised,
  declined,
  captured,
  voided,
  unknown,
  refunded,
};
std::string_view name_of(AttemptState state);

namespace payment {

// One line of the ledger. `cancel` is what a merchant calls void: it voids what was authorised and
// refunds what was captured.
enum class Operation : std::uint8_t { authorise, decline, capture, cancel };
std::string_view name_of(Operation operation);

struct Movement {
  AttemptState next{};
  bool written = false;  // false: it was so already, or it is refused; no line is added
  bool granted = false;
};
Movement move(AttemptState now, Operation operation);

}  // namespace payment
}  // namespace onsale
