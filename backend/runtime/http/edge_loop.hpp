// EdgeLoop: what the connections of one event loop share: the set of watched descriptors, buffers,
// the coarse clock that cuts slow clients, trace ids, the hub of streaming viewers.
//
// Connections are not Asio objects. Asio turns the loop (posted work, timers, listeners, signals)
// and watches one epoll set in which all of the loop's connections are registered once, edge
// triggered: a request then costs one recv and one send and no registration. Asio's own sockets
// would cost a further system call for each wait.
#pragma once

#include <netinet/in.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/http/head_parser.hpp"
#include "runtime/http/response_writer.hpp"
#include "runtime/http/server.hpp"
#include "runtime/http/trace_context.hpp"
#include "runtime/loop.hpp"

namespace onsale::http {

class Connection;
class EdgeLoop;

// What the loops of one server share.
struct EdgeShared {
  ServerOptions options;
  Handler* handler = nullptr;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> in_flight{0};  // suspended handlers
  std::atomic<int> stops{0};
  std::atomic<std::size_t> loops_live{0};
  std::function<void()> all_drained;
};

// Counters of one loop: written by it alone, read by anyone.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct EdgeCounters {
  Counter accepted;
  Counter requests;
  Counter refused_connections;
  Counter refused_in_flight;
  Counter timed_out;
  Counter malformed;
};

// One request and its answer while they are being worked on.
struct Exchange {
  Request request;
  Response response;
  Head head;
  Connection* connection = nullptr;
  bool starting = false;  // the handler's first stretch is running inside pump()
  bool done = false;
  Exchange* next_free = nullptr;
  HeaderField fields[kHeaderFieldsCapacity];
};

// A raw piece of memory that holds input.
struct Block {
  char* data = nullptr;
  std::size_t capacity = 0;
};

class EdgeLoop {
 public:
  static constexpr std::size_t kScratchBytes = 32 * 1024;

  EdgeLoop(EdgeShared& shared, std::size_t index);
  ~EdgeLoop();
  EdgeLoop(const EdgeLoop&) = delete;
  EdgeLoop& operator=(const EdgeLoop&) = delete;

  AsioScheduler& scheduler() { return scheduler_; }
  StreamHub& hub() { return *hub_; }
  [[nodiscard]] std::size_t index() const { return index_; }

  // Set-up, before the loop turns: watches a listening socket (owned from here on).
  void add_listener(int descriptor, bool internal);
  // On the loop, once it turns.
  void start();
  // On the loop: no new connections, idle ones end, viewers get their farewell.
  void begin_drain();

  // ---- for Connection, on the loop's thread
  [[nodiscard]] const Limits& limits() const { return shared_.options.limits; }
  EdgeShared& shared() { return shared_; }
  EdgeCounters& counters() { return counters_; }
  TraceIdSource& trace_ids() { return trace_ids_; }
  OutBuffer& out() { return out_; }
  [[nodiscard]] std::string_view date_line() const { return date_.text(); }
  [[nodiscard]] bool draining() const { return draining_; }

  // The block that recv() fills for a connection that owns none.
  Block& scratch() { return scratch_; }
  // The scratch block changes hands (a suspended handler holds views into it).
  Block take_scratch();
  void give_back(Block block);

  Exchange* take_exchange();
  void give_back(Exchange* exchange);

  // True while some connection uses out() and scratch(): another one must wait its turn.
  [[nodiscard]] bool busy() const { return busy_; }
  void set_busy(bool busy) { busy_ = busy; }
  // Runs connection->turn() soon, after the others of this round.
  void run_later(Connection* connection);

  // Deadlines, in ticks of the loop's coarse clock.
  void set_deadline(std::uint32_t slot, Milliseconds from_now) {
    slots_[slot].due = now_ + ticks_of(from_now);
  }
  void clear_deadline(std::uint32_t slot) { slots_[slot].due = kNever; }

  // Registers a new connection's descriptor; returns its slot.
  std::uint32_t enter(Connection* connection, int descriptor);
  // Takes a descriptor that lives on out of the set.
  void forget(int descriptor);
  // The connection is over: it is deleted when this round is over.
  void leave(Connection* connection) { graveyard_.push_back(connection); }

 private:
  static constexpr std::uint32_t kNever = 0xFFFFFFFFU;
  struct Slot {
    std::uint32_t due = kNever;
    std::uint32_t next_free = 0;
    Connection* connection = nullptr;
  };
  struct Reactor;  // the Asio side
  struct Listener;

  [[nodiscard]] std::uint32_t ticks_of(Milliseconds time) const {
    return static_cast<std::uint32_t>(time.count() / tick_ms_) + 1;
  }
  void watch();
  void watch_hub();
  void serve_ready();
  void serve_deferred();
  void bury();
  void tick();
  void arm_tick();
  void watch_listener(Listener& listener);
  void accept_ready(Listener& listener);
  void admit(int descriptor, const sockaddr_storage& peer, bool internal);
  void end_if_drained();

  EdgeShared& shared_;
  const std::size_t index_;
  AsioScheduler scheduler_;
  int epoll_ = -1;
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<StreamHub> hub_;
  EdgeCounters counters_;
  TraceIdSource trace_ids_;
  DateLine date_;
  OutBuffer out_;
  Block scratch_;
  std::vector<char*> spare_scratch_;
  Exchange* free_exchanges_ = nullptr;
  std::size_t free_exchange_count_ = 0;
  std::vector<Slot> slots_;
  std::uint32_t free_slot_ = kNever;
  std::size_t live_ = 0;
  std::vector<Connection*> deferred_;
  std::vector<Connection*> round_;  // scratch of serve_deferred()
  std::vector<Connection*> graveyard_;
  std::int64_t tick_ms_ = 250;
  std::uint32_t now_ = 0;
  bool busy_ = false;
  bool in_round_ = false;
  bool round_posted_ = false;     // a posted serve_deferred() is on its way
  std::size_t refused_open_ = 0;  // connections too many that still linger
  bool draining_ = false;
  bool drained_ = false;
};

}  // namespace onsale::http
