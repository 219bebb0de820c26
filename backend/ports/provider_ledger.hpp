// ProviderLedger: the mock provider's own book of money, kept apart from the office's, so that an
// audit can join the two. Lines are only ever added.
//
// Contract: apply() follows payment::move(): it adds a line if the attempt's state allows and is
// durable before it answers; the same operation again adds nothing and answers the same state.
// unavailable: known not to have happened. Thread-safe; a Task resumes on the loop that awaited it.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/payment/attempt.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct ProviderEntry {
  AttemptId attempt;
  OrderId order;
  payment::Operation operation{};
  Money amount;
  std::string currency;
  Instant at;
};

class ProviderLedger {
 public:
  virtual ~ProviderLedger() = default;
  virtual Task<Result<payment::Movement>> apply(ProviderEntry entry) = 0;
  virtual Task<Result<AttemptState>> state_of(AttemptId attempt) = 0;
  // Every line, oldest first.
  virtual Task<Result<std::vector<ProviderEntry>>> entries() = 0;
};

}  // namespace onsale
