// The conformance suite of what an order store owes when several nodes share it: OrderLeases,
// LedgerProof, and an outbox with several relays. A case gets two nodes over one durable place.
#pragma once

#include <functional>
#include <span>

#include "ports/ledger_proof.hpp"
#include "ports/order_leases.hpp"
#include "ports/order_store.hpp"
#include "ports/outbox.hpp"

namespace onsale::conformance {

struct StoreNode {
  OrderStore& orders;
  Outbox& outbox;
  OrderLeases& leases;
  LedgerProof& proof;
};

struct SharedStoreUnderTest {
  StoreNode& one;
  StoreNode& two;
  // Lets the store's clock pass a lease's time, and a silent relay's.
  std::function<void()> lapse;
};

struct SharedStoreCase {
  const char* name;
  void (*run)(SharedStoreUnderTest&);
};
std::span<const SharedStoreCase> shared_store_cases();

}  // namespace onsale::conformance
