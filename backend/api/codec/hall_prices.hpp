// Prices by tier, as an operator gives them: on the command line or in a file.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/catalog/plan.hpp"

namespace onsale::codec {

// "Kategorie I=45000" (the last '=' counts).
Result<catalog::TierPrice> read_price_argument(std::string_view text);
// A JSON object {"Kategorie I": 45000} or CSV lines `name,price` (a header `tier,price` or
// `name,price` is allowed).
Result<std::vector<catalog::TierPrice>> read_prices_file(std::string_view bytes);

}  // namespace onsale::codec
