// One simulated buyer, from arrival to goodbye: looks, chooses among what looks free, holds, thinks,
// perhaps extends or walks away, orders, waits for the end. Everything that is acknowledged on the
// way goes into the history.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "rehearsal/office_client.hpp"
#include "rehearsal/script.hpp"
#include "rehearsal/stage.hpp"

namespace onsale::rehearsal {

class Buyer {
 public:
  // `determined`: never walks away (those who come last, to sell the house out).
  Buyer(Stage& stage, std::uint32_t number, Nanos arrival, bool determined);
  Buyer(const Buyer&) = delete;
  Buyer& operator=(const Buyer&) = delete;

  void begin();
  [[nodiscard]] bool is_gone() const { return gone_; }

  // After everything: asks once more for each acknowledged order, and for the list of all of them.
  // Orders that exist though their acknowledgement was lost are entered into the history.
  void begin_review();
  [[nodiscard]] bool has_something_to_review() const;
  [[nodiscard]] bool is_reviewed() const { return reviewed_; }

 private:
  enum class End : std::uint8_t { confirmed, cancelled, lapsed, unknown };

  Script<> visit();
  Script<bool> look(Nanos intended);
  Script<std::optional<std::uint32_t>> hold_some();
  Script<std::optional<std::uint32_t>> learn_hold(std::uint32_t hold);
  Script<> extend(std::uint32_t hold);
  Script<> release(std::uint32_t hold);
  Script<End> order(std::uint32_t hold, Nanos intended);
  Script<> replay(std::uint32_t order, Request request, std::string first_body);
  Script<End> follow_order(std::uint32_t order);
  Script<> review();

  std::uint32_t note_grant(std::vector<std::uint32_t> seats, const Answer& answer);
  void note_refusal(const std::vector<std::uint32_t>& asked, const Answer& answer);
  void note_order(std::uint32_t order, const OrderBody& body, Nanos at);
  std::uint32_t add_order(std::uint32_t hold, const OrderBody& body, const Answer& answer);
  void leave(std::string_view how);
  [[nodiscard]] std::vector<std::uint32_t> choose();
  [[nodiscard]] const Board& board() const;
  [[nodiscard]] bool chance(double share);
  [[nodiscard]] Nanos think(double ms_mean);
  [[nodiscard]] std::string random_key();
  [[nodiscard]] std::string seats_json(const std::vector<std::uint32_t>& seats) const;

  Stage& stage_;
  const Behaviour& wishes_;
  const std::uint32_t number_;
  const Nanos arrival_;
  const bool determined_;
  std::mt19937_64 random_;
  std::uint32_t seats_wanted_ = 1;
  Board board_;
  std::unique_ptr<Viewer> viewer_;  // only of those who follow the stream
  OfficeClient office_;
  std::vector<std::uint32_t> orders_;  // mine, in History::orders
  std::uint64_t orders_unknown_ = 0;
  bool gone_ = false;
  bool reviewed_ = false;
  Script<> script_;
};

}  // namespace onsale::rehearsal
