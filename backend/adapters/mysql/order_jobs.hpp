// What runs on the pool for orders: reads, and lone transactions that may be repeated. Each function
// may leave the connection failed; what it returned then means nothing (pool.hpp sees to that).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/rows.hpp"
#include "ports/order_store.hpp"

namespace onsale::mysql {

Result<Order> find_order(Connection& connection, OrderId id);
std::optional<StoredAnswer> find_stored_answer(Connection& connection,
                                               const IdempotencyScope& scope);
OrderPage list_orders(Connection& connection, BuyerId buyer, std::optional<OrderId> after,
                      std::size_t max);
std::vector<Order> list_open_orders(Connection& connection, std::optional<OrderId> after,
                                    std::size_t max);
std::vector<SeatClaim> list_claims(Connection& connection, std::optional<EventId> event);

std::size_t purge_old_answers(Connection& connection, Instant before, std::size_t max);
std::vector<Order> cancel_orders_of(Connection& connection, EventId event, Instant at);

std::vector<OrderId> acquire_leases(Connection& connection, const std::vector<OrderId>& orders,
                                    const Driver& driver);
std::vector<Order> take_over_orders(Connection& connection, std::optional<OrderId> after,
                                    std::size_t max, const Driver& driver);
void release_leases(Connection& connection, const std::vector<OrderId>& orders,
                    const Driver& driver);
void renew_leases(Connection& connection, const std::vector<OrderId>& orders, const Driver& driver);
std::uint32_t raise_epoch(Connection& connection, EventId event, std::uint32_t at_least);

void gather_inbox(Batch& batch, const std::string& consumer, const std::vector<MessageId>& ids);

}  // namespace onsale::mysql
