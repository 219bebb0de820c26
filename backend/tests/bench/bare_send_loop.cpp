// The least that a fan-out can be: a loop of send() over all viewers, in the very turn that takes
// the change. No feed, no ticks, no slow viewers, no one else: the denominator of the fan-out goal.
//
// It speaks just enough of the contract that `onsale rehearse --mode viewers` cannot tell it from an
// office: a map of some seats, holds and releases that always succeed, the seat stream.
//
//   bare_send_loop [PORT]      prints {"port": N}, runs until SIGTERM
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr unsigned kSeats = 1000;
constexpr std::size_t kHeadMax = 4096;

std::vector<int> viewers;
std::vector<std::string> partial;  // by descriptor: a request that has not come whole
unsigned long version = 1;

void send_whole(int descriptor, std::string_view bytes) {
  // Loopback and small answers: what does not fit at once is a viewer too slow for this loop.
  (void)::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::string answer(const char* status, const std::string& body, const char* more = "") {
  return std::string("HTTP/1.1 ") + status + "\r\nContent-Type: application/json\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string seat_map() {
  std::string body = "{\"rows\":1,\"cols\":1000,\"version\":" + std::to_string(version);
  body += ",\"seats\":[";
  for (unsigned seat = 1; seat <= kSeats; ++seat) {
    if (seat > 1) body += ',';
    body += "{\"id\":" + std::to_string(seat) +
            ",\"r\":0,\"c\":0,\"price\":50000,\"status\":\"AVAILABLE\"}";
  }
  return body + "]}";
}

void tell_everyone(const std::string& seat, const char* status) {
  const std::string number = std::to_string(++version);
  const std::string frame = "id: " + number + "\nevent: SEAT_UPDATE\ndata: {\"seatId\":" + seat +
                            ",\"status\":\"" + status + "\",\"version\":" + number + "}\n\n";
  for (const int viewer : viewers) send_whole(viewer, frame);
}

std::string digits_after(std::string_view text, std::string_view what) {
  const std::size_t at = text.rfind(what);
  if (at == std::string_view::npos) return "0";
  const std::string_view rest = text.substr(at + what.size());
  return std::string(rest.substr(0, rest.find_first_not_of("0123456789")));
}

// False: the connection is a viewer from now on.
bool serve(int descriptor, std::string_view request) {
  const std::string_view line = request.substr(0, request.find('\r'));
  if (line.find("/seats/stream") != std::string_view::npos) {
    const std::string number = std::to_string(version);
    send_whole(descriptor,
               "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
               "id: " +
                   number + "\nevent: INIT\ndata: {\"eventId\":1,\"version\":" + number + "}\n\n");
    viewers.push_back(descriptor);
    return false;
  }
  if (line.starts_with("POST")) {
    // The answer leaves first, as the office's does.
    send_whole(descriptor,
               answer("201 Created",
                      "{\"holdSeconds\":600,\"version\":" + std::to_string(version + 1) + "}",
                      "Buyer-Token: bare\r\n"));
    tell_everyone(digits_after(request, "\"seatId\":"), "HELD");
  } else if (line.starts_with("DELETE")) {
    send_whole(descriptor, "HTTP/1.1 204 No Content\r\nBuyer-Token: bare\r\n\r\n");
    tell_everyone(digits_after(line.substr(0, line.rfind(' ')), "/"), "AVAILABLE");
  } else {
    // A map is larger than a fresh socket's buffer: this one may wait.
    const std::string map = answer("200 OK", seat_map());
    for (std::size_t sent = 0; sent < map.size();) {
      const auto took = ::send(descriptor, map.data() + sent, map.size() - sent, MSG_NOSIGNAL);
      if (took > 0) sent += static_cast<std::size_t>(took);
      if (took < 0 && errno != EAGAIN) break;
    }
  }
  return true;
}

// False once the client has gone.
bool read_on(int descriptor) {
  char bytes[kHeadMax];
  const auto got = ::recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN;
  if (got == 0) return false;
  std::string& text = partial[static_cast<std::size_t>(descriptor)];
  text.append(bytes, static_cast<std::size_t>(got));
  while (true) {
    const std::size_t head = text.find("\r\n\r\n");
    if (head == std::string::npos) return true;
    const std::string_view heads = std::string_view(text).substr(0, head);
    const std::size_t body = heads.find("Content-Length: ") == std::string_view::npos
                                 ? 0
                                 : std::stoul(digits_after(heads, "Content-Length: "));
    if (text.size() < head + 4 + body) return true;
    const std::string request = text.substr(0, head + 4 + body);
    text.erase(0, request.size());
    if (!serve(descriptor, request)) return true;
  }
}

}  // namespace

int main(int argc, char** argv) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  std::signal(SIGTERM, [](int) { ::_exit(0); });

  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 4096) != 0) {
    std::perror("bare_send_loop");
    return 1;
  }
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("{\"port\": %u}\n", ntohs(address.sin_port));
  std::fflush(stdout);

  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event wish{.events = EPOLLIN, .data = {.fd = listener}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wish);
  while (true) {
    epoll_event events[256];
    const int ready = ::epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < ready; ++i) {
      const int descriptor = events[i].data.fd;
      if (descriptor != listener) {
        if (!read_on(descriptor)) {
          std::erase(viewers, descriptor);
          ::close(descriptor);
        }
        continue;
      }
      for (int fresh = 0;
           (fresh = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        ::setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (partial.size() <= static_cast<std::size_t>(fresh)) partial.resize(fresh + 1UL);
        partial[static_cast<std::size_t>(fresh)].clear();
        epoll_event interest{.events = EPOLLIN, .data = {.fd = fresh}};
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, fresh, &interest);
      }
    }
  }
}
