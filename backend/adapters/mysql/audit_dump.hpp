// What `onsale audit` reads from a live office's database: plain structs, one consistent snapshot,
// nothing written.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/order/order.hpp"
#include "ports/catalogue_store.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale::mysql {

class Database;

struct AnswerRow {
  BuyerId buyer;
  std::string route;
  std::string key;
  std::string location;
  int http_status = 0;
};
struct OfficeDump {
  std::vector<Order> orders;  // by id
  std::vector<SeatClaim>
      claims;  // buyer and sold as their orders say; a claim of no order has neither
  std::vector<AnswerRow> answers;
  std::size_t outbox_unsent = 0;
  std::vector<CatalogueEntry> catalogue;
};

// Waits on the caller's thread. All orders in memory: for a tool, not for an office.
Result<OfficeDump> dump_office(Database& database);

}  // namespace onsale::mysql
