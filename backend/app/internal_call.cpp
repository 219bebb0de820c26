// A plain blocking HTTP/1.1 request with Connection: close; the office answers with Content-Length
// or closes, so reading to the end is enough.
#include "app/internal_call.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <functional>

namespace onsale::app {
namespace {

constexpr time_t kSecondsMax = 60;
constexpr std::size_t kAnswerBytesMax = 1 << 20;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

struct Place {
  std::string host;
  std::uint16_t port = 0;
};

Result<InternalAnswer> exchange(const std::string& url, time_t seconds,
                                const std::function<std::string(const Place&)>& request_to) {
  const auto fail = [&](const std::string& what) {
    return Failure{Code::unavailable, "cannot reach the office at " + url + ": " + what};
  };
  const std::size_t colon = url.rfind(':');
  const std::size_t host_at = std::string_view{"http://"}.size();
  if (!url.starts_with("http://") || colon == std::string::npos || colon < host_at) {
    return fail("not an address");
  }
  Place place{.host = url.substr(host_at, colon - host_at)};
  std::from_chars(url.data() + colon + 1, url.data() + url.size(), place.port);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(place.port);
  if (::inet_pton(AF_INET, place.host.c_str(), &address.sin_addr) != 1)
    return fail("not an IPv4 address");
  const Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit{.tv_sec = seconds, .tv_usec = 0};
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(std::strerror(errno));
  }
  const std::string request = request_to(place);
  for (std::size_t sent = 0; sent < request.size();) {
    const ssize_t n =
        ::send(socket.fd(), request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return fail(std::strerror(errno));
    sent += static_cast<std::size_t>(n);
  }
  std::string answer;
  char chunk[4096];
  while (answer.size() < kAnswerBytesMax) {
    const ssize_t n = ::recv(socket.fd(), chunk, sizeof chunk, 0);
    if (n < 0) return fail(std::strerror(errno));
    if (n == 0) break;
    answer.append(chunk, static_cast<std::size_t>(n));
  }
  const std::size_t head_end = answer.find("\r\n\r\n");
  InternalAnswer out;
  if (head_end == std::string::npos || answer.size() < 12) return fail("no answer");
  std::from_chars(answer.data() + 9, answer.data() + 12, out.status);
  out.body = answer.substr(head_end + 4);
  return out;
}

}  // namespace

Result<InternalAnswer> internal_post(const std::string& url, const std::string& token,
                                     const std::string& path, const std::string& json) {
  const auto request = [&](const Place& place) {
    return "POST " + path + " HTTP/1.1\r\nHost: " + place.host +
           "\r\nConnection: close\r\nContent-Type: application/json\r\n"
           "Authorization: Bearer " +
           token + "\r\nContent-Length: " + std::to_string(json.size()) + "\r\n\r\n" + json;
  };
  return exchange(url, kSecondsMax, request);
}

Result<InternalAnswer> internal_get(const std::string& url, const std::string& path, int seconds) {
  const auto request = [&](const Place& place) {
    return "GET " + path + " HTTP/1.1\r\nHost: " + place.host + "\r\nConnection: close\r\n\r\n";
  };
  return exchange(url, seconds, request);
}

}  // namespace onsale::app
