// How orders and messages lie in the tables of schema_office_1.sql, and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "domain/order/message.hpp"
#include "domain/order/order.hpp"
#include "ports/catalogue_store.hpp"
#include "ports/provider_ledger.hpp"

namespace onsale::sqlite {

// Of a row with the columns that the statements of this folder name, in their order.
Order read_order(const Statement& row);
Message read_message(const Statement& row);

// Everything in a table, in the order of its key.
std::vector<Order> read_orders(Connection& connection);
std::vector<ProviderEntry> read_entries(Connection& connection);
std::vector<CatalogueEntry> read_catalogue(Connection& connection);

// `key_hash`: of the idempotency key it was placed under.
void insert_order(Connection& connection, const Order& order, std::int64_t key_hash);
void insert_messages(Connection& connection, const std::vector<Message>& messages);

}  // namespace onsale::sqlite
