// What a full socket did not take of a connection's answers.
#pragma once

#include <cstddef>
#include <string>

#include "runtime/http/connection.hpp"

namespace onsale::http {

struct Connection::Pending {
  std::string bytes;
  SharedBytes body;        // sent after `bytes`; may be null
  std::size_t offset = 0;  // in both together
};

}  // namespace onsale::http
