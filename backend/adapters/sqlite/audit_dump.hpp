// What `onsale audit` reads from a data folder, also of a killed office: plain structs, one
// consistent snapshot a file, nothing written (but that SQLite replays its own log into memory).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/order/order.hpp"
#include "ports/catalogue_store.hpp"
#include "ports/provider_ledger.hpp"

namespace onsale::sqlite {

struct ClaimRow {
  EventId event;
  SeatId seat;
  OrderId order;
};
struct AnswerRow {
  BuyerId buyer;
  std::string route;
  std::string key;
  std::string location;
  int http_status = 0;
};
struct OfficeDump {
  std::vector<Order> orders;  // by id
  std::vector<ClaimRow> claims;
  std::vector<AnswerRow> answers;
  std::size_t outbox_unsent = 0;
  std::size_t inbox_rows = 0;
  std::vector<CatalogueEntry> catalogue;
};

// unavailable with one clear line, if the file is not there, not ours or damaged.
Result<OfficeDump> dump_office(const std::string& path);
Result<std::vector<ProviderEntry>> dump_provider(const std::string& path);

}  // namespace onsale::sqlite
