// Asking the payment role until the answer is known or the order's time is up.
#include "adapters/peers/peer_payments.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/peers/ledger_answers.hpp"
#include "ports/probe.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {
namespace {

using peers::JsonBody;

JsonBody body_of(const PaymentAttempt& attempt) {
  JsonBody body;
  body.uuid("attemptId", attempt.id.bits)
      .uuid("orderId", attempt.order.bits)
      .number("amount", attempt.amount.amount)
      .text("currency", attempt.currency);
  return body;
}

std::string outcome_in(const http::ClientAnswer& answer) {
  if (!answer.came() || answer.status != 200) return {};
  return peers::text_in(answer.body, "outcome").value_or("");
}

}  // namespace

Task<AuthoriseOutcome> PeerPayments::authorise(PaymentAttempt attempt, Instant pay_by) {
  bool asked_ever = false;
  for (std::uint32_t tries = 0;; ++tries) {
    const Milliseconds left = pay_by - clock_.now();
    if (left.count() <= 0 || stopped_.load(std::memory_order_acquire)) {
      co_return asked_ever ? AuthoriseOutcome::unknown : AuthoriseOutcome::unavailable;
    }
    PeerClient::Question question;
    question.path = "/ticketing/payment/api/internal/payments/authorize";
    question.body = body_of(attempt).number("payByMs", ms_of(pay_by)).done();
    question.deadline = left;
    question.trace = attempt.trace;
    question.parent_span = spans::saga(attempt.order);
    question.try_deadline = policy_.try_deadline;
    question.trace = attempt.trace;
    auto asking = payment_.ask(std::move(question));
    const http::ClientAnswer answer = co_await std::move(asking);
    const std::string outcome = outcome_in(answer);
    if (outcome == "AUTHORISED") co_return AuthoriseOutcome::authorised;
    if (outcome == "DECLINED") co_return AuthoriseOutcome::declined;
    asked_ever = asked_ever || outcome == "UNKNOWN" || (answer.sent && outcome.empty());
    const Milliseconds wait =
        payment::wait_before_retry(policy_.retry, tries, ids_.random_bits().lo);
    co_await Scheduler::current()->sleep_for(
        std::min(wait, std::max(Milliseconds{1}, pay_by - clock_.now())));
  }
}

Task<PaymentAnswer> PeerPayments::capture(PaymentAttempt attempt) {
  return settle("/ticketing/payment/api/internal/payments/capture", std::move(attempt));
}

Task<PaymentAnswer> PeerPayments::void_authorisation(PaymentAttempt attempt) {
  return settle("/ticketing/payment/api/internal/payments/void", std::move(attempt));
}

Task<PaymentAnswer> PeerPayments::settle(std::string_view path, PaymentAttempt attempt) {
  if (stopped_.load(std::memory_order_acquire)) co_return PaymentAnswer::unknown;
  PeerClient::Question question;
  question.path = path;
  question.body = body_of(attempt).done();
  question.deadline = policy_.settle_deadline;
  question.trace = attempt.trace;
  question.parent_span = spans::saga(attempt.order);
  question.try_deadline = policy_.try_deadline;
  question.trace = attempt.trace;
  auto asking = payment_.ask(std::move(question));
  const http::ClientAnswer answer = co_await std::move(asking);
  const std::string outcome = outcome_in(answer);
  if (outcome == "DONE") co_return PaymentAnswer::done;
  if (outcome == "DECLINED") co_return PaymentAnswer::declined;
  co_return PaymentAnswer::unknown;
}

}  // namespace onsale
