// What must be true of the rule whatever is asked, over random states, commands and times: the
// invariants I6-I8 and I11 as far as one seat can show them, and idempotence.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <variant>
#include <vector>

#include "domain/seat/decide.hpp"

namespace onsale::seat {
namespace {

// (RapidCheck's macros evaluate both sides of && and ||; a second pair of brackets keeps C++'s rule.)

// A number of [low, high), all equally likely from the first case on.
rc::Gen<int> within(int low, int high) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange(low, high));
}

// Few buyers, orders and instants, so that they meet often.
rc::Gen<BuyerId> a_buyer() {
  return rc::gen::map(within(1, 4),
                      [](int n) { return BuyerId{{0, static_cast<std::uint64_t>(n)}}; });
}
rc::Gen<OrderId> an_order() {
  return rc::gen::map(within(1, 4),
                      [](int n) { return OrderId{{1, static_cast<std::uint64_t>(n)}}; });
}
rc::Gen<Instant> an_instant() {
  return rc::gen::map(within(0, 12), [](int n) { return instant_of_ms(1000 + n); });
}

rc::Gen<State> a_state() {
  return rc::gen::exec([]() -> State {
    switch (*within(0, 5)) {
      case 0:
        return Available{};
      case 1:
        return Held{*a_buyer(), *an_instant(), *an_instant()};
      case 2:
        return Pinned{*a_buyer(), *an_order(), *an_instant(), *an_instant(), *an_instant()};
      case 3:
        return Sold{*a_buyer(), *an_order()};
      default:
        return Blocked{};
    }
  });
}

rc::Gen<State> a_live_hold(Instant now) {
  return rc::gen::exec([now]() -> State {
    return Held{*a_buyer(), now + Milliseconds{*within(1, 8)}, now + Milliseconds{9}};
  });
}

rc::Gen<Command> a_command() {
  return rc::gen::exec([]() -> Command {
    switch (*within(0, 11)) {
      case 0: {
        const Instant ends = *an_instant();
        return Hold{*a_buyer(), ends, ends + Milliseconds{*within(0, 5)}};
      }
      case 1:
        return Extend{*a_buyer(), *an_instant()};
      case 2:
        return Release{*a_buyer()};
      case 3:
        return Pin{*a_buyer(), *an_order(), *an_instant()};
      case 4:
        return Unpin{*an_order()};
      case 5:
        return Sell{*an_order()};
      case 6:
        return GiveBack{*an_order()};
      case 7:
        return Confirm{*a_buyer(), *an_order()};
      case 8:
        return Lapse{};
      case 9:
        return Block{};
      default:
        return Unblock{};
    }
  });
}

State after(const State& state, const Command& command, Instant now) {
  const Decision decision = decide(state, command, now);
  const auto* change = std::get_if<Change>(&decision);
  return change == nullptr ? state : change->next;
}

const Held* live_hold(const State& state, Instant now) {
  const auto* held = std::get_if<Held>(&state);
  return held != nullptr && now < held->expires_at ? held : nullptr;
}
const Pinned* live_pin(const State& state, Instant now) {
  const auto* pinned = std::get_if<Pinned>(&state);
  return pinned != nullptr && now < pinned->deadline ? pinned : nullptr;
}

// The buyer in whose name a command acts, if it has one.
std::optional<BuyerId> actor(const Command& command) {
  return std::visit(
      [](const auto& wish) -> std::optional<BuyerId> {
        if constexpr (requires { wish.buyer; }) {
          return wish.buyer;
        } else {
          return std::nullopt;
        }
      },
      command);
}

RC_GTEST_PROP(DecideProperty, RepeatingACommandChangesNothing, ()) {
  const State state = *a_state();
  const Command command = *a_command();
  const Instant now = *an_instant();
  const State once = after(state, command, now);
  RC_PRE((!(std::holds_alternative<Hold>(command) &&
            std::get<Hold>(command).expires_at <= now)));  // a hold that is over as it begins
  RC_PRE((!(std::holds_alternative<Pin>(command) && std::get<Pin>(command).deadline <= now)));
  RC_ASSERT(after(once, command, now) == once);
}

RC_GTEST_PROP(DecideProperty, I6ALiveHoldIsRefusedToEveryOtherBuyer, ()) {
  const Instant now = *an_instant();
  const State state = *a_live_hold(now);
  const Hold hold{*a_buyer(), now + Milliseconds{5}, now + Milliseconds{9}};
  const Held* held = live_hold(state, now);
  RC_PRE((held != nullptr && held->buyer != hold.buyer));
  RC_ASSERT(std::holds_alternative<Refusal>(decide(state, hold, now)));
}

RC_GTEST_PROP(DecideProperty, I7NobodyElsesCommandEndsOrMovesALiveHold, ()) {
  const Command command = *a_command();
  const Instant now = *an_instant();
  const State state = *a_live_hold(now);
  const Held* held = live_hold(state, now);
  const auto who = actor(command);
  RC_PRE((held != nullptr && who != held->buyer));
  RC_ASSERT(after(state, command, now) == state);
}

