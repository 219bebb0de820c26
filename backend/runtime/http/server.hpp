// The HTTP/1.1 edge: listeners, event loops (one a core, SO_REUSEPORT), connections with every
// limit named, and the hubs of streaming viewers. RFC 9110, RFC 9112.
//
// A slow or silent client costs its own connection only. Ambiguous framing is refused and the
// connection closed (RFC 9112 section 6.3, 11.2): see connection.cpp for the list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "runtime/http/handler.hpp"
#include "runtime/http/stream_hub.hpp"
#include "runtime/scheduler.hpp"

namespace onsale::http {

struct Limits {
  std::size_t header_bytes_max =
      16 * 1024;  // request line and fields; beyond: 431 (414 for the target)
  std::size_t target_bytes_max = 8 * 1024;
  std::size_t header_fields_max = 64;      // beyond: 431; never more than 128
  std::size_t body_bytes_max = 64 * 1024;  // beyond: 413
  Milliseconds header_time_max{10'000};    // from the first byte of a request: 408
  Milliseconds body_time_max{15'000};      // from the end of the head: 408
  Milliseconds idle_time_max{75'000};      // between requests: closed
  Milliseconds write_time_max{20'000};     // no progress on a full socket: closed
  Milliseconds linger_time_max{2'000};     // after a refusal the client may still read the answer
  std::size_t linger_bytes_max = 256 * 1024;  // … while so many of its bytes are thrown away
  Milliseconds drain_time_max{25'000};        // SIGTERM to the end
  std::size_t connections_max = 20'000;       // over all loops; beyond: 503 + close
  std::size_t in_flight_max = 4'096;  // handlers running, over all loops; beyond: 503 + Retry-After
  std::size_t pipelined_max = 64;     // requests of one connection answered in one write
  std::size_t output_bytes_max =
      256 * 1024;  // answers waiting to be written to one connection: reading stops
};

struct Endpoint {
  std::string address = "0.0.0.0";
  std::uint16_t port = 8080;  // 0: any free one
  bool internal = false;      // requests from it have internal_listener set
};

struct ServerOptions {
  std::vector<Endpoint> endpoints;
  std::size_t loops = 0;  // 0: one a core
  Limits limits;
  StreamHubLimits streams;
};

struct ServerStats {
  std::size_t connections = 0;
  std::size_t in_flight = 0;
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t refused_in_flight = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t malformed = 0;
  StreamHubStats streams;
};

// Life: construct → listen → run (blocks until drained) . Loops exist from construction, so that
// services can be built on their schedulers before the first request.
class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds every endpoint. A failure is one clear line, e.g. "port 8080 is in use; choose another
  // with --port".
  Status listen();
  // The port really bound for the n-th endpoint.
  [[nodiscard]] std::uint16_t port(std::size_t endpoint) const;

  // The n-th loop; n < loops().
  [[nodiscard]] std::size_t loops() const;
  Scheduler& loop(std::size_t n);

  // Serves until stop() has drained it. `handler` must outlive the call. Starts loops()-1 threads
  // and uses the calling one. `started` runs on loop 0 once every loop turns.
  void run(Handler& handler, std::function<void()> started);

  // Begins the drain; any thread, also from a signal watcher: no new connections, requests in
  // flight finish (Connection: close), viewers get their farewell, run() returns within
  // drain_time_max. A second call ends at once.
  void stop();
  [[nodiscard]] bool draining() const;
  // After the last connection has ended the loops go on turning while `busy()`, asked on loop 0
  // every few milliseconds: background work in the middle of a step ends it (within
  // drain_time_max). Before run().
  void drain_also(std::function<bool()> busy);

  // Calls `on_signal(signal_number)` on loop 0 for SIGTERM and SIGINT.
  void on_signals(std::function<void(int)> on_signal);

  // Sends one shared frame to every viewer of `channel` on every loop whose cursor is
  // `from_cursor`, moving it to `to_cursor`; others catch up by themselves. Any thread.
  void publish(const std::shared_ptr<StreamChannel>& channel, std::uint64_t from_cursor,
               std::uint64_t to_cursor, SharedBytes frame);
  // Ends every stream of the channel (the sale is over) after a last frame. Any thread.
  void end_streams(const std::shared_ptr<StreamChannel>& channel, SharedBytes last);

  [[nodiscard]] ServerStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace onsale::http
