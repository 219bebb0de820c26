// What every store that several nodes share keeps to.
#include "tests/conformance/shared_store_conformance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ports/clock.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale::conformance {
namespace {

constexpr Instant kStart = instant_of_ms(1'800'000'000'000);
constexpr EventId kHall{7};

Message message(std::uint64_t n, const Order& order, MessageType type) {
  Message message;
  message.id = MessageId{uuid_v7(kStart, {n, n})};
  message.type = type;
  message.order = order.id;
  message.event = order.event;
  message.seats = order.seats;
  message.buyer = order.buyer;
  message.currency = "KRW";
  message.at = kStart;
  return message;
}

PlaceOrder placing(std::uint64_t n, std::uint32_t pinned_epoch = 0) {
  PlaceOrder command;
  Order& order = command.order;
  order.created_at = order.updated_at = kStart + Milliseconds{static_cast<std::int64_t>(n)};
  order.id = OrderId{uuid_v7(order.created_at, {n, n})};
  order.buyer = BuyerId{{0xB0, n}};
  order.event = kHall;
  order.seats = {SeatId{n}};
  order.currency = "KRW";
  order.pay_by = kStart + Milliseconds{30'000};
  command.pinned_epoch = pinned_epoch;
  command.scope = {order.buyer, "POST /orders", "k"};
  command.answer = {"hash", 201, "/orders", "{}", kStart};
  command.messages = {message(10 * n, order, MessageType::order_created)};
  return command;
}

Result<PlaceOutcome> place(StoreNode& node, const PlaceOrder& command) {
  return wait_for(node.orders.place(command));
}

AdvanceOrder advancing(const Order& order, order::Status to) {
  AdvanceOrder command;
  command.id = order.id;
  command.expected_version = order.version;
  command.to = to;
  command.at = kStart;
  return command;
}

std::vector<OrderId> acquire(StoreNode& node, std::vector<OrderId> ids) {
  std::vector<OrderId> got = wait_for(node.leases.acquire(std::move(ids))).value();
  std::sort(got.begin(), got.end());
  return got;
}

std::vector<OrderId> take_over(StoreNode& node, std::optional<OrderId> after, std::size_t max) {
  std::vector<OrderId> ids;
  const auto taken = wait_for(node.leases.take_over(after, max)).value();
  for (const Order& order : taken) ids.push_back(order.id);
  return ids;
}

std::uint32_t begin_epoch(StoreNode& node, std::uint32_t at_least) {
  return wait_for(node.proof.begin_epoch(kHall, at_least)).value();
}

// Leases.

void an_order_placed_here_is_driven_here(SharedStoreUnderTest& under) {
  const PlaceOrder command = placing(1);
  ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
  EXPECT_TRUE(acquire(under.two, {command.order.id}).empty());
  EXPECT_EQ(acquire(under.one, {command.order.id}), std::vector{command.order.id});
}

void a_lapsed_lease_is_anybodys(SharedStoreUnderTest& under) {
  const PlaceOrder command = placing(1);
  ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
  under.lapse();
  EXPECT_EQ(acquire(under.two, {command.order.id}), std::vector{command.order.id});
  EXPECT_TRUE(acquire(under.one, {command.order.id}).empty());
}

void an_advance_takes_the_lease_along(SharedStoreUnderTest& under) {
  const PlaceOrder command = placing(1);
  ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
  under.lapse();
  const auto advanced =
      wait_for(under.one.orders.advance(advancing(command.order, order::Status::authorised)));
  ASSERT_EQ(advanced.value(), AdvanceOutcome::advanced);
  EXPECT_TRUE(acquire(under.two, {command.order.id}).empty());
}

void a_renewed_lease_does_not_lapse(SharedStoreUnderTest& under) {
  const PlaceOrder command = placing(1);
  const PlaceOrder other = placing(2);
  ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
  ASSERT_EQ(place(under.one, other).value(), PlaceOutcome::placed);
  under.lapse();
  ASSERT_TRUE(wait_for(under.one.leases.renew({command.order.id})));
  EXPECT_EQ(acquire(under.two, {command.order.id, other.order.id}), std::vector{other.order.id});
  // What went to another is not renewed away from it.
  ASSERT_TRUE(wait_for(under.one.leases.renew({other.order.id})));
  EXPECT_EQ(acquire(under.two, {other.order.id}), std::vector{other.order.id});
}

void an_unknown_order_is_nobodys(SharedStoreUnderTest& under) {
  EXPECT_TRUE(acquire(under.one, {OrderId{{1, 2}}}).empty());
  EXPECT_TRUE(acquire(under.one, {}).empty());
}

void of_two_who_ask_at_once_one_gets_an_order(SharedStoreUnderTest& under) {
  constexpr std::uint64_t kOrders = 150;
  std::vector<OrderId> ids;
  for (std::uint64_t n = 1; n <= kOrders; ++n) {
    const PlaceOrder command = placing(n);
    ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
    ids.push_back(command.order.id);
  }
  for (int round = 0; round < 3; ++round) {
    under.lapse();
    std::vector<OrderId> ones;
    std::vector<OrderId> twos;
    std::vector<OrderId> backwards(ids.rbegin(), ids.rend());
    std::thread first([&] { ones = acquire(under.one, ids); });
    std::thread second([&] { twos = acquire(under.two, backwards); });
    first.join();
    second.join();
    std::vector<OrderId> both = ones;
    both.insert(both.end(), twos.begin(), twos.end());
    std::sort(both.begin(), both.end());
    EXPECT_EQ(both, ids);  // each once, none left
  }
}

void a_dead_nodes_orders_are_found(SharedStoreUnderTest& under) {
  std::vector<OrderId> ids;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const PlaceOrder command = placing(n);
    ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
    ids.push_back(command.order.id);
  }
  EXPECT_TRUE(take_over(under.two, std::nullopt, 10).empty());  // they are driven
  under.lapse();
  const PlaceOrder young = placing(6);
  ASSERT_EQ(place(under.one, young).value(), PlaceOutcome::placed);
  EXPECT_EQ(take_over(under.two, std::nullopt, 2), std::vector({ids[0], ids[1]}));
  EXPECT_EQ(take_over(under.two, ids[1], 10), std::vector({ids[2], ids[3], ids[4]}));
  EXPECT_TRUE(take_over(under.one, std::nullopt, 10).empty());
  EXPECT_TRUE(take_over(under.two, std::nullopt, 10).empty());
}

void what_is_at_its_end_is_not_taken_over(SharedStoreUnderTest& under) {
  PlaceOrder command = placing(1);
  ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
  for (const auto to : {order::Status::cancelling, order::Status::cancelled}) {
    const auto advanced = wait_for(under.one.orders.advance(advancing(command.order, to)));
    ASSERT_EQ(advanced.value(), AdvanceOutcome::advanced);
    ++command.order.version;
  }
  under.lapse();
  EXPECT_TRUE(take_over(under.two, std::nullopt, 10).empty());
}

void a_reset_leaves_a_confirmed_order_to_anybody(SharedStoreUnderTest& under) {
  PlaceOrder command = placing(1);
  const PlaceOrder driven = placing(2);
  ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
  ASSERT_EQ(place(under.one, driven).value(), PlaceOutcome::placed);
  for (const auto to : {order::Status::authorised, order::Status::confirmed}) {
    const auto advanced = wait_for(under.one.orders.advance(advancing(command.order, to)));
    ASSERT_EQ(advanced.value(), AdvanceOutcome::advanced);
    ++command.order.version;
  }
  ASSERT_EQ(wait_for(under.two.orders.cancel_all(kHall, kStart)).value().size(), 2U);
  EXPECT_EQ(take_over(under.two, std::nullopt, 10), std::vector{command.order.id});
}

void what_is_released_is_anybodys(SharedStoreUnderTest& under) {
  const PlaceOrder command = placing(1);
  ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
  ASSERT_TRUE(wait_for(under.two.leases.release({command.order.id})));  // not its own
  EXPECT_TRUE(acquire(under.two, {command.order.id}).empty());
  ASSERT_TRUE(wait_for(under.one.leases.release({command.order.id})));
  EXPECT_EQ(take_over(under.two, std::nullopt, 10), std::vector{command.order.id});
}

// Epochs.

void epochs_only_grow(SharedStoreUnderTest& under) {
  const std::uint32_t first = begin_epoch(under.one, 0);
  EXPECT_GT(first, 0U);
  EXPECT_GT(begin_epoch(under.two, 0), first);
  const std::uint32_t above = begin_epoch(under.one, 40);
  EXPECT_GT(above, 40U);
  EXPECT_GT(begin_epoch(under.two, 3), above);
}

void a_pin_of_an_earlier_epoch_is_outdated(SharedStoreUnderTest& under) {
  const std::uint32_t first = begin_epoch(under.one, 0);
  EXPECT_EQ(place(under.two, placing(1, first)).value(), PlaceOutcome::placed);
  const std::uint32_t second = begin_epoch(under.one, first);
  const PlaceOrder late = placing(2, first);
  EXPECT_EQ(place(under.two, late).value(), PlaceOutcome::pin_outdated);
  // Nothing of it is left.
  EXPECT_FALSE(wait_for(under.two.orders.find(late.order.id)));
  EXPECT_FALSE(wait_for(under.two.orders.find_answer(late.scope)).value());
  EXPECT_EQ(place(under.two, placing(2, second)).value(), PlaceOutcome::placed);
  EXPECT_EQ(place(under.one, placing(3, second + 5)).value(), PlaceOutcome::placed);
}

// Sold in a ledger that has lost its memory since: who rebuilt it may have read an order that was not
// CONFIRMED yet, so it must not become CONFIRMED before it has been sold again.
void a_sale_of_an_earlier_epoch_confirms_nothing(SharedStoreUnderTest& under) {
  const std::uint32_t first = begin_epoch(under.one, 0);
  const PlaceOrder order = placing(1, first);
  EXPECT_EQ(place(under.one, order).value(), PlaceOutcome::placed);
  AdvanceOrder advance;
  advance.id = order.order.id;
  advance.expected_version = 1;
  advance.to = order::Status::authorised;
  EXPECT_EQ(wait_for(under.one.orders.advance(advance)).value(), AdvanceOutcome::advanced);
  const std::uint32_t second = begin_epoch(under.two, first);
  advance.expected_version = 2;
  advance.to = order::Status::confirmed;
  advance.event = order.order.event;
  advance.sold_epoch = first;
  EXPECT_EQ(wait_for(under.one.orders.advance(advance)).value(), AdvanceOutcome::conflict);
  EXPECT_EQ(wait_for(under.two.orders.find(order.order.id)).value().version, 2U);
  advance.sold_epoch = second;
  EXPECT_EQ(wait_for(under.one.orders.advance(advance)).value(), AdvanceOutcome::advanced);
}

void another_event_keeps_its_epoch(SharedStoreUnderTest& under) {
  begin_epoch(under.one, 9);
  PlaceOrder elsewhere = placing(1, 1);
  elsewhere.order.event = EventId{8};
  EXPECT_EQ(place(under.one, elsewhere).value(), PlaceOutcome::placed);
}

void without_an_epoch_nothing_is_fenced(SharedStoreUnderTest& under) {
  EXPECT_EQ(place(under.one, placing(1, 1)).value(), PlaceOutcome::placed);
  begin_epoch(under.one, 9);
  EXPECT_EQ(place(under.one, placing(2, 0)).value(), PlaceOutcome::placed);
}

// Whatever place() was let in under an earlier epoch is among the claims asked after begin_epoch().
void no_order_slips_past_a_new_epoch(SharedStoreUnderTest& under) {
  std::atomic<std::uint32_t> epoch{begin_epoch(under.one, 0)};
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> next{0};
  std::mutex mutex;
  std::vector<std::pair<SeatId, std::uint32_t>> placed;  // and the epoch it was pinned in
  std::vector<std::thread> callers;
  for (StoreNode* node : {&under.one, &under.two, &under.one, &under.two}) {
    callers.emplace_back([&, node] {
      while (!stop.load()) {
        const std::uint64_t n = ++next;
        const std::uint32_t pinned = epoch.load();
        if (place(*node, placing(n, pinned)).value() != PlaceOutcome::placed) continue;
        const std::lock_guard lock(mutex);
        placed.emplace_back(SeatId{n}, pinned);
      }
    });
  }
  struct Rebuild {
    std::uint32_t epoch;
    std::vector<SeatId> claimed;
  };
  std::vector<Rebuild> rebuilds;
  for (int round = 0; round < 8; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    Rebuild rebuild{begin_epoch(under.two, epoch.load()), {}};
    const auto claims = wait_for(under.two.proof.claims_of(kHall)).value();
    for (const SeatClaim& claim : claims) rebuild.claimed.push_back(claim.seat);
    std::sort(rebuild.claimed.begin(), rebuild.claimed.end());
    rebuilds.push_back(std::move(rebuild));
    epoch.store(rebuilds.back().epoch);
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_GT(placed.size(), 8U);
  for (const Rebuild& rebuild : rebuilds) {
    for (const auto& [seat, pinned] : placed) {
      if (pinned >= rebuild.epoch) continue;
      EXPECT_TRUE(std::binary_search(rebuild.claimed.begin(), rebuild.claimed.end(), seat))
          << "seat " << seat.value << " was pinned in epoch " << pinned << ", missing in "
          << rebuild.epoch;
    }
  }
}

void claims_of_tells_one_event_s(SharedStoreUnderTest& under) {
  ASSERT_EQ(place(under.one, placing(1)).value(), PlaceOutcome::placed);
  const PlaceOrder second = placing(2);
  ASSERT_EQ(place(under.two, second).value(), PlaceOutcome::placed);
  PlaceOrder elsewhere = placing(3);
  elsewhere.order.event = EventId{8};
  ASSERT_EQ(place(under.two, elsewhere).value(), PlaceOutcome::placed);
  const auto claims = wait_for(under.one.proof.claims_of(kHall)).value();
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(claims[1].order, second.order.id);
  EXPECT_EQ(claims[1].buyer, second.order.buyer);
  EXPECT_FALSE(claims[1].sold);
}

// Sharing.

void two_nodes_never_share_a_seat(SharedStoreUnderTest& under) {
  constexpr std::uint64_t kSeats = 60;
  std::atomic<std::uint64_t> placed{0};
  std::vector<std::thread> callers;
  for (std::uint64_t t = 0; t < 4; ++t) {
    callers.emplace_back([&, t] {
      StoreNode& node = t % 2 == 0 ? under.one : under.two;
      for (std::uint64_t round = 0; round < kSeats; ++round) {
        PlaceOrder command = placing(1000 + round * 4 + t);
        // Half of them from the other end, and each over two seats: rivals meet in both orders.
        const std::uint64_t seat = t < 2 ? round + 1 : kSeats - round;
        command.order.seats = {SeatId{seat}, SeatId{seat + 1}};
        if (place(node, command).value() == PlaceOutcome::placed) ++placed;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_GT(placed.load(), 0U);
  EXPECT_EQ(wait_for(under.one.orders.claims()).value().size(), placed.load() * 2);
}

void a_key_is_taken_once_on_both_nodes(SharedStoreUnderTest& under) {
  std::atomic<int> placed{0};
  std::vector<std::thread> callers;
  for (std::uint64_t t = 0; t < 6; ++t) {
    callers.emplace_back([&, t] {
      PlaceOrder command = placing(100 + t);
      command.scope = {BuyerId{{0xB0, 1}}, "POST /orders", "same"};
      const auto outcome = place(t % 2 == 0 ? under.one : under.two, command).value();
      if (outcome == PlaceOutcome::placed) {
        ++placed;
      } else {
        EXPECT_EQ(outcome, PlaceOutcome::key_taken);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(placed.load(), 1);
}

// The outbox.

std::vector<Message> pending(StoreNode& node) {
  return wait_for(node.outbox.pending(1000)).value();
}

// Every relay sends what it is told, as often as it is told; what an order's messages look like from
// outside is the order in which each was first seen.
void an_orders_sequence_is_kept_over_both_relays(SharedStoreUnderTest& under) {
  std::vector<Message> seen;
  const auto relay = [&seen](StoreNode& node) {
    for (const Message& message : pending(node)) {
      seen.push_back(message);
      ASSERT_TRUE(wait_for(node.outbox.mark_sent({message.id})));
    }
  };
  pending(under.one);  // both show that they are there
  pending(under.two);
  const PlaceOrder command = placing(1);
  ASSERT_EQ(place(under.one, command).value(), PlaceOutcome::placed);
  AdvanceOrder next = advancing(command.order, order::Status::authorised);
  next.messages = {message(2, command.order, MessageType::payment_success)};
  ASSERT_EQ(wait_for(under.two.orders.advance(next)).value(), AdvanceOutcome::advanced);
  relay(under.two);  // the second may not go before the first
  relay(under.one);
  relay(under.two);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].type, MessageType::order_created);
  EXPECT_EQ(seen[1].type, MessageType::payment_success);
}

void a_dead_relays_messages_are_sent_by_the_other(SharedStoreUnderTest& under) {
  pending(under.one);
  ASSERT_EQ(place(under.one, placing(1)).value(), PlaceOutcome::placed);
  under.lapse();
  const auto told = pending(under.two);
  ASSERT_EQ(told.size(), 1U);
  ASSERT_TRUE(wait_for(under.two.outbox.mark_sent({told[0].id})));
  EXPECT_TRUE(pending(under.one).empty());
  EXPECT_EQ(wait_for(under.one.outbox.backlog()).value().unsent, 0U);
}

void both_relays_at_once_send_everything_in_sequence(SharedStoreUnderTest& under) {
  constexpr std::uint64_t kOrders = 40;
  std::mutex mutex;
  std::vector<Message> seen;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (StoreNode* node : {&under.one, &under.two}) {
    threads.emplace_back([&, node] {
      for (;;) {
        const bool last = stop.load();
        const auto told = pending(*node);
        std::vector<MessageId> ids;
        {
          const std::lock_guard lock(mutex);
          for (const Message& message : told) {
            seen.push_back(message);
            ids.push_back(message.id);
          }
        }
        if (!ids.empty()) {
          EXPECT_TRUE(wait_for(node->outbox.mark_sent(ids)));
        }
        if (last && told.empty()) return;
      }
    });
  }
  // Each order's life goes back and forth between the nodes.
  for (std::uint64_t n = 1; n <= kOrders; ++n) {
    const PlaceOrder command = placing(n);
    ASSERT_EQ(place(n % 2 == 0 ? under.one : under.two, command).value(), PlaceOutcome::placed);
    Order order = command.order;
    const std::pair<order::Status, MessageType> steps[] = {
        {order::Status::authorised, MessageType::payment_success},
        {order::Status::confirmed, MessageType::order_confirmed}};
    for (std::uint64_t step = 0; step < 2; ++step) {
      AdvanceOrder next = advancing(order, steps[step].first);
      next.messages = {message(1000 + 2 * n + step, order, steps[step].second)};
      StoreNode& node = (n + step) % 2 == 0 ? under.two : under.one;
      ASSERT_EQ(wait_for(node.orders.advance(next)).value(), AdvanceOutcome::advanced);
      ++order.version;
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  // One relay may have ended while the other held back what waited for it.
  for (StoreNode* node : {&under.one, &under.two, &under.one}) {
    for (const Message& message : pending(*node)) {
      seen.push_back(message);
      ASSERT_TRUE(wait_for(node->outbox.mark_sent({message.id})));
    }
  }
  for (std::uint64_t n = 1; n <= kOrders; ++n) {
    std::vector<MessageType> of_order;
    for (const Message& message : seen) {
      if (message.order != placing(n).order.id) continue;
      if (std::find(of_order.begin(), of_order.end(), message.type) == of_order.end()) {
        of_order.push_back(message.type);
      }
    }
    EXPECT_EQ(of_order, (std::vector{MessageType::order_created, MessageType::payment_success,
                                     MessageType::order_confirmed}))
        << "order " << n;
  }
  EXPECT_EQ(wait_for(under.one.outbox.backlog()).value().unsent, 0U);
}

constexpr SharedStoreCase kCases[] = {
    {"AnOrderPlacedHereIsDrivenHere", an_order_placed_here_is_driven_here},
    {"ALapsedLeaseIsAnybodys", a_lapsed_lease_is_anybodys},
    {"AnAdvanceTakesTheLeaseAlong", an_advance_takes_the_lease_along},
    {"ARenewedLeaseDoesNotLapse", a_renewed_lease_does_not_lapse},
    {"AnUnknownOrderIsNobodys", an_unknown_order_is_nobodys},
    {"ADeadNodesOrdersAreFound", a_dead_nodes_orders_are_found},
    {"WhatIsAtItsEndIsNotTakenOver", what_is_at_its_end_is_not_taken_over},
    {"AResetLeavesAConfirmedOrderToAnybody", a_reset_leaves_a_confirmed_order_to_anybody},
    {"WhatIsReleasedIsAnybodys", what_is_released_is_anybodys},
    {"OfTwoWhoAskAtOnceOneGetsAnOrder", of_two_who_ask_at_once_one_gets_an_order},
    {"EpochsOnlyGrow", epochs_only_grow},
    {"APinOfAnEarlierEpochIsOutdated", a_pin_of_an_earlier_epoch_is_outdated},
    {"ASaleOfAnEarlierEpochConfirmsNothing", a_sale_of_an_earlier_epoch_confirms_nothing},
    {"AnotherEventKeepsItsEpoch", another_event_keeps_its_epoch},
    {"WithoutAnEpochNothingIsFenced", without_an_epoch_nothing_is_fenced},
    {"NoOrderSlipsPastANewEpoch", no_order_slips_past_a_new_epoch},
    {"ClaimsOfTellsOneEvents", claims_of_tells_one_event_s},
    {"TwoNodesNeverShareASeat", two_nodes_never_share_a_seat},
    {"AKeyIsTakenOnceOnBothNodes", a_key_is_taken_once_on_both_nodes},
    {"AnOrdersSequenceIsKeptOverBothRelays", an_orders_sequence_is_kept_over_both_relays},
    {"ADeadRelaysMessagesAreSentByTheOther", a_dead_relays_messages_are_sent_by_the_other},
    {"BothRelaysAtOnceSendEverythingInSequence", both_relays_at_once_send_everything_in_sequence},
};

}  // namespace

std::span<const SharedStoreCase> shared_store_cases() { return kCases; }

}  // namespace onsale::conformance
