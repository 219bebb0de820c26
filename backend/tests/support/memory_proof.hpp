// A LedgerProof in memory: a test writes down what an order store would have proved.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "ports/ledger_proof.hpp"

namespace onsale {

class MemoryProof final : public LedgerProof {
 public:
  Task<Result<std::uint32_t>> begin_epoch(EventId event, std::uint32_t at_least) override {
    const std::lock_guard lock(mutex_);
    std::uint32_t& epoch = epochs_[event];
    epoch = std::max(epoch, at_least) + 1;
    return Result<std::uint32_t>{epoch};
  }
  Task<Result<std::vector<SeatClaim>>> claims_of(EventId event) override {
    const std::lock_guard lock(mutex_);
    std::vector<SeatClaim> claims;
    for (const auto& [key, claim] : claims_) {
      if (key.first == event) claims.push_back(claim);
    }
    return Result<std::vector<SeatClaim>>{std::move(claims)};
  }

  // An order for a seat pinned in that epoch; false: pin_outdated, or another order has the seat.
  bool place(const SeatClaim& claim, std::uint32_t pinned_epoch) {
    const std::lock_guard lock(mutex_);
    if (pinned_epoch < epochs_[claim.event]) return false;
    return claims_.try_emplace({claim.event, claim.seat}, claim).second;
  }
  std::optional<SeatClaim> claim_of(EventId event, SeatId seat) {
    const std::lock_guard lock(mutex_);
    const auto found = claims_.find({event, seat});
    if (found == claims_.end()) return std::nullopt;
    return found->second;
  }
  void claim(const SeatClaim& claim) {
    const std::lock_guard lock(mutex_);
    claims_[{claim.event, claim.seat}] = claim;
  }
  void give_up(EventId event, SeatId seat) {
    const std::lock_guard lock(mutex_);
    claims_.erase({event, seat});
  }

 private:
  std::mutex mutex_;
  std::map<EventId, std::uint32_t> epochs_;
  std::map<std::pair<EventId, SeatId>, SeatClaim> claims_;
};

}  // namespace onsale
