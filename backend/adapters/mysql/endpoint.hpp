// Endpoint: where a MySQL or MariaDB server is and as whom to speak to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace onsale::mysql {

struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3306;
  std::string user = "onsale";
  std::string password;
  std::string database = "onsale";
  std::string ca_file;  // set: TLS is demanded, and the server's certificate must be signed by it

  // "onsale@127.0.0.1:3306/onsale": for logs; never the password.
  [[nodiscard]] std::string to_string() const;
};

// "mysql://user[:password]@host[:port]/database[?ca=FILE]"; user and password may be %-encoded.
// validation_failed with one line for a person, which does not repeat the password.
Result<Endpoint> parse_endpoint(std::string_view url);

}  // namespace onsale::mysql