RC_GTEST_PROP(DecideProperty, I7NobodyElsesOrderMovesALivePinOrASale, ()) {
  const State state = *a_state();
  const Command command = *a_command();
  const Instant now = *an_instant();
  const Pinned* pinned = live_pin(state, now);
  const auto* sold = std::get_if<Sold>(&state);
  RC_PRE((pinned != nullptr || sold != nullptr));
  const OrderId owner = pinned != nullptr ? pinned->order : sold->order;
  const State next = after(state, command, now);
  const bool settles = std::visit(
      [&](const auto& wish) {
        if constexpr (requires { wish.order; } && !requires { wish.buyer; }) {
          return wish.order == owner;
        } else {
          return false;
        }
      },
      command);
  if (!settles) RC_ASSERT(next == state);
}

RC_GTEST_PROP(DecideProperty, I8NothingEndsAHoldBeforeItsExpiresAtButItsOwner, ()) {
  const State state = *a_state();
  const Instant now = *an_instant();
  RC_PRE((live_hold(state, now) != nullptr || live_pin(state, now) != nullptr));
  RC_ASSERT(after(state, Lapse{}, now) == state);
}

RC_GTEST_PROP(DecideProperty, I8WhatHasLapsedBlocksNobody, ()) {
  const State state = *a_state();
  const Instant now = *an_instant();
  const bool claimed = std::holds_alternative<Held>(state) || std::holds_alternative<Pinned>(state);
  RC_PRE((claimed && live_hold(state, now) == nullptr && live_pin(state, now) == nullptr));
  const Hold hold{*a_buyer(), now + Milliseconds{5}, now + Milliseconds{9}};
  RC_ASSERT(after(state, hold, now) ==
            (State{Held{hold.buyer, hold.expires_at, hold.extendable_until}}));
  RC_ASSERT(after(state, Lapse{}, now) == State{Available{}});
}

RC_GTEST_PROP(DecideProperty, ExtendNeverShortensNorPassesTheCap, ()) {
  const Instant now = *an_instant();
  const Held before{*a_buyer(), now + Milliseconds{*within(1, 5)},
                    now + Milliseconds{*within(5, 10)}};
  const State next = after(before, Extend{before.buyer, *an_instant()}, now);
  const Held& held = std::get<Held>(next);
  RC_ASSERT(held.expires_at >= before.expires_at);
  RC_ASSERT(held.expires_at <= before.extendable_until);
  RC_ASSERT(held.extendable_until == before.extendable_until);
}

RC_GTEST_PROP(DecideProperty, OnlyAPinOrAConfirmedHoldIsEverSold, ()) {
  const State state = *a_state();
  const Command command = *a_command();
  const Instant now = *an_instant();
  const State next = after(state, command, now);
  if (std::holds_alternative<Sold>(next) && next != state) {
    const bool from_pin = live_pin(state, now) != nullptr;
    const bool from_hold =
        live_hold(state, now) != nullptr && std::holds_alternative<Confirm>(command);
    RC_ASSERT((from_pin || from_hold));
  }
}

RC_GTEST_PROP(DecideProperty, ChangeMeansADifferentSeatOrANewHold, ()) {
  const State state = *a_state();
  const Command command = *a_command();
  const Decision decision = decide(state, command, *an_instant());
  if (const auto* change = std::get_if<Change>(&decision)) {
    // A lapsed hold taken again with the same end is the one change that may look alike.
    RC_ASSERT((change->next != state || std::holds_alternative<Hold>(command)));
  }
}

// I11 for a hall: whatever happens, in whatever order, each seat is in exactly one state and what is
// sold stays with its order until that order gives it back.
RC_GTEST_PROP(DecideProperty, I11AWalkNeverLosesASeatNorMovesASale, ()) {
  std::vector<State> hall(5, State{Available{}});
  Instant now = instant_of_ms(1000);
  const int steps = *within(1, 80);
  for (int i = 0; i < steps; ++i) {
    const auto seat = static_cast<std::size_t>(*within(0, 5));
    const Command command = *a_command();
    now += Milliseconds{*within(0, 2)};
    const State before = hall[seat];
    hall[seat] = after(before, command, now);
    const auto* sold = std::get_if<Sold>(&before);
    if (sold != nullptr && hall[seat] != before) {
      RC_ASSERT(std::holds_alternative<GiveBack>(command));
      RC_ASSERT(std::get<GiveBack>(command).order == sold->order);
    }
  }
  std::size_t counted = 0;
  for (const State& state : hall) counted += wire_status(state) <= WireStatus::blocked ? 1 : 0;
  RC_ASSERT(counted == hall.size());
}

}  // namespace
}  // namespace onsale::seat
