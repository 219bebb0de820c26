// PeerPayments: the payment role as the order role asks it, over HTTP. Every verb is idempotent by
// attempt, so what never came back is asked again; the attempt's id sees to it that money moves once.
// An answer that stays away is `unknown` (the question may have arrived) or `unavailable` (it never
// left). Thread-safe; a Task resumes on the loop that awaited it.
#pragma once

#include <atomic>

#include "adapters/peers/peer_client.hpp"
#include "ports/payments.hpp"

namespace onsale {

struct PeerPaymentsPolicy {
  Milliseconds try_deadline{12'000};     // of one question: longer than one call to the provider
  Milliseconds settle_deadline{25'000};  // of one capture or void, tries included
  payment::Backoff retry;                // between two questions of one authorise()
};

class PeerPayments final : public Payments {
 public:
  PeerPayments(PeerClient& payment, const Clock& clock, IdSource& ids,
               PeerPaymentsPolicy policy = {})
      : payment_(payment), clock_(clock), ids_(ids), policy_(policy) {}

  Task<AuthoriseOutcome> authorise(PaymentAttempt attempt, Instant pay_by) override;
  Task<PaymentAnswer> capture(PaymentAttempt attempt) override;
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt) override;

  // No new questions: what is under way ends, outcomes are `unknown`.
  void stop() { stopped_.store(true, std::memory_order_release); }

 private:
  Task<PaymentAnswer> settle(std::string_view path, PaymentAttempt attempt);

  PeerClient& payment_;
  const Clock& clock_;
  IdSource& ids_;
  const PeerPaymentsPolicy policy_;
  std::atomic<bool> stopped_{false};
};

}  // namespace onsale
