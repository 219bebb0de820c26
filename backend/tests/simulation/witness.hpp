// Witness: stands outside the office, hears everything that was promised to buyers and everything
// that became durable, and says when two of those cannot both be true. It never looks into the
// office to find out what should be; only buyers' answers, commits and the provider's book count.
//
//   I1 ≤ 1 CONFIRMED order a seat          I2 captured ⇔ CONFIRMED, else voided or refunded
//   I3 acknowledged orders survive         I4 SOLD ⇔ exactly one order
//   I5 one key, one order, same bytes      I6 one holder at a time
//   I7 only the owner acts                 I8 never too soon, free ≤ 1 s after, no false refusal
//   I9 each message once, in order         I10 viewers see the truth
//   I11 the counts add up                  I12 every order at its end ≤ 10 s after the faults stop
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/order_store.hpp"
#include "ports/outbox.hpp"
#include "ports/payment_gateway.hpp"
#include "ports/provider_ledger.hpp"
#include "ports/seat_feed.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "tests/simulation/dice.hpp"

namespace onsale::simulation {

// What is the same for every office of a run.
struct Rules {
  std::uint32_t seats_per_buyer_max = 4;
  Milliseconds pin_margin{10'000};
  Milliseconds life_max{60'000};
};

struct Counters {
  std::uint64_t holds = 0, refusals = 0, extends = 0, releases = 0, orders = 0, replays = 0;
  std::uint64_t confirmed = 0, cancelled = 0, crashes = 0, restarts = 0, calms = 0, messages = 0;
  std::uint64_t resets = 0, holds_kept = 0;
};

class Witness {
 public:
  explicit Witness(Rules rules) : rules_(rules) {}

  // --- what buyers were told (the seats' ledger answers within the call, so `now` is exact)
  void hold_granted(BuyerId buyer, EventId event, const SeatIds& seats, Milliseconds wanted,
                    const HoldGranted& granted, Instant now);
  void hold_refused(BuyerId buyer, EventId event, const SeatIds& seats, const Refused& refused,
                    Instant now);
  void extended(BuyerId buyer, SeatId seat, Instant until, Instant now);
  void extend_refused(BuyerId buyer, SeatId seat, Code code, Instant now);
  void released(BuyerId buyer, SeatId seat, Instant now);
  void release_refused(BuyerId buyer, SeatId seat, Code code, Instant now);
  void holds_listed(BuyerId buyer, EventId event, const BuyerHolds& listed, Instant now);

  // An order call: between its start and its answer the seats may be pinned.
  struct OrderCall {
    BuyerId buyer;
    EventId event;
    SeatIds seats;
    std::string key;
    std::string body_hash;
    Instant started;
    bool had_all_seats = false;  // live holds of the buyer on all of them at the start
    SeatIds not_had;             // those the buyer neither held nor had an order for
  };
  OrderCall order_begins(BuyerId buyer, EventId event, const SeatIds& seats, const std::string& key,
                         const std::string& body_hash, Instant now);
  void order_placed(const OrderCall& call, const StoredAnswer& answer, bool replayed, Instant now);
  void order_refused(const OrderCall& call, const Refused& refused, Instant now);
  // Is an order call on its way?
  [[nodiscard]] bool ordering() const;
  void order_read(OrderId id, const Result<Order>& answer);

  // --- what became durable
  void committed(const PlaceOrder& placed);
  void committed(const AdvanceOrder& advanced);
  void committed_reset(EventId event, const std::vector<Order>& cancelled);
  void captured(const PaymentAttempt& attempt, const std::vector<SeatRecord>& records);
  void delivered(const Message& message, bool first);

  // --- crashes
  // Everything appended to the journal so far is on the disk.
  void journal_flushed() { flushed_ = happened_; }
  // The office has ended; with `damaged` even flushed holds may be gone, detected.
  void office_ended(bool damaged);
  // It is back: `records` of every event, before the first request.
  void office_back(EventId event, const std::vector<SeatRecord>& records, Instant now);

  // --- looks at the whole
  void look(EventId event, const std::vector<SeatRecord>& records, const SeatCounts& counts,
            Instant now);
  // Faults have stopped for long enough.
  void calm(EventId event, const std::vector<SeatRecord>& records);
  void calm_orders(OrderStore& store, std::size_t unsent, ProviderLedger& book);
  void viewer_saw(EventId event, bool consecutive, bool equal);

  void fail(const std::string& what, Instant now = {});
  // With ONSALE_SIM_SEAT=<id>, every promise about that seat is written to standard error.
  void watch(SeatId seat) { watched_ = seat; }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] bool clean() const { return violations_.empty(); }
  Counters counters;
  Trace trace;

  // An acknowledged order of a buyer, for asking again.
  struct Acknowledged {
    BuyerId buyer;
    EventId event;
    SeatIds seats;
    std::string key, body_hash, body;
    bool seen_confirmed = false;
  };
  [[nodiscard]] const std::map<OrderId, Acknowledged>& acknowledged() const { return acked_; }
  [[nodiscard]] std::optional<OrderId> order_of_key(BuyerId buyer, const std::string& key) const;

 private:
  struct Promise {
    BuyerId buyer;
    Instant until;
    std::uint64_t number = 0;  // among all that happened, for "was it flushed"
    bool firm = true;  // false: known from the ledger itself after a crash, not from an answer
  };
  struct Durable {
    Order order;
    std::vector<std::pair<MessageId, MessageType>> messages;
    std::size_t delivered = 0;
    bool reset = false;
  };

  [[nodiscard]] const Promise* live(SeatId seat, Instant now) const;
  // The order that has the seat for good reason now: open and pinned in time, or CONFIRMED.
  [[nodiscard]] const Order* owner(SeatId seat, Instant now) const;
  [[nodiscard]] bool explained_held(SeatId seat, BuyerId asking, Instant now) const;
  [[nodiscard]] std::uint32_t seats_of(BuyerId buyer, EventId event, Instant now) const;

  void note(SeatId seat, const std::string& what, Instant now) const;

  const Rules rules_;
  SeatId watched_;
  std::vector<std::string> violations_;
  std::uint64_t happened_ = 0;
  std::uint64_t flushed_ = 0;
  bool damaged_ = false;
  std::map<SeatId, Promise> promises_;
  std::map<SeatId, EventId> event_of_;
  std::map<SeatId, std::uint32_t> being_ordered_;
  std::map<SeatId, std::pair<BuyerId, Instant>> last_grant_;
  std::map<OrderId, Durable> orders_;
  std::map<SeatId, std::set<OrderId>> claims_;  // of live orders, CANCELLING ones too
  std::map<OrderId, Acknowledged> acked_;
  std::map<std::pair<BuyerId, std::string>, OrderId> keys_;
};

}  // namespace onsale::simulation
