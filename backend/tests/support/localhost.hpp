// Whether the name "localhost" has an address: a bare root without /etc/hosts may know none.
#pragma once

#include <netdb.h>

namespace onsale {

inline bool localhost_has_an_address() {
  addrinfo* found = nullptr;
  if (getaddrinfo("localhost", nullptr, nullptr, &found) != 0) return false;
  freeaddrinfo(found);
  return true;
}

}  // namespace onsale
