// Where the office is, and what its calls are named.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

namespace onsale::rehearsal {

class Target {
 public:
  // http://HOST:PORT[/BASE]; see Options::url. `why` tells what is wrong with a bad one.
  static std::optional<Target> parse(std::string_view url, std::string& why);

  [[nodiscard]] const sockaddr* address() const {
    return reinterpret_cast<const sockaddr*>(&address_);  // NOLINT: the sockets API's own idiom
  }
  [[nodiscard]] socklen_t address_bytes() const { return address_bytes_; }
  [[nodiscard]] int family() const { return address_.ss_family; }
  [[nodiscard]] const std::string& host() const { return host_; }  // for the Host header

  // "/ticketing/catalog/api", or BASE if the URL has one.
  [[nodiscard]] const std::string& catalog() const { return catalog_; }
  [[nodiscard]] const std::string& reservation() const { return reservation_; }
  [[nodiscard]] const std::string& order() const { return order_; }

 private:
  sockaddr_storage address_{};
  socklen_t address_bytes_ = 0;
  std::string host_;
  std::string catalog_ = "/ticketing/catalog/api";
  std::string reservation_ = "/ticketing/reservation/api";
  std::string order_ = "/ticketing/order/api";
};

// Opens a non-blocking TCP socket and begins to connect it. -1 if there is no descriptor or port
// left, or the connection was refused on the spot. Writable means connected or failed: ask
// connect_error().
int begin_connect(const Target& target);
int connect_error(int fd);  // 0: connected

// Raises the soft limit of open descriptors to what `wanted` needs, if the hard limit allows it.
// False with `why` if it does not.
bool allow_descriptors(std::size_t wanted, std::string& why);

}  // namespace onsale::rehearsal
