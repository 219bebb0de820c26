// The two writes of every sale: an order placed, an order advanced.
#pragma once

#include <string>
#include <vector>

#include "adapters/mysql/rows.hpp"
#include "adapters/mysql/writers.hpp"
#include "ports/order_store.hpp"
#include "runtime/completion.hpp"

namespace onsale::mysql {

class PlaceCommand final : public Command {
 public:
  PlaceCommand(PlaceOrder placing, Driver driver);
  [[nodiscard]] Turn turn() const override;
  Step write(Connection& connection, Batch& batch) override;
  bool settled(Connection& connection) override;
  [[nodiscard]] bool adds_messages() const override { return !placing_.messages.empty(); }
  void finish(End end) override { done.complete(end); }
  [[nodiscard]] PlaceOutcome outcome() const { return outcome_; }
  Completion<End> done;

 private:
  const PlaceOrder placing_;
  const Driver driver_;
  const std::string packed_;
  const std::vector<std::string> packed_messages_;
  PlaceOutcome outcome_ = PlaceOutcome::placed;
};

class AdvanceCommand final : public Command {
 public:
  AdvanceCommand(AdvanceOrder advancing, Driver driver);
  [[nodiscard]] Turn turn() const override;
  Step write(Connection& connection, Batch& batch) override;
  [[nodiscard]] bool adds_messages() const override { return !advancing_.messages.empty(); }
  void finish(End end) override { done.complete(end); }
  [[nodiscard]] AdvanceOutcome outcome() const { return outcome_; }
  Completion<End> done;

 private:
  void drop_claims(Connection& connection) const;

  const AdvanceOrder advancing_;
  const Driver driver_;
  const std::string tickets_;
  const std::vector<std::string> packed_messages_;
  AdvanceOutcome outcome_ = AdvanceOutcome::conflict;
};

}  // namespace onsale::mysql
