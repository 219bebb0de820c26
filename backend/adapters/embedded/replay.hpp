// EmbeddedLedger::Replay: the ledger as its journal sees it: what to rebuild at a start, what to
// write into a snapshot.
#pragma once

#include "adapters/embedded/journal.hpp"
#include "adapters/embedded/seat_ledger.hpp"

namespace onsale {

class EmbeddedLedger::Replay final : public JournalledState {
 public:
  explicit Replay(EmbeddedLedger& ledger) : ledger_(ledger) {}

  bool replay_opened(const journal::Opened& opened) override;
  bool replay_seat(EventId event, std::uint32_t index, const seat::State& state) override;
  void replay_done(EventId event, Version version) override;
  void dump(const std::function<void(std::string_view payload)>& write) override;

 private:
  // Seats copied under one holding of a lock: some 20 µs.
  static constexpr std::uint32_t kSliceSeats = 1024;

  EmbeddedLedger& ledger_;
};

}  // namespace onsale
