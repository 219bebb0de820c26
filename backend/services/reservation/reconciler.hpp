// Reconciler: holds the seats against the orders while the office is on sale, and sets right what no
// other way sets right any more: the effect of an event that was consumed and then lost with a
// ledger's tail, a record nobody brings again, a seat that somebody changed by hand.
//
// The orders are the proof, so the orders decide:
//   CONFIRMED               its seats are SOLD to it, whoever has them
//   CREATED, AUTHORISED     its seats are PINNED to it, if they are free and its time is not over;
//                           otherwise the saga finds them lost, and nobody's hold is taken away
//   CANCELLING              the saga is at it: left alone
//   CANCELLED, or no order  a seat SOLD to it is given back; PINNED too, if the order was cancelled (of
//                           an order that is not there yet the pin ends by itself)
//
// Orders and seats are two stores, so one look proves nothing: what looks wrong is looked at again
// after `settle`, each order and seat by itself, and changed only if the seat still is what was seen
// then. Repairs may be repeated and done by several nodes. Every repair is told, because each is the
// trace of a fault. Runs on the loop that called start().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "ports/clock.hpp"
#include "ports/ledger_proof.hpp"
#include "ports/order_store.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_repairs.hpp"
#include "runtime/scheduler.hpp"
#include "runtime/task.hpp"

namespace onsale {

enum class Repair : std::uint8_t { sold_again, pinned_again, given_back };
inline constexpr std::size_t kRepairs = 3;
std::string_view name_of(Repair repair);  // "sold_again" …

struct RepairedSeat {
  Repair repair{};
  EventId event;
  SeatId seat;
  OrderId order;
};

struct ReconcilerPolicy {
  Milliseconds every{60'000};         // from the end of a round to the next
  Milliseconds settle{10'000};        // longer than an order takes from its pin to its row
  Milliseconds pin_margin{10'000};    // OrderPolicy::pin_margin
  std::uint32_t seats_at_once = 256;  // of a look
  std::size_t suspects_max = 4096;    // of a round; the rest is the next one's
};

struct ReconcilerPorts {
  OrderStore& orders;
  LedgerProof& proof;
  SeatLedger& ledger;
  SeatRepairs& seats;
  const Clock& clock;
};

struct ReconcilerStats {
  std::atomic<std::uint64_t> rounds{0};
  std::atomic<std::uint64_t> suspects{0};
  std::atomic<std::uint64_t> repaired[kRepairs]{};
};

class Reconciler {
 public:
  using Events = std::function<std::vector<EventId>()>;  // what is on offer now
  using Tell = std::function<void(const RepairedSeat&)>;

  Reconciler(ReconcilerPorts ports, ReconcilerPolicy policy, Events events, Tell tell);

  void start();
  void stop();
  [[nodiscard]] bool idle() const { return group_.running() == 0; }
  // One round, as start() has it done again and again.
  Task<void> reconcile();

  [[nodiscard]] const ReconcilerStats& stats() const { return stats_; }

 private:
  struct Suspect {
    EventId event;
    std::uint32_t index = 0;
    OrderId order;
  };

  Task<void> reconcile_until_stopped();
  Task<Status> look_at(EventId event, std::vector<Suspect>& suspects);
  Task<void> judge(Suspect suspect);
  Task<void> judge_live(const Suspect& suspect, const Order& order, const SeatRecord& seat);
  Task<void> give_back(const Suspect& suspect, const SeatRecord& seat);
  Task<bool> correct(const Suspect& suspect, const SeatRecord& seat, seat::State right);
  void repaired(Repair repair, const Suspect& suspect, SeatId seat);
  Task<void> sleep_unless_stopped(Milliseconds delay);

  ReconcilerPorts ports_;
  ReconcilerPolicy policy_;
  Events events_;
  Tell tell_;
  ReconcilerStats stats_;
  std::atomic<bool> stopped_{false};
  TaskGroup group_;
};

}  // namespace onsale
