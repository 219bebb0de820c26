// The suite of a store that several nodes share, over the plainest one there can be: maps behind one
// lock, a node a pair of hands on them. And the same made wrong on purpose, in the ways that nodes
// can be wrong about each other: each must fail the case that is there for its mistake. The real one
// is in tests/engines.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/memory/orders.hpp"
#include "tests/conformance/shared_store_conformance.hpp"
#include "tests/support/forwarding_ports.hpp"
#include "tests/support/run_task.hpp"

namespace onsale::conformance {
namespace {

enum class Mistake : std::uint8_t {
  none,
  leases_whatever_is_asked,
  lease_not_taken_by_an_advance,
  renews_what_is_anothers,
  releases_what_is_anothers,
  takes_over_what_is_driven,
  takes_over_without_leasing,
  no_fence,
  confirms_what_was_sold_before,
  fence_asked_before_the_transaction,
  epochs_of_its_own,
  relay_does_not_wait_for_the_other,
  nobody_takes_over,
};

// What the database would keep.
struct Shared {
  std::mutex mutex;
  MemoryOrders orders;
  std::int64_t now = 0;
  struct Lease {
    int node = 0;
    std::int64_t until = 0;
  };
  std::map<OrderId, Lease> leases;
  std::map<EventId, std::uint32_t> epochs;
  std::map<MessageId, int> relay_of;
  std::map<int, std::int64_t> relays;  // a sign of life is good until then
};

constexpr std::int64_t kLease = 1000;

class MemoryNode final : public ForwardingOrders,
                         public Outbox,
                         public OrderLeases,
                         public LedgerProof {
 public:
  MemoryNode(Shared& shared, int node, Mistake mistake)
      : ForwardingOrders(shared.orders), shared_(shared), node_(node), mistake_(mistake) {}

  Task<Result<PlaceOutcome>> place(PlaceOrder command) override {
    if (mistake_ == Mistake::fence_asked_before_the_transaction) {
      {
        const std::lock_guard lock(shared_.mutex);
        if (outdated(command)) return Result(PlaceOutcome::pin_outdated);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{3});
    }
    const std::lock_guard lock(shared_.mutex);
    if (mistake_ != Mistake::fence_asked_before_the_transaction && mistake_ != Mistake::no_fence &&
        outdated(command)) {
      return Result(PlaceOutcome::pin_outdated);
    }
    const OrderId id = command.order.id;
    const std::vector<Message> messages = command.messages;
    auto outcome = run_task(shared_.orders.place(std::move(command)));
    if (outcome.value() == PlaceOutcome::placed) wrote(id, messages);
    return outcome;
  }
  Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) override {
    const std::lock_guard lock(shared_.mutex);
    const bool outdated =
        command.sold_epoch != 0 && shared_.epochs[command.event] > command.sold_epoch;
    if (outdated && mistake_ != Mistake::confirms_what_was_sold_before) {
      return Result(AdvanceOutcome::conflict);
    }
    const OrderId id = command.id;
    const std::vector<Message> messages = command.messages;
    const auto before = shared_.leases[id];
    auto outcome = run_task(shared_.orders.advance(std::move(command)));
    if (outcome.value() == AdvanceOutcome::advanced) wrote(id, messages);
    if (mistake_ == Mistake::lease_not_taken_by_an_advance) shared_.leases[id] = before;
    return outcome;
  }

  Task<Result<std::vector<Order>>> cancel_all(EventId event, Instant at) override {
    const std::lock_guard lock(shared_.mutex);
    const auto open = run_task(shared_.orders.open_orders({}, 1'000'000)).value();
    auto cancelled = run_task(shared_.orders.cancel_all(event, at));
    for (const Order& order : cancelled.value()) {
      const auto same = [&order](const Order& other) { return other.id == order.id; };
      if (std::none_of(open.begin(), open.end(), same)) shared_.leases[order.id] = {};
    }
    return cancelled;
  }

  Task<Result<std::vector<Message>>> pending(std::size_t max) override {
    const std::lock_guard lock(shared_.mutex);
    shared_.relays[node_] = shared_.now + kLease;
    const auto all = run_task(shared_.orders.pending(1'000'000)).value();
    std::vector<Message> ours;
    std::vector<OrderId> others;
    for (const Message& message : all) {
      int& relay = shared_.relay_of[message.id];
      if (mistake_ != Mistake::nobody_takes_over && shared_.relays[relay] <= shared_.now) {
        relay = node_;
      }
      const bool waits = std::find(others.begin(), others.end(), message.order) != others.end() &&
                         mistake_ != Mistake::relay_does_not_wait_for_the_other;
      if (relay != node_) others.push_back(message.order);
      if (relay == node_ && !waits && ours.size() < max) ours.push_back(message);
    }
    return Result(std::move(ours));
  }
  Task<Status> mark_sent(std::vector<MessageId> ids) override {
    return shared_.orders.mark_sent(std::move(ids));
  }
  Task<Result<OutboxBacklog>> backlog() override { return shared_.orders.backlog(); }
  void on_commit(std::function<void()> wake) override { shared_.orders.on_commit(std::move(wake)); }

  Task<Result<std::vector<OrderId>>> acquire(std::vector<OrderId> orders) override {
    const std::lock_guard lock(shared_.mutex);
    std::vector<OrderId> ours;
    for (const OrderId id : orders) {
      const auto found = shared_.leases.find(id);
      if (found == shared_.leases.end()) continue;
      const bool free = found->second.until <= shared_.now || found->second.node == node_;
      if (!free && mistake_ != Mistake::leases_whatever_is_asked) continue;
      found->second = {node_, shared_.now + kLease};
      ours.push_back(id);
    }
    return Result(std::move(ours));
  }
  Task<Status> renew(std::vector<OrderId> orders) override {
    const std::lock_guard lock(shared_.mutex);
    for (const OrderId id : orders) {
      Shared::Lease& lease = shared_.leases[id];
      if (lease.node != node_ && mistake_ != Mistake::renews_what_is_anothers) continue;
      lease = {node_, shared_.now + kLease};
    }
    return ok();
  }

