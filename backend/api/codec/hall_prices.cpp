// Price lists: small, but typed by hand, so each refusal says what was expected.
#include "api/codec/hall_prices.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <string>
#include <utility>

#include "api/codec/csv_reader.hpp"

namespace onsale::codec {
namespace {

constexpr std::size_t kPricesBytesMax = 1U << 20U;

Result<catalog::TierPrice> tier_price(std::string_view tier, std::string_view amount,
                                      const std::string& where) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(amount.data(), amount.data() + amount.size(), value);
  if (tier.empty() || error != std::errc() || end != amount.data() + amount.size() || value < 0 ||
      value > catalog::kPriceMax) {
    return Failure{Code::validation_failed,
                   where + ": a price is TIER and a whole number, 0 or more"};
  }
  return catalog::TierPrice{std::string(tier), Money{value}};
}

Result<std::vector<catalog::TierPrice>> read_prices_json(std::string_view bytes) {
  boost::json::error_code error;
  const boost::json::value document = boost::json::parse({bytes.data(), bytes.size()}, error);
  if (error) return Failure{Code::malformed_request, "not JSON: " + error.message()};
  std::vector<catalog::TierPrice> prices;
  for (const auto& [tier, amount] : document.as_object()) {
    Result<catalog::TierPrice> one = tier_price(
        tier, amount.is_int64() ? std::to_string(amount.get_int64()) : "", "/" + std::string(tier));
    if (!one) return one.error();
    prices.push_back(*std::move(one));
  }
  return prices;
}

}  // namespace

Result<catalog::TierPrice> read_price_argument(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos) {
    return Failure{Code::validation_failed,
                   "'" + std::string(text) + "': a price is written TIER=AMOUNT"};
  }
  return tier_price(text.substr(0, equals), text.substr(equals + 1), "'" + std::string(text) + "'");
}

Result<std::vector<catalog::TierPrice>> read_prices_file(std::string_view bytes) {
  if (bytes.size() > kPricesBytesMax) {
    return Failure{Code::malformed_request, "the price list is larger than 1 MiB"};
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin != std::string_view::npos && bytes[begin] == '{') return read_prices_json(bytes);

  std::vector<catalog::TierPrice> prices;
  CsvReader lines(bytes);
  std::vector<std::string> fields;
  for (bool first = true;; first = false) {
    const Result<bool> more = lines.next(fields);
    if (!more) return more.error();
    if (!*more) break;
    if (first && fields.size() == 2 && fields[1] == "price") continue;
    const std::string where = "line " + std::to_string(lines.line());
    Result<catalog::TierPrice> one =
        tier_price(fields[0], fields.size() == 2 ? fields[1] : "", where);
    if (!one) return one.error();
    prices.push_back(*std::move(one));
  }
  return prices;
}

}  // namespace onsale::codec
