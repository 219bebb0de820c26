// What the command line does to a data folder's catalogue: import and export, whether an office runs
// on the folder (then it is asked to do it) or not.
#pragma once

#include <string>
#include <vector>

#include "api/codec/import_wish.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace onsale::app {

// Fills wish.prices from "tier=price" arguments and a prices file ("" is none).
Status read_prices(const std::vector<std::string>& arguments, const std::string& file,
                   api::ImportWish& wish);

Result<api::ImportReport> import_into(const std::string& data_dir, const api::ImportWish& wish);

// Of an office anywhere: `url` is the internal address, the credential is in `token_file`. The plan's
// path is read on that machine.
Result<api::ImportReport> import_at(const std::string& url, const std::string& token_file,
                                    const api::ImportWish& wish);

// `format`: "json" or "csv".
Result<std::string> export_hall(const std::string& data_dir, EventId event,
                                const std::string& format);

}  // namespace onsale::app