  Task<Result<std::vector<Order>>> take_over(std::optional<OrderId> after,
                                             std::size_t max) override {
    const std::lock_guard lock(shared_.mutex);
    std::vector<Order> ours;
    auto open = run_task(shared_.orders.open_orders(after, 1'000'000));
    for (Order& order : open.value()) {
      Shared::Lease& lease = shared_.leases[order.id];
      const bool driven =
          lease.until > shared_.now && mistake_ != Mistake::takes_over_what_is_driven;
      if (driven || ours.size() == max) continue;
      if (mistake_ != Mistake::takes_over_without_leasing) lease = {node_, shared_.now + kLease};
      ours.push_back(std::move(order));
    }
    return Result(std::move(ours));
  }
  Task<Status> release(std::vector<OrderId> orders) override {
    const std::lock_guard lock(shared_.mutex);
    for (const OrderId id : orders) {
      Shared::Lease& lease = shared_.leases[id];
      if (lease.node != node_ && mistake_ != Mistake::releases_what_is_anothers) continue;
      lease.until = shared_.now;
    }
    return ok();
  }

  Task<Result<std::uint32_t>> begin_epoch(EventId event, std::uint32_t at_least) override {
    const std::lock_guard lock(shared_.mutex);
    std::uint32_t& epoch =
        mistake_ == Mistake::epochs_of_its_own ? own_epochs_[event] : shared_.epochs[event];
    epoch = std::max(epoch, at_least) + 1;
    return Result(epoch);
  }
  Task<Result<std::vector<SeatClaim>>> claims_of(EventId event) override {
    const std::lock_guard lock(shared_.mutex);
    auto claims = run_task(shared_.orders.claims());
    std::erase_if(claims.value(), [event](const SeatClaim& claim) { return claim.event != event; });
    return claims;
  }

 private:
  bool outdated(const PlaceOrder& command) {
    return command.pinned_epoch != 0 && shared_.epochs[command.order.event] > command.pinned_epoch;
  }
  void wrote(OrderId id, const std::vector<Message>& messages) {
    shared_.leases[id] = {node_, shared_.now + kLease};
    for (const Message& message : messages) shared_.relay_of[message.id] = node_;
  }

  Shared& shared_;
  const int node_;
  const Mistake mistake_;
  std::map<EventId, std::uint32_t> own_epochs_;
};

void run_over_memory(const SharedStoreCase& test, Mistake mistake) {
  Shared shared;
  MemoryNode first(shared, 1, mistake);
  MemoryNode second(shared, 2, mistake);
  StoreNode one{first, first, first, first};
  StoreNode two{second, second, second, second};
  SharedStoreUnderTest under{one, two, [&shared] {
                               const std::lock_guard lock(shared.mutex);
                               shared.now += 2 * kLease;
                             }};
  test.run(under);
}

class SharedStoreConformance : public testing::TestWithParam<SharedStoreCase> {};
TEST_P(SharedStoreConformance, Holds) { run_over_memory(GetParam(), Mistake::none); }
INSTANTIATE_TEST_SUITE_P(Memory, SharedStoreConformance, testing::ValuesIn(shared_store_cases()),
                         [](const auto& about) { return about.param.name; });

struct Planted {
  Mistake mistake;
  const char* caught_by;
};
class SharedStoreMistakes : public testing::TestWithParam<Planted> {};
TEST_P(SharedStoreMistakes, AreCaught) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &failures);
    for (const SharedStoreCase& one : shared_store_cases()) {
      if (one.name == std::string(GetParam().caught_by)) run_over_memory(one, GetParam().mistake);
    }
  }
  EXPECT_GT(failures.size(), 0) << "not noticed by " << GetParam().caught_by;
}
constexpr Planted kPlanted[] = {
    {Mistake::leases_whatever_is_asked, "OfTwoWhoAskAtOnceOneGetsAnOrder"},
    {Mistake::lease_not_taken_by_an_advance, "AnAdvanceTakesTheLeaseAlong"},
    {Mistake::renews_what_is_anothers, "ARenewedLeaseDoesNotLapse"},
    {Mistake::releases_what_is_anothers, "WhatIsReleasedIsAnybodys"},
    {Mistake::takes_over_what_is_driven, "AResetLeavesAConfirmedOrderToAnybody"},
    {Mistake::takes_over_without_leasing, "ADeadNodesOrdersAreFound"},
    {Mistake::no_fence, "APinOfAnEarlierEpochIsOutdated"},
    {Mistake::fence_asked_before_the_transaction, "NoOrderSlipsPastANewEpoch"},
    {Mistake::epochs_of_its_own, "EpochsOnlyGrow"},
    {Mistake::confirms_what_was_sold_before, "ASaleOfAnEarlierEpochConfirmsNothing"},
    {Mistake::relay_does_not_wait_for_the_other, "AnOrdersSequenceIsKeptOverBothRelays"},
    {Mistake::nobody_takes_over, "ADeadRelaysMessagesAreSentByTheOther"},
};
INSTANTIATE_TEST_SUITE_P(Planted, SharedStoreMistakes, testing::ValuesIn(kPlanted),
                         [](const auto& about) { return std::string(about.param.caught_by); });

}  // namespace
}  // namespace onsale::conformance
