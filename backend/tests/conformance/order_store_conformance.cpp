// What every order store keeps to.
#include "tests/conformance/order_store_conformance.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "ports/clock.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale::conformance {
namespace {

constexpr Instant kStart = instant_of_ms(1'800'000'000'000);
constexpr EventId kHall{7};

Instant at(std::int64_t ms) { return kStart + Milliseconds{ms}; }

Message message(std::uint64_t n, const Order& order, MessageType type) {
  Message message;
  message.id = MessageId{uuid_v7(order.created_at, {n, n})};
  message.type = type;
  message.order = order.id;
  message.event = order.event;
  message.seats = order.seats;
  message.buyer = order.buyer;
  message.total = order.total;
  message.currency = order.currency;
  message.at = order.created_at;
  message.trace_id = order.trace_id;
  return message;
}

// The n-th order, a millisecond after the one before, by buyer 1 unless told otherwise.
PlaceOrder placing(std::uint64_t n, std::initializer_list<std::uint64_t> seats,
                   std::uint64_t buyer = 1) {
  PlaceOrder command;
  Order& order = command.order;
  order.created_at = order.updated_at = at(static_cast<std::int64_t>(n));
  order.id = OrderId{uuid_v7(order.created_at, {n, n})};
  order.buyer = BuyerId{{0xB0, buyer}};
  order.event = kHall;
  for (const std::uint64_t seat : seats) order.seats.push_back(SeatId{seat});
  order.total = Money{50'000};
  order.currency = "KRW";
  order.attempt = AttemptId{{0xA0, n}};
  order.pay_by = order.created_at + Milliseconds{30'000};
  order.trace_id = TraceId{{0x7A, n}};
  command.scope = {order.buyer, "POST /orders", "key-" + std::to_string(n)};
  command.answer = {"hash", 201, "/orders/" + std::to_string(n), std::string("{\"n\":\0}", 7),
                    order.created_at};
  command.messages.push_back(message(n, order, MessageType::order_created));
  return command;
}

AdvanceOrder advancing(const Order& order, order::Status to) {
  AdvanceOrder command;
  command.id = order.id;
  command.expected_version = order.version;
  command.to = to;
  command.at = order.created_at + Milliseconds{1};
  if (to == order::Status::cancelling) command.reason = order::Reason::payment_declined;
  return command;
}

PlaceOutcome place(OrderStoreUnderTest& under, const PlaceOrder& command) {
  return wait_for(under.orders.place(command)).value();
}
AdvanceOutcome advance(OrderStoreUnderTest& under, const AdvanceOrder& command) {
  return wait_for(under.orders.advance(command)).value();
}
Order find(OrderStoreUnderTest& under, const Order& order) {
  return wait_for(under.orders.find(order.id)).value();
}
std::vector<Message> pending(OrderStoreUnderTest& under) {
  return wait_for(under.outbox.pending(100)).value();
}
std::vector<SeatClaim> claims(OrderStoreUnderTest& under) {
  return wait_for(under.orders.claims()).value();
}
void carry_to(OrderStoreUnderTest& under, const Order& order, order::Status to) {
  ASSERT_EQ(advance(under, advancing(order, to)), AdvanceOutcome::advanced);
}

void an_order_is_read_back_whole(OrderStoreUnderTest& under) {
  const PlaceOrder command = placing(1, {3, 1, 2});
  ASSERT_EQ(place(under, command), PlaceOutcome::placed);
  const Order order = find(under, command.order);
  EXPECT_EQ(order.id, command.order.id);
  EXPECT_EQ(order.buyer, command.order.buyer);
  EXPECT_EQ(order.event, command.order.event);
  EXPECT_EQ(order.seats, command.order.seats);
  EXPECT_EQ(order.total, command.order.total);
  EXPECT_EQ(order.currency, "KRW");
  EXPECT_EQ(order.status, order::Status::created);
  EXPECT_EQ(order.reason, order::Reason::none);
  EXPECT_EQ(order.version, 1U);
  EXPECT_EQ(order.attempt, command.order.attempt);
  EXPECT_EQ(order.created_at, command.order.created_at);
  EXPECT_EQ(order.pay_by, command.order.pay_by);
  EXPECT_EQ(order.updated_at, command.order.updated_at);
  EXPECT_EQ(order.trace_id, command.order.trace_id);
  EXPECT_TRUE(order.tickets.empty());
}

void an_unknown_order_is_not_found(OrderStoreUnderTest& under) {
  const auto found = wait_for(under.orders.find(OrderId{{9, 9}}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.code(), Code::order_not_found);
}

void an_answer_is_kept_byte_for_byte(OrderStoreUnderTest& under) {
  const PlaceOrder command = placing(1, {1});
  ASSERT_EQ(place(under, command), PlaceOutcome::placed);
  const auto answer = wait_for(under.orders.find_answer(command.scope)).value();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body_hash, "hash");
  EXPECT_EQ(answer->http_status, 201);
  EXPECT_EQ(answer->location, "/orders/1");
  EXPECT_EQ(answer->body, command.answer.body);
  EXPECT_EQ(answer->stored_at, command.answer.stored_at);
}

void a_key_belongs_to_its_buyer_and_route(OrderStoreUnderTest& under) {
  const PlaceOrder first = placing(1, {1});
  ASSERT_EQ(place(under, first), PlaceOutcome::placed);
  for (const IdempotencyScope& other :
       {IdempotencyScope{BuyerId{{0xB0, 2}}, "POST /orders", "key-1"},
        IdempotencyScope{first.scope.buyer, "confirm", "key-1"},
        IdempotencyScope{first.scope.buyer, "POST /orders", "key-2"}}) {
    EXPECT_FALSE(wait_for(under.orders.find_answer(other)).value());
  }
  PlaceOrder same_key = placing(2, {2}, 2);
  same_key.scope.key = "key-1";
  EXPECT_EQ(place(under, same_key), PlaceOutcome::placed);
}

void a_taken_key_writes_nothing(OrderStoreUnderTest& under) {
  ASSERT_EQ(place(under, placing(1, {1})), PlaceOutcome::placed);
  PlaceOrder twin = placing(2, {2});
  twin.scope.key = "key-1";
  EXPECT_EQ(place(under, twin), PlaceOutcome::key_taken);
  EXPECT_FALSE(wait_for(under.orders.find(twin.order.id)));
  EXPECT_EQ(claims(under).size(), 1U);
  EXPECT_EQ(pending(under).size(), 1U);
}

void a_seat_has_one_live_order(OrderStoreUnderTest& under) {
  ASSERT_EQ(place(under, placing(1, {2})), PlaceOutcome::placed);
  const PlaceOrder second = placing(2, {1, 2, 3}, 2);
  EXPECT_EQ(place(under, second), PlaceOutcome::seat_claimed);
  // Nothing of it is left: not the free seats, not the key, not the message.
  EXPECT_FALSE(wait_for(under.orders.find(second.order.id)));
  EXPECT_FALSE(wait_for(under.orders.find_answer(second.scope)).value());
  EXPECT_EQ(claims(under).size(), 1U);
  EXPECT_EQ(pending(under).size(), 1U);
  EXPECT_EQ(place(under, placing(3, {1, 3}, 2)), PlaceOutcome::placed);
}

void the_same_seat_number_of_another_event_is_another_seat(OrderStoreUnderTest& under) {
  ASSERT_EQ(place(under, placing(1, {2})), PlaceOutcome::placed);
  PlaceOrder elsewhere = placing(2, {2}, 2);
  elsewhere.order.event = EventId{8};
  EXPECT_EQ(place(under, elsewhere), PlaceOutcome::placed);
}

void advancing_is_conditional_on_the_version(OrderStoreUnderTest& under) {
  const Order order = placing(1, {1}).order;
  ASSERT_EQ(place(under, placing(1, {1})), PlaceOutcome::placed);
  const AdvanceOrder command = advancing(order, order::Status::authorised);
  EXPECT_EQ(advance(under, command), AdvanceOutcome::advanced);
  EXPECT_EQ(advance(under, command), AdvanceOutcome::conflict);
  const Order now = find(under, order);
  EXPECT_EQ(now.status, order::Status::authorised);
  EXPECT_EQ(now.version, 2U);
  EXPECT_EQ(now.updated_at, command.at);
}

void an_order_goes_only_where_it_may(OrderStoreUnderTest& under) {
  const Order order = placing(1, {1}).order;
  ASSERT_EQ(place(under, placing(1, {1})), PlaceOutcome::placed);
  EXPECT_EQ(advance(under, advancing(order, order::Status::confirmed)), AdvanceOutcome::conflict);
  EXPECT_EQ(advance(under, advancing(order, order::Status::cancelled)), AdvanceOutcome::conflict);
  carry_to(under, order, order::Status::cancelling);
  EXPECT_EQ(advance(under, advancing(find(under, order), order::Status::authorised)),
            AdvanceOutcome::conflict);
}

void advancing_an_unknown_order_conflicts(OrderStoreUnderTest& under) {
  EXPECT_EQ(advance(under, advancing(placing(1, {1}).order, order::Status::authorised)),
            AdvanceOutcome::conflict);
}

void a_lost_race_adds_no_message(OrderStoreUnderTest& under) {
  const Order order = placing(1, {1}).order;
  ASSERT_EQ(place(under, placing(1, {1})), PlaceOutcome::placed);
  AdvanceOrder command = advancing(order, order::Status::authorised);
  command.expected_version = 7;
  command.messages.push_back(message(50, order, MessageType::payment_success));
  EXPECT_EQ(advance(under, command), AdvanceOutcome::conflict);
  EXPECT_EQ(pending(under).size(), 1U);
}

void confirmed_keeps_its_claims_and_tickets(OrderStoreUnderTest& under) {
  const Order order = placing(1, {4, 5}).order;
  ASSERT_EQ(place(under, placing(1, {4, 5})), PlaceOutcome::placed);
  carry_to(under, order, order::Status::authorised);
  AdvanceOrder command = advancing(find(under, order), order::Status::confirmed);
  command.tickets = {{TicketId{{1, 2}}, SeatId{4}}, {TicketId{{3, 4}}, SeatId{5}}};
  ASSERT_EQ(advance(under, command), AdvanceOutcome::advanced);
  EXPECT_EQ(find(under, order).tickets, command.tickets);
  const std::vector<SeatClaim> now = claims(under);
  ASSERT_EQ(now.size(), 2U);
  EXPECT_EQ(now[0].order, order.id);
  EXPECT_EQ(now[0].buyer, order.buyer);
  EXPECT_TRUE(now[0].sold);
  EXPECT_TRUE(now[1].sold);
}

void deciding_not_to_sell_drops_the_claims(OrderStoreUnderTest& under) {
  const Order order = placing(1, {1, 2}).order;
  ASSERT_EQ(place(under, placing(1, {1, 2})), PlaceOutcome::placed);
  EXPECT_FALSE(claims(under)[0].sold);
  carry_to(under, order, order::Status::cancelling);
  EXPECT_TRUE(claims(under).empty());
  EXPECT_EQ(find(under, order).reason, order::Reason::payment_declined);
  EXPECT_EQ(place(under, placing(2, {1, 2}, 2)), PlaceOutcome::placed);
  // The old order's end touches nothing of the new one, and keeps its reason.
  carry_to(under, find(under, order), order::Status::cancelled);
  EXPECT_EQ(claims(under).size(), 2U);
  EXPECT_EQ(find(under, order).reason, order::Reason::payment_declined);
}

void a_buyer_s_orders_are_listed_newest_first_in_pages(OrderStoreUnderTest& under) {
  for (std::uint64_t n = 1; n <= 5; ++n) {
    ASSERT_EQ(place(under, placing(n, {n})), PlaceOutcome::placed);
  }
  ASSERT_EQ(place(under, placing(6, {6}, 2)), PlaceOutcome::placed);
  std::vector<std::int64_t> told;
  std::optional<OrderId> after;
  do {
    const OrderPage page = wait_for(under.orders.list(BuyerId{{0xB0, 1}}, after, 2)).value();
    for (const Order& order : page.orders) told.push_back(ms_of(order.created_at) - ms_of(kStart));
    ASSERT_LE(page.orders.size(), 2U);
    after = page.next;
  } while (after);
  EXPECT_EQ(told, (std::vector<std::int64_t>{5, 4, 3, 2, 1}));
  EXPECT_TRUE(wait_for(under.orders.list(BuyerId{{0xB0, 9}}, {}, 2)).value().orders.empty());
}

void open_orders_are_those_not_final_oldest_first(OrderStoreUnderTest& under) {
  for (std::uint64_t n = 1; n <= 5; ++n) {
    ASSERT_EQ(place(under, placing(n, {n})), PlaceOutcome::placed);
  }
  const auto nth = [](std::uint64_t n) { return placing(n, {n}).order; };
  carry_to(under, nth(2), order::Status::authorised);
  carry_to(under, nth(3), order::Status::cancelling);
  carry_to(under, nth(4), order::Status::cancelling);
  carry_to(under, find(under, nth(4)), order::Status::cancelled);
  carry_to(under, nth(5), order::Status::authorised);
  carry_to(under, find(under, nth(5)), order::Status::confirmed);
  std::vector<OrderId> open;
  std::optional<OrderId> after;
  while (true) {
    const auto page = wait_for(under.orders.open_orders(after, 2)).value();
    if (page.empty()) break;
    for (const Order& order : page) open.push_back(order.id);
    after = page.back().id;
  }
  EXPECT_EQ(open, (std::vector<OrderId>{nth(1).id, nth(2).id, nth(3).id}));
}

void old_answers_are_purged_a_batch_at_a_time(OrderStoreUnderTest& under) {
  for (std::uint64_t n = 1; n <= 5; ++n) {
    ASSERT_EQ(place(under, placing(n, {n})), PlaceOutcome::placed);
  }
  EXPECT_EQ(wait_for(under.orders.purge_answers(at(4), 2)).value(), 2U);
  EXPECT_EQ(wait_for(under.orders.purge_answers(at(4), 2)).value(), 1U);
  EXPECT_EQ(wait_for(under.orders.purge_answers(at(4), 2)).value(), 0U);
  EXPECT_FALSE(wait_for(under.orders.find_answer(placing(3, {3}).scope)).value());
  EXPECT_TRUE(wait_for(under.orders.find_answer(placing(4, {4}).scope)).value());
  EXPECT_TRUE(wait_for(under.orders.find(placing(1, {1}).order.id)));
}

void a_reset_turns_every_order_of_the_event(OrderStoreUnderTest& under) {
  for (std::uint64_t n = 1; n <= 4; ++n) {
    ASSERT_EQ(place(under, placing(n, {n})), PlaceOutcome::placed);
  }
  PlaceOrder elsewhere = placing(5, {5});
  elsewhere.order.event = EventId{8};
  ASSERT_EQ(place(under, elsewhere), PlaceOutcome::placed);
  const auto nth = [](std::uint64_t n) { return placing(n, {n}).order; };
  carry_to(under, nth(2), order::Status::authorised);
  carry_to(under, find(under, nth(2)), order::Status::confirmed);
  carry_to(under, nth(3), order::Status::cancelling);
  carry_to(under, nth(4), order::Status::cancelling);
  carry_to(under, find(under, nth(4)), order::Status::cancelled);

  const std::vector<Order> told = wait_for(under.orders.cancel_all(kHall, at(99))).value();
  EXPECT_EQ(told.size(), 3U);
  for (const std::uint64_t n : {1U, 2U}) {
    const Order now = find(under, nth(n));
    EXPECT_EQ(now.status, order::Status::cancelling);
    EXPECT_EQ(now.reason, order::Reason::event_reset);
    EXPECT_EQ(now.updated_at, at(99));
    EXPECT_TRUE(now.tickets.empty());
  }
  EXPECT_EQ(find(under, nth(3)).reason, order::Reason::payment_declined);
  EXPECT_EQ(find(under, nth(4)).status, order::Status::cancelled);
  EXPECT_EQ(find(under, elsewhere.order).status, order::Status::created);
  ASSERT_EQ(claims(under).size(), 1U);
  EXPECT_EQ(claims(under)[0].event, EventId{8});
  for (const Order& order : told) {
    const Order now = find(under, order);
    EXPECT_EQ(now.version, order.version);
    EXPECT_EQ(now.status, order.status);
  }
}

void pending_keeps_each_order_s_sequence(OrderStoreUnderTest& under) {
  const Order one = placing(1, {1}).order;
  const Order two = placing(2, {2}).order;
  ASSERT_EQ(place(under, placing(1, {1})), PlaceOutcome::placed);
  ASSERT_EQ(place(under, placing(2, {2})), PlaceOutcome::placed);
  AdvanceOrder command = advancing(one, order::Status::authorised);
  // An id smaller than those before: ids say nothing about the sequence.
  command.messages.push_back(message(0, one, MessageType::payment_success));
  ASSERT_EQ(advance(under, command), AdvanceOutcome::advanced);
  std::vector<MessageType> of_one;
  for (const Message& message : pending(under)) {
    if (message.order == one.id) of_one.push_back(message.type);
  }
  EXPECT_EQ(of_one,
            (std::vector<MessageType>{MessageType::order_created, MessageType::payment_success}));
  EXPECT_EQ(wait_for(under.outbox.pending(2)).value().size(), 2U);
  static_cast<void>(two);
}

void a_message_is_read_back_whole(OrderStoreUnderTest& under) {
  PlaceOrder command = placing(1, {8, 9});
  command.messages[0].reason = order::Reason::seats_lost;
  ASSERT_EQ(place(under, command), PlaceOutcome::placed);
  const Message& wrote = command.messages[0];
  const Message read = pending(under).at(0);
  EXPECT_EQ(read.id, wrote.id);
  EXPECT_EQ(read.type, wrote.type);
  EXPECT_EQ(read.order, wrote.order);
  EXPECT_EQ(read.event, wrote.event);
  EXPECT_EQ(read.seats, wrote.seats);
  EXPECT_EQ(read.buyer, wrote.buyer);
  EXPECT_EQ(read.total, wrote.total);
  EXPECT_EQ(read.currency, wrote.currency);
  EXPECT_EQ(read.reason, wrote.reason);
  EXPECT_EQ(read.at, wrote.at);
  EXPECT_EQ(read.trace_id, wrote.trace_id);
}

void what_is_marked_sent_is_pending_no_more(OrderStoreUnderTest& under) {
  for (std::uint64_t n = 1; n <= 3; ++n) {
    ASSERT_EQ(place(under, placing(n, {n})), PlaceOutcome::placed);
  }
  const std::vector<Message> all = pending(under);
  ASSERT_TRUE(wait_for(under.outbox.mark_sent({all[0].id, all[2].id})));
  const std::vector<Message> left = pending(under);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].id, all[1].id);
  EXPECT_TRUE(wait_for(under.outbox.mark_sent({all[0].id})));  // again: no harm
}

void what_was_never_asked_for_can_be_marked_sent(OrderStoreUnderTest& under) {
  const PlaceOrder command = placing(1, {1});
  ASSERT_EQ(place(under, command), PlaceOutcome::placed);
  ASSERT_TRUE(wait_for(under.outbox.mark_sent({command.messages[0].id})));
  EXPECT_TRUE(pending(under).empty());
}

void the_backlog_tells_how_many_and_how_old(OrderStoreUnderTest& under) {
  EXPECT_EQ(wait_for(under.outbox.backlog()).value().unsent, 0U);
  ASSERT_EQ(place(under, placing(1, {1})), PlaceOutcome::placed);
  ASSERT_EQ(place(under, placing(2, {2})), PlaceOutcome::placed);
  const OutboxBacklog backlog = wait_for(under.outbox.backlog()).value();
  EXPECT_EQ(backlog.unsent, 2U);
  EXPECT_EQ(backlog.oldest, at(1));
}

void a_commit_wakes(OrderStoreUnderTest& under) {
  std::atomic<int> woken{0};
  under.outbox.on_commit([&woken] { ++woken; });
  ASSERT_EQ(place(under, placing(1, {1})), PlaceOutcome::placed);
  // It may come a little after the answer; the next commit's cannot come before this one's.
  ASSERT_EQ(place(under, placing(2, {2})), PlaceOutcome::placed);
  EXPECT_GE(woken.load(), 1);
  under.outbox.on_commit({});
}

void the_inbox_remembers_each_consumer_s_messages(OrderStoreUnderTest& under) {
  const MessageId id{uuid_v7(kStart, {1, 1})};
  EXPECT_FALSE(wait_for(under.inbox.seen("reservation", id)).value());
  ASSERT_TRUE(wait_for(under.inbox.record("reservation", {id})));
  ASSERT_TRUE(wait_for(under.inbox.record("reservation", {id})));
  EXPECT_TRUE(wait_for(under.inbox.seen("reservation", id)).value());
  EXPECT_FALSE(wait_for(under.inbox.seen("mail", id)).value());
}

// Many callers, each placing orders for the same few seats: one winner a seat, whatever the commits
// they share.
void concurrent_orders_never_share_a_seat(OrderStoreUnderTest& under) {
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kRounds = 40;
  std::atomic<std::uint64_t> placed{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&under, &placed, t] {
      for (std::uint64_t round = 0; round < kRounds; ++round) {
        const PlaceOrder command = placing(1 + round * kThreads + t, {round + 1, round + 2}, t);
        if (place(under, command) == PlaceOutcome::placed) ++placed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(claims(under).size(), placed.load() * 2);
  std::size_t open = 0;
  std::optional<OrderId> after;
  for (;;) {
    const auto page = wait_for(under.orders.open_orders(after, 64)).value();
    if (page.empty()) break;
    open += page.size();
    after = page.back().id;
  }
  EXPECT_EQ(open, placed.load());
}

constexpr OrderStoreCase kCases[] = {
    {"AnOrderIsReadBackWhole", an_order_is_read_back_whole},
    {"AnUnknownOrderIsNotFound", an_unknown_order_is_not_found},
    {"AnAnswerIsKeptByteForByte", an_answer_is_kept_byte_for_byte},
    {"AKeyBelongsToItsBuyerAndRoute", a_key_belongs_to_its_buyer_and_route},
    {"ATakenKeyWritesNothing", a_taken_key_writes_nothing},
    {"ASeatHasOneLiveOrder", a_seat_has_one_live_order},
    {"TheSameSeatNumberOfAnotherEventIsAnotherSeat",
     the_same_seat_number_of_another_event_is_another_seat},
    {"AdvancingIsConditionalOnTheVersion", advancing_is_conditional_on_the_version},
    {"AnOrderGoesOnlyWhereItMay", an_order_goes_only_where_it_may},
    {"AdvancingAnUnknownOrderConflicts", advancing_an_unknown_order_conflicts},
    {"ALostRaceAddsNoMessage", a_lost_race_adds_no_message},
    {"ConfirmedKeepsItsClaimsAndTickets", confirmed_keeps_its_claims_and_tickets},
    {"DecidingNotToSellDropsTheClaims", deciding_not_to_sell_drops_the_claims},
    {"ABuyersOrdersAreListedNewestFirstInPages", a_buyer_s_orders_are_listed_newest_first_in_pages},
    {"OpenOrdersAreThoseNotFinalOldestFirst", open_orders_are_those_not_final_oldest_first},
    {"OldAnswersArePurgedABatchAtATime", old_answers_are_purged_a_batch_at_a_time},
    {"AResetTurnsEveryOrderOfTheEvent", a_reset_turns_every_order_of_the_event},
    {"PendingKeepsEachOrdersSequence", pending_keeps_each_order_s_sequence},
    {"AMessageIsReadBackWhole", a_message_is_read_back_whole},
    {"WhatIsMarkedSentIsPendingNoMore", what_is_marked_sent_is_pending_no_more},
    {"WhatWasNeverAskedForCanBeMarkedSent", what_was_never_asked_for_can_be_marked_sent},
    {"TheBacklogTellsHowManyAndHowOld", the_backlog_tells_how_many_and_how_old},
    {"ACommitWakes", a_commit_wakes},
    {"TheInboxRemembersEachConsumersMessages", the_inbox_remembers_each_consumer_s_messages},
    {"ConcurrentOrdersNeverShareASeat", concurrent_orders_never_share_a_seat},
};

}  // namespace

std::span<const OrderStoreCase> order_store_cases() { return kCases; }

}  // namespace onsale::conformance
