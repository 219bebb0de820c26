// A hall as a table (CSV, RFC 4180): `section,row,seat,x,y,tier`, and optionally `price`, `guid`,
// `wheelchair`, in any order under a header line. Decoration and the hall's size have no place in
// it; a seat without a guid is known as `section/row/seat`.
#pragma once

#include <string>
#include <string_view>

#include "api/codec/hall_json.hpp"
#include "base/result.hpp"
#include "domain/catalog/plan.hpp"

namespace onsale::codec {

// As read_hall_json(); faults are named by line and column name: `line 7, x: not a number`.
// `name` becomes the hall's.
Result<catalog::Hall> read_hall_csv(std::string_view bytes, std::string_view name,
                                    const HallFileLimits& limits = {});
std::string write_hall_csv(const catalog::Hall& hall);

}  // namespace onsale::codec
