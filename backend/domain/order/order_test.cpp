// The states of an order and the words for them.
#include "domain/order/order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "domain/order/message.hpp"

namespace onsale {
namespace {

using order::Reason;
using order::Status;

constexpr Status kAll[] = {Status::created, Status::authorised, Status::confirmed,
                           Status::cancelling, Status::cancelled};

TEST(OrderMayBecome, OnlyTheArrowsOfThePicture) {
  const std::pair<Status, Status> arrows[] = {
      {Status::created, Status::authorised},   {Status::created, Status::cancelling},
      {Status::authorised, Status::confirmed}, {Status::authorised, Status::cancelling},
      {Status::cancelling, Status::cancelled},
  };
  for (const Status from : kAll) {
    for (const Status to : kAll) {
      const bool arrow =
          std::find(std::begin(arrows), std::end(arrows), std::pair{from, to}) != std::end(arrows);
      EXPECT_EQ(order::may_become(from, to), arrow)
          << order::name_of(from) << " to " << order::name_of(to);
    }
  }
}

TEST(OrderMayBecome, NothingFollowsAFinalState) {
  for (const Status from : kAll) {
    if (!order::is_final(from)) continue;
    for (const Status to : kAll) EXPECT_FALSE(order::may_become(from, to));
  }
}

TEST(OrderWords, EveryReasonHasANameAndASentence) {
  for (const Reason reason :
       {Reason::payment_declined, Reason::payment_too_late, Reason::payment_unavailable,
        Reason::seats_lost, Reason::event_reset}) {
    EXPECT_FALSE(order::name_of(reason).empty());
    EXPECT_TRUE(order::text_of(reason).ends_with('.'));
  }
  EXPECT_TRUE(order::name_of(Reason::none).empty());
}

TEST(OrderWords, SeatMessagesHaveATopicOfTheirOwn) {
  EXPECT_EQ(topic_of(MessageType::seats_sold), "seat.events");
  EXPECT_EQ(topic_of(MessageType::seats_released), "seat.events");
  EXPECT_EQ(topic_of(MessageType::payment_success), "order.events");
  EXPECT_EQ(name_of(MessageType::order_cancelled), "ORDER_CANCELLED");
}

}  // namespace
}  // namespace onsale
