// What `onsale import` asks of an office: which file, offered as which event, at what prices. The
// command line sends it as JSON to a running office's internal listener, or acts on it itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/codec/request_body.hpp"

namespace onsale::api {

struct ImportWish {
  std::string path;                       // of the plan, on the office's machine
  std::optional<std::uint64_t> event;     // an existing event: re-import; else a new one
  std::string title, description, venue;  // empty: from the plan, or as they were
  std::string currency;
  std::string starts_at, on_sale_at;  // RFC 3339; empty: a month from now / now
  std::vector<std::pair<std::string, std::int64_t>> prices;  // by tier name
  std::optional<std::int64_t> default_price;
};

struct ImportReport {
  std::uint64_t event = 0;
  bool created = false;
  std::string title;
  std::uint32_t seats = 0;
  std::uint32_t added = 0;
  std::uint32_t retired = 0;
};

std::string write_import_wish(const ImportWish& wish);
Body<ImportWish> read_import_wish(std::string_view json);
std::string write_import_report(const ImportReport& report);
std::optional<ImportReport> read_import_report(std::string_view json);

}  // namespace onsale::api
