// MemoryProviderLedger: the mock provider's book in memory. Outlives the services on top of it.
#pragma once

#include <map>
#include <vector>

#include "base/mutex.hpp"
#include "ports/provider_ledger.hpp"

namespace onsale {

class MemoryProviderLedger : public ProviderLedger {
 public:
  Task<Result<payment::Movement>> apply(ProviderEntry entry) override {
    const Lock lock(mutex_);
    AttemptState& state = states_[entry.attempt];
    const payment::Movement movement = payment::move(state, entry.operation);
    state = movement.next;
    if (movement.written) entries_.push_back(std::move(entry));
    return Result(movement);
  }
  Task<Result<AttemptState>> state_of(AttemptId attempt) override {
    const Lock lock(mutex_);
    const auto found = states_.find(attempt);
    return Result(found == states_.end() ? AttemptState::none : found->second);
  }
  Task<Result<std::vector<ProviderEntry>>> entries() override {
    const Lock lock(mutex_);
    return Result(entries_);
  }

 private:
  Mutex mutex_;
  std::map<AttemptId, AttemptState> states_ ONSALE_GUARDED_BY(mutex_);
  std::vector<ProviderEntry> entries_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale
