// One call to a running office's internal listener: for the command line only.
#pragma once

#include <string>

#include "base/result.hpp"

namespace onsale::app {

struct InternalAnswer {
  int status = 0;
  std::string body;
};

// POSTs JSON; blocking, with a time-out of a minute. `url` as in endpoints.json. Fails if nobody
// answers.
Result<InternalAnswer> internal_post(const std::string& url, const std::string& token,
                                     const std::string& path, const std::string& json);

// GETs what needs no credential (health); blocking, with a time-out of `seconds`.
Result<InternalAnswer> internal_get(const std::string& url, const std::string& path, int seconds);

}  // namespace onsale::app
