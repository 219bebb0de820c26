// An order as the contract tells it.
#pragma once

#include <string>

#include "domain/order/order.hpp"
#include "ports/catalogue.hpp"

namespace onsale::api {

// Appends {orderId,status,eventId,seatIds,amount,currency,createdAt,payBy,reason?,tickets?}; tickets
// carry section, row and seat as the catalogue prints them.
void append_order(std::string& out, const Order& order, const Catalogue& catalogue);

}  // namespace onsale::api
