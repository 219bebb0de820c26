// The steps of an import. Everything that can be refused is refused before anything is changed.
#include "app/importing.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "api/codec/hall_csv.hpp"
#include "api/codec/hall_json.hpp"
#include "app/restoring.hpp"
#include "domain/catalog/plan.hpp"

namespace onsale::app {
namespace {

constexpr std::uint64_t kIdsAnEvent = 1'000'000;  // seat ids of event n: n*1,000,000+1 …

Result<std::string> read_plan(const std::string& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return Failure{Code::validation_failed, "cannot read " + path};
  const auto size = static_cast<std::uint64_t>(file.tellg());
  if (!file || size > bytes_max) {
    return Failure{Code::validation_failed, path +
                                                " is too large for a plan (or no file): at most " +
                                                std::to_string(bytes_max >> 20U) + " MiB"};
  }
  file.seekg(0);
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

std::string stem_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (const std::size_t dot = name.find_last_of('.'); dot != std::string::npos && dot > 0) {
    name.resize(dot);
  }
  return name;
}

Result<catalog::Hall> read_hall(const std::string& path) {
  const codec::HallFileLimits limits;
  const auto bytes = read_plan(path, limits.bytes_max);
  if (!bytes) return bytes.error();
  const std::size_t first = bytes->find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool json =
      first != std::string::npos && ((*bytes)[first] == '{' || (*bytes)[first] == '[');
  return json ? codec::read_hall_json(*bytes, limits)
              : codec::read_hall_csv(*bytes, stem_of(path), limits);
}

EventId next_event_id(const catalog::CatalogService& catalog) {
  std::uint64_t last = 0;
  for (const auto& entry : catalog.all()) last = std::max(last, entry.offer->event().id.value);
  return {last + 1};
}

}  // namespace

std::optional<Instant> parse_time(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3)
    return std::nullopt;
  std::string rest = text.substr(static_cast<std::size_t>(used));
  if (!rest.empty() && (rest[0] == 'T' || rest[0] == ' ')) {
    if (std::sscanf(rest.c_str() + 1, "%2d:%2d%n", &hour, &minute, &used) != 2) return std::nullopt;
    rest = rest.substr(static_cast<std::size_t>(used) + 1);
    if (!rest.empty() && rest[0] == ':') {
      if (std::sscanf(rest.c_str(), ":%2d%n", &second, &used) != 1) return std::nullopt;
      rest = rest.substr(static_cast<std::size_t>(used));
      if (!rest.empty() && rest[0] == '.') {
        rest = rest.substr(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
      }
    }
  }
  std::int64_t offset_minutes = 0;
  if (!rest.empty() && rest != "Z" && rest != "z") {
    int hours = 0, minutes = 0;
    char sign = 0;
    if (std::sscanf(rest.c_str(), "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 ||
        static_cast<std::size_t>(used) != rest.size() || (sign != '+' && sign != '-')) {
      return std::nullopt;
    }
    offset_minutes = (sign == '+' ? 1 : -1) * (hours * 60 + minutes);
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || year < 1970 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto at = std::chrono::sys_days{date} + std::chrono::hours{hour} +
                  std::chrono::minutes{minute - offset_minutes} + std::chrono::seconds{second};
  return std::chrono::time_point_cast<Milliseconds>(at);
}

Result<api::ImportReport> import_hall(const ImportTools& tools, const api::ImportWish& wish) {
  const auto refuse = [](std::string detail) {
    return Failure{Code::validation_failed, std::move(detail)};
  };
  auto read = read_hall(wish.path);
  if (!read) return read.error();
  const catalog::CatalogService::Entry* existing = nullptr;
  if (wish.event) {
    existing = tools.catalog.find({*wish.event});
    if (existing == nullptr) {
      return Failure{Code::event_not_found, "there is no event " + std::to_string(*wish.event) +
                                                " to import into; leave --event out for a new one"};
    }
  }
  std::vector<catalog::TierPrice> prices;
  for (const auto& [tier, price] : wish.prices) prices.push_back({tier, Money{price}});
  if (existing != nullptr) {
    // Tiers keep the price they were sold at unless a new one is named.
    for (const catalog::Tier& tier : existing->offer->hall().tiers) {
      const auto named = [&](const catalog::TierPrice& p) { return p.tier == tier.name; };
      const auto in_plan = [&](const catalog::Tier& t) { return t.name == tier.name; };
      if (std::none_of(prices.begin(), prices.end(), named) &&
          std::any_of(read->tiers.begin(), read->tiers.end(), in_plan)) {
        prices.push_back({tier.name, tier.price});
      }
    }
  }
  std::optional<Money> otherwise;
  if (wish.default_price) otherwise = Money{*wish.default_price};
  auto hall = catalog::apply_prices(std::move(*read), prices, otherwise);
  if (!hall) return hall.error();
  const auto seats = static_cast<std::uint32_t>(catalog::seat_count(*hall));
  if (seats == 0) return refuse("the plan has no seats");

  const Instant now = tools.clock.now();
  const auto time_or = [&](const std::string& text, Instant otherwise_at,
                           const char* flag) -> Result<Instant> {
    if (text.empty()) return otherwise_at;
    const auto at = parse_time(text);
    if (!at)
      return refuse(std::string{flag} + ": '" + text +
                    "' is no time; write 2027-03-01T19:30:00+09:00");
    return *at;
  };

  CatalogueEntry entry;
  api::ImportReport report;
  std::vector<std::uint32_t> retired;
  if (existing != nullptr) {
    const auto statuses = tools.statuses(existing->offer->event().id);
    if (!statuses) return statuses.error();
    auto merged = catalog::merge(existing->offer->event(), existing->offer->hall(),
                                 std::move(*hall), *statuses);
    if (!merged) return merged.error();
    entry.event = std::move(merged->event);
    entry.hall = std::move(merged->hall);
    retired = std::move(merged->retired);
    report.added = static_cast<std::uint32_t>(merged->added.size());
    report.retired = static_cast<std::uint32_t>(retired.size());
  } else {
    catalog::number_seats(*hall);
    const EventId id = next_event_id(tools.catalog);
    entry.event.id = id;
    entry.event.numbering = {.first = id.value * kIdsAnEvent + 1, .stride = 1, .count = seats};
    entry.event.title = hall->name.empty() ? stem_of(wish.path) : hall->name;
    entry.event.venue = hall->name;
    entry.event.starts_at = now + std::chrono::days{30};
    entry.event.on_sale_at = now;
    entry.hall = std::move(*hall);
    report.created = true;
    report.added = seats;
  }
  if (!wish.title.empty()) entry.event.title = wish.title;
  if (!wish.description.empty()) entry.event.description = wish.description;
  if (!wish.venue.empty()) entry.event.venue = wish.venue;
  if (!wish.currency.empty()) {
    const bool iso =
        wish.currency.size() == 3 && std::all_of(wish.currency.begin(), wish.currency.end(),
                                                 [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!iso) return refuse("--currency: '" + wish.currency + "' is no ISO 4217 code such as KRW");
    entry.event.currency = wish.currency;
  }
  const auto starts = time_or(wish.starts_at, entry.event.starts_at, "--starts-at");
  if (!starts) return starts.error();
  const auto on_sale = time_or(wish.on_sale_at, entry.event.on_sale_at, "--on-sale-at");
  if (!on_sale) return on_sale.error();
  entry.event.starts_at = *starts;
  entry.event.on_sale_at = *on_sale;

  report.event = entry.event.id.value;
  report.title = entry.event.title;
  report.seats = seats;
  const Status opened = open_in_ledger(tools.ledger, {.event = &entry.event, .hall = &entry.hall});
  if (!opened) return opened.error();
  if (const Status stored = tools.catalog.put(std::move(entry)); !stored) return stored.error();
  return report;
}

}  // namespace onsale::app
