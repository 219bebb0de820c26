// Every message survives its way through JSON; the contract's own examples are read; what the
// contract does not allow is refused by name.
#include "adapters/kafka/cloud_event.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace onsale {
namespace {

Message declined() {
  Message message;
  message.id = *MessageId::parse("019ac0de-0003-7d3e-8a4f-2b6c9d0e1f03");
  message.type = MessageType::payment_failed;
  message.order = *OrderId::parse("019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a");
  message.event = {1};
  message.seats = {SeatId{4}, SeatId{7}};
  message.buyer = *BuyerId::parse("7e2b9c40-1d5f-4a83-b6e0-93c8f2a1d547");
  message.total = {103'000};
  message.currency = "KRW";
  message.reason = order::Reason::payment_declined;
  message.at = instant_of_ms(1'795'370'413'123);
  message.trace_id = *TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736");
  return message;
}

void expect_same(const Message& one, const Message& other) {
  EXPECT_EQ(one.id, other.id);
  EXPECT_EQ(one.type, other.type);
  EXPECT_EQ(one.order, other.order);
  EXPECT_EQ(one.event, other.event);
  EXPECT_TRUE(
      std::equal(one.seats.begin(), one.seats.end(), other.seats.begin(), other.seats.end()));
  EXPECT_EQ(one.buyer, other.buyer);
  EXPECT_EQ(one.total, other.total);
  EXPECT_EQ(one.currency, other.currency);
  EXPECT_EQ(one.reason, other.reason);
  EXPECT_EQ(one.at, other.at);
  EXPECT_EQ(one.trace_id, other.trace_id);
}

TEST(CloudEvent, IsWrittenAsTheContractShowsIt) {
  EXPECT_EQ(
      cloud_event::encode(declined()),
      R"({"specversion":"1.0","id":"019ac0de-0003-7d3e-8a4f-2b6c9d0e1f03","source":"/onsale/order",)"
      R"("type":"PAYMENT_FAILED","time":"2026-11-22T18:00:13.123Z",)"
      R"("subject":"019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a","datacontenttype":"application/json",)"
      R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-8a4f2b6c9d0e1f03-01",)"
      R"("data":{"orderId":"019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a","eventId":1,"seatIds":[4,7],)"
      R"("buyerId":"7e2b9c40-1d5f-4a83-b6e0-93c8f2a1d547","amount":103000,"currency":"KRW",)"
      R"("reason":{"code":"PAYMENT_DECLINED",)"
      R"("message":"The payment was declined. You were not charged."}}})");
}

TEST(CloudEvent, ComesBackAsItWent) {
  for (const auto type :
       {MessageType::order_created, MessageType::payment_success, MessageType::payment_failed,
        MessageType::seats_sold, MessageType::seats_released, MessageType::order_confirmed,
        MessageType::order_cancelled}) {
    for (const auto reason : {order::Reason::none, order::Reason::payment_declined,
                              order::Reason::payment_too_late, order::Reason::payment_unavailable,
                              order::Reason::seats_lost, order::Reason::event_reset}) {
      Message message = declined();
      message.type = type;
      message.reason = reason;
      const auto back = cloud_event::decode(cloud_event::encode(message));
      ASSERT_TRUE(back) << back.error().detail;
      expect_same(message, *back);
    }
  }
}

TEST(CloudEvent, ReadsTheContractsExamples) {
  std::size_t read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ONSALE_CONTRACT_EVENTS)) {
    std::ifstream file(entry.path());
    const std::string schema{std::istreambuf_iterator<char>(file), {}};
    const std::size_t at = schema.find("\"examples\": [");
    if (at == std::string::npos) continue;
    const std::size_t begin = schema.find('{', at);
    const std::size_t end = schema.rfind(']');
    const auto message = cloud_event::decode(schema.substr(begin, end - begin));
    ASSERT_TRUE(message) << entry.path() << ": " << message.error().detail;
    EXPECT_EQ(name_of(message->type), entry.path().stem().string());
    EXPECT_EQ(message->seats.size(), 2U);
    ++read;
  }
  EXPECT_EQ(read, 7U);
}

TEST(CloudEvent, WhatTheContractDoesNotAllowIsRefusedByName) {
  const std::string good = cloud_event::encode(declined());
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string changed = good;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return changed.replace(at, from.size(), to);
  };
  const auto fault = [](const std::string& text) {
    const auto message = cloud_event::decode(text);
    return message ? std::string{} : message.error().detail;
  };
  EXPECT_EQ(fault(with(R"("1.0")", R"("0.3")")), "specversion is not 1.0");
  EXPECT_EQ(fault(with("PAYMENT_FAILED", "PAYMENT_MAYBE")), "type is not known here");
  EXPECT_EQ(fault(with("2026-11-22T", "2026-13-22T")), "time is not UTC with milliseconds");
  EXPECT_EQ(fault(with(R"("subject":"019ac0de-7b1c)", R"("subject":"019ac0de-7b1d)")),
            "subject is not data.orderId");
  EXPECT_EQ(fault(with("[4,7]", "[]")), "seatIds has none or too many");
  EXPECT_EQ(fault(with("[4,7]", "[4,0]")), "seatIds is out of range");
  EXPECT_EQ(fault(with("[4,7]", "[4,7.5]")), "seatIds is no whole number");
  EXPECT_EQ(fault(with("KRW", "won")), "currency is not three capital letters");
  EXPECT_EQ(fault(with("\"PAYMENT_DECLINED", "\"PAYMENT_ODD")),
            "data.reason.code is not known here");
  EXPECT_EQ(fault(with("00-4bf9", "01-4bf9")), "traceparent is not of W3C's form");
  EXPECT_EQ(fault(with(R"("data":)", R"("date":)")), "data is missing");
  EXPECT_TRUE(fault("{").starts_with("no JSON"));
  EXPECT_EQ(fault("[1]"), "no JSON object");
  EXPECT_EQ(fault(std::string(cloud_event::kBytesMax + 1, ' ')), "too large for an event");
}

TEST(CloudEvent, AnAttributeItDoesNotKnowIsNoFault) {
  std::string text = cloud_event::encode(declined());
  text.insert(1, R"("partitionkey":"x",)");
  EXPECT_TRUE(cloud_event::decode(text));
}

}  // namespace
}  // namespace onsale
