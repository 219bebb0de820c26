// Numeric hosts only: a rehearsal that waits for a name server measures the name server.
#include "rehearsal/target.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace onsale::rehearsal {

std::optional<Target> Target::parse(std::string_view url, std::string& why) {
  constexpr std::string_view scheme = "http://";
  if (url.substr(0, scheme.size()) != scheme) {
    why = "the address must begin with http://";
    return std::nullopt;
  }
  url.remove_prefix(scheme.size());
  const auto slash = url.find('/');
  const std::string_view authority = url.substr(0, slash);
  std::string_view base = slash == std::string_view::npos ? "" : url.substr(slash);
  while (!base.empty() && base.back() == '/') base.remove_suffix(1);

  const auto bracket = authority.find(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string name(authority.substr(0, colon));
  unsigned port = 80;
  if (colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || stop != digits.data() + digits.size() || port == 0 ||
        port > 65535) {
      why = "bad port in the address: " + std::string(digits);
      return std::nullopt;
    }
  }
  if (name == "localhost") name = "127.0.0.1";

  Target target;
  target.host_ = authority;
  if (name.size() > 2 && name.front() == '[') {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(static_cast<std::uint16_t>(port));
    if (::inet_pton(AF_INET6, name.substr(1, name.size() - 2).c_str(), &six.sin6_addr) != 1) {
      why = "not an IPv6 address: " + name;
      return std::nullopt;
    }
    std::memcpy(&target.address_, &six, sizeof six);
    target.address_bytes_ = sizeof six;
  } else {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::inet_pton(AF_INET, name.c_str(), &four.sin_addr) != 1) {
      why = "the host must be an IP address or localhost (names are not looked up): " + name;
      return std::nullopt;
    }
    std::memcpy(&target.address_, &four, sizeof four);
    target.address_bytes_ = sizeof four;
  }
  if (!base.empty()) {
    target.catalog_ = base;
    target.reservation_ = base;
    target.order_ = base;
  }
  return target;
}

int begin_connect(const Target& target) {
  const int fd = ::socket(target.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, target.address(), target.address_bytes()) != 0 && errno != EINPROGRESS) {
    ::close(fd);
    return -1;
  }
  return fd;
}

int connect_error(int fd) {
  int error = 0;
  socklen_t bytes = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes);
  return error;
}

bool allow_descriptors(std::size_t wanted, std::string& why) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return true;
  if (limit.rlim_max < wanted) {
    // Root may lift the ceiling itself.
    rlimit higher{.rlim_cur = wanted, .rlim_max = wanted};
    if (::setrlimit(RLIMIT_NOFILE, &higher) == 0) return true;
    why = "needs " + std::to_string(wanted) + " open descriptors, the hard limit is " +
          std::to_string(limit.rlim_max) + " (ulimit -Hn)";
    return false;
  }
  limit.rlim_cur = wanted;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace onsale::rehearsal
