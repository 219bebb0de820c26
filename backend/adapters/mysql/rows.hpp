// How orders and messages lie in the tables of schema_office_1.sql, and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/mysql/batch.hpp"
#include "adapters/mysql/connection.hpp"
#include "domain/order/message.hpp"
#include "domain/order/order.hpp"
#include "ports/order_blob.hpp"
#include "ports/order_store.hpp"

namespace onsale::mysql {

std::string pack_seats(const SeatIds& seats);

inline std::int64_t number_of(EventId event) { return static_cast<std::int64_t>(event.value); }
inline std::int64_t number_of(SeatId seat) { return static_cast<std::int64_t>(seat.value); }

// Of a row with the columns that the statements of this folder name, in their order.
Order read_order(const Statement& row);
Message read_message(const Statement& row);

// Who writes and for how long: the node's lease on the orders it places and advances.
struct Driver {
  Bits128 node;
  Milliseconds lease{5'000};
};

// Gathers the rows of an order to be placed. `packed`: its seats, kept by the caller.
void gather_order(Batch& batch, const PlaceOrder& command, std::string_view packed,
                  const Driver& driver);
// `packed`: each message's seats, kept by the caller.
void gather_messages(Batch& batch, const std::vector<Message>& messages,
                     const std::vector<std::string>& packed, Bits128 node);
std::vector<std::string> pack_seats(const std::vector<Message>& messages);

}  // namespace onsale::mysql
