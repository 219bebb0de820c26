// The inside of the HTTP client: the connections of one loop to one origin, and the calls that wait
// for one. Everything here happens on that loop; Asio and Beast stay in client_pool.cpp.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "runtime/completion.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/trace_context.hpp"
#include "runtime/loop.hpp"

namespace onsale::http {

class ClientConnection;
struct PendingCall;

class ClientPool {
 public:
  ClientPool(AsioScheduler& loop, Origin origin, const ClientLimits& limits, ClientStats& stats);
  ~ClientPool();
  ClientPool(const ClientPool&) = delete;
  ClientPool& operator=(const ClientPool&) = delete;

  [[nodiscard]] bool serves(const AsioScheduler& loop, const Origin& origin) const {
    return &loop_ == &loop && origin_ == origin;
  }
  Task<ClientAnswer> call(ClientCall call);

  // ---- for ClientConnection and the deadline's timer
  // The connection is free (kept) or gone; its call has been answered.
  void given_back(const std::shared_ptr<ClientConnection>& connection, bool keep);
  // An idle connection was closed by the other side, or rested too long.
  void forget(const std::shared_ptr<ClientConnection>& connection);
  void expire(PendingCall& pending);
  // The call may go again on a new connection: the kept one was closed.
  void again(PendingCall& pending);
  std::string head_of(const PendingCall& pending);

  AsioScheduler& loop() { return loop_; }
  const Origin& origin() const { return origin_; }
  const ClientLimits& limits() const { return limits_; }
  ClientStats& stats() { return stats_; }

 private:
  void place(PendingCall& pending);
  void open_for(PendingCall& pending);

  AsioScheduler& loop_;
  const Origin origin_;
  const ClientLimits& limits_;
  ClientStats& stats_;
  TraceIdSource traces_;
  std::vector<std::shared_ptr<ClientConnection>> idle_;  // the one used last is used next
  std::vector<std::shared_ptr<ClientConnection>> busy_;
  std::deque<PendingCall*> waiting_;
};

}  // namespace onsale::http
