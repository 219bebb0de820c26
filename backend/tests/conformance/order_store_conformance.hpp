// The conformance suite of OrderStore, Outbox and Inbox, which one adapter serves from one durable
// place. Each case is a function over "a store under test", so that a deliberately wrong adapter can
// be seen to fail it.
#pragma once

#include <span>

#include "ports/order_store.hpp"
#include "ports/outbox.hpp"

namespace onsale::conformance {

struct OrderStoreUnderTest {
  OrderStore& orders;
  Outbox& outbox;
  Inbox& inbox;
};

struct OrderStoreCase {
  const char* name;
  void (*run)(OrderStoreUnderTest&);
};
std::span<const OrderStoreCase> order_store_cases();

}  // namespace onsale::conformance
