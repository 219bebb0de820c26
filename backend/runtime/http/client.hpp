// HTTP/1.1 client for calls between the roles of one office: connections kept alive and pooled, one
// pool for each origin and event loop, a deadline on every call, every limit named.
//
// A call runs on the loop that awaits it (a coroutine outside an AsioScheduler is a bug) and ends
// within its deadline, whatever the other side does. It tells the callee how long that is
// (Deadline-Ms: the milliseconds left when the head was written) and which trace it belongs to
// (traceparent). Nothing is retried but one case: a repeatable call that was sent on a kept
// connection which turned out to be closed goes again, once, on a new one (RFC 9112 section 9.3.1).
// A call that is not repeatable never uses a kept connection.
//
// Thread-safe. Destroyed when none of its loops turns any more, and before they are.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "runtime/http/message.hpp"
#include "runtime/task.hpp"

namespace onsale {
class AsioScheduler;
}

namespace onsale::http {

struct ClientLimits {
  std::size_t connections_max = 128;     // open to one origin from one loop
  std::size_t waiting_max = 4096;        // calls of one loop waiting for one of them; more: no_room
  std::size_t body_bytes_max = 1 << 20;  // of an answer
  std::uint32_t head_bytes_max = 16 * 1024;
  Milliseconds connect_time_max{1000};
  Milliseconds idle_time_max{30'000};  // below the server's own, so that it is us who close
};

struct Origin {
  std::string host;  // a name or an IP address, IPv6 without brackets
  std::uint16_t port = 0;
  friend auto operator<=>(const Origin&, const Origin&) = default;
};
// "host:port", "http://host:port", "[::1]:port"; validation_failed with a detail otherwise.
Result<Origin> parse_origin(std::string_view text);
std::string text_of(const Origin& origin);

struct ClientCall {
  Method method = Method::post;
  std::string target;             // path and query
  std::string fields;             // more header fields, each "Name: value\r\n"
  std::string body;               // JSON; none is sent if it is empty and the method is GET
  TraceId trace;                  // nil: a new one, which nobody need follow
  std::uint64_t parent_span = 0;  // in that trace; 0: any
  bool repeatable = false;
  Milliseconds deadline{2000};
};

enum class ClientFault : std::uint8_t {
  none,           // there is an answer
  not_connected,  // no connection: the call has not been sent
  no_room,        // too many wait already: not sent
  timed_out,      // the deadline passed
  broken,         // the connection ended before the answer was whole
  too_large,      // the answer is beyond body_bytes_max
  malformed,      // the answer is no HTTP/1.1
};
std::string_view name_of(ClientFault fault);

struct ClientAnswer {
  ClientFault fault = ClientFault::none;
  bool sent = false;  // the callee may have got the call
  int status = 0;
  std::string body;
  [[nodiscard]] bool came() const { return fault == ClientFault::none; }
};

struct ClientStats {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> connected{0};  // connections made
  std::atomic<std::uint64_t> sent_again{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> no_room{0};
  std::atomic<std::int64_t> open{0};  // connections now
  std::atomic<std::int64_t> waiting{0};
};

class ClientPool;  // client_pool.hpp: one origin's connections on one loop

class HttpClient {
 public:
  explicit HttpClient(ClientLimits limits = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Task<ClientAnswer> call(Origin origin, ClientCall call);
  [[nodiscard]] const ClientStats& stats() const { return stats_; }

 private:
  ClientPool& pool_of(AsioScheduler& loop, const Origin& origin);

  const ClientLimits limits_;
  ClientStats stats_;
  Mutex mutex_;
  std::vector<std::unique_ptr<ClientPool>> pools_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale::http
