// The Function library that is loaded into Redis. Its name carries a checksum of its text, so that an
// old and a new office run side by side on one Redis, each with its own rules.
#pragma once

#include <string>
#include <string_view>

namespace onsale::redis {

const std::string& library_text();
const std::string& library_name();  // onsale_v1_1a2b3c4d
// The name of one of its functions: function("step").
std::string function(std::string_view name);

}  // namespace onsale::redis
