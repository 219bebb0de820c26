// The conformance suite of PaymentGateway and ProviderLedger. Each case is a function over "a provider
// and its book", so that a deliberately wrong one can be seen to fail it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ports/payment_gateway.hpp"
#include "ports/provider_ledger.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale::conformance {

inline constexpr Milliseconds kPaymentDeadline{1000};

PaymentAttempt payment_attempt(std::uint64_t n);

struct PaymentUnderTest {
  PaymentGateway& gateway;  // willing to authorise
  ProviderLedger& book;

  PaymentAnswer authorise(std::uint64_t n = 1) {
    return wait_for(gateway.authorise(payment_attempt(n), kPaymentDeadline));
  }
  PaymentAnswer capture(std::uint64_t n = 1) {
    return wait_for(gateway.capture(payment_attempt(n), kPaymentDeadline));
  }
  PaymentAnswer cancel(std::uint64_t n = 1) {
    return wait_for(gateway.void_authorisation(payment_attempt(n), kPaymentDeadline));
  }
  AttemptState lookup(std::uint64_t n = 1) {
    return wait_for(gateway.lookup(payment_attempt(n).id, kPaymentDeadline));
  }
  std::size_t lines() { return wait_for(book.entries()).value().size(); }
};

struct PaymentCase {
  const char* name;
  void (*run)(PaymentUnderTest&);
};
std::span<const PaymentCase> payment_cases();

}  // namespace onsale::conformance
