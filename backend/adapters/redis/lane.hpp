// Lane: everything that goes to Redis from one loop. Calls on an event that wait at this moment
// travel together as one FCALL, at most a few batches at a time: the busier it is, the larger the
// batches, and the less each call costs.
//
// Before the first call a lane asks the event's meta: epoch and fence make the names of its keys (the
// Binding). If the fence is not that of the connection, this Redis has lost its memory of the event:
// the event is closed here, calls are refused and on_closed is told, until a rebuild has opened it.
//
// What comes back without an answer (connection lost, slot on the move, CLOSED) is asked again until
// the call's time is up: every call is idempotent. submit() and ask() may be called from any thread,
// all else happens on the loop.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/redis/calls.hpp"
#include "adapters/redis/topology.hpp"
#include "runtime/completion.hpp"

namespace onsale::redis {

// The names of an event's keys in the memory they belong to.
struct Binding {
  std::uint32_t epoch = 0;
  std::string fence;
  SeatNumbering numbering;
  std::string seats_key;
  std::string due_key;
  std::string feed_key;
};
std::string tag_of(EventId event);       // {e:7}
std::string meta_key_of(EventId event);  // meta{e:7}

// A port call under way; lives in the caller's coroutine until done.
struct Call {
  CallWish wish;
  SteadyTime give_up;
  Completion<CallOutcome> done;
};

// Any other command on an event's keys.
struct Errand {
  EventId event;
  // Makes the command; without needs_open it is given an empty binding.
  std::function<std::string(const Binding&)> command;
  bool needs_open = true;
  std::string fence;  // if set: only to the server with this fence
  SteadyTime give_up;
  // What came, with the binding and fence it was asked under; unavailable, event_not_found.
  struct Found {
    Reply reply;
    Binding binding;
    std::string fence;
  };
  Completion<Result<Found>> done;
};

class Lane {
 public:
  struct Hooks {
    // The event is closed in its Redis and stays so until someone rebuilds it.
    std::function<void(EventId)> on_closed;
    std::function<bool(EventId)>
        is_known;  // has been opened here: if Redis knows nothing, it forgot
    std::function<void(EventId)> on_change;            // the feed has grown by a call of this lane
    std::function<std::string()> now;                  // "": Redis' own clock
    std::function<void(std::string_view)> on_trouble;  // for the log
  };
  Lane(AsioScheduler& loop, const Options& options, Hooks hooks);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  AsioScheduler& loop() { return loop_; }
  void start();
  void submit(Call& call);
  void ask(Errand& errand);
  // What is known of the event is old: look again before the next call. Any thread.
  void forget(EventId event);
  // The masters that can be used now. On the loop.
  [[nodiscard]] std::vector<Endpoint> ready_masters() const;
  // Answers everything that waits with `unavailable` and takes nothing more. On the loop.
  void stop();

 private:
  enum class Knowledge : std::uint8_t { unknown, asking, open, closed };
  struct Event {
    EventId id;
    Knowledge knowledge = Knowledge::unknown;
    Binding binding;
    SteadyTime known_at;  // when the meta was read
    SteadyTime not_before;
    std::uint64_t version = 0;  // the newest seen
    std::deque<Call*> calls;
    std::deque<Errand*> errands;
    std::size_t in_flight = 0;  // batches
    bool pump_posted = false;
  };

  Event& event(EventId id);
  void accept(Call& call);
  void accept(Errand& errand);
  void pump_soon(Event& event);
  void pump(Event& event);
  void pump_all();
  void tick();
  void drop_late(Event& event);
  enum class Whom : std::uint8_t { needing_open, all };
  static void refuse_waiting(Event& event, Code code, Whom whom);
  void ask_meta(Event& event, Connection& connection);
  void on_meta(Event& event, const std::string& fence, const Reply& reply);
  void closed(Event& event);
  void send_errands(Event& event, Connection& connection);
  void send_errand(Event& event, Connection& connection, Errand& errand);
  void send_batch(Event& event, Connection& connection);
  void on_batch(Event& event, std::vector<Call*> calls, std::uint32_t epoch, const Reply& reply);
  // What a reply that is none of the library's answers means. False: it will never be better.
  bool try_again(Event& event, const Reply& reply);

  AsioScheduler& loop_;
  const Options& options_;
  Hooks hooks_;
  std::unique_ptr<Topology> topology_;
  std::unordered_map<EventId, std::unique_ptr<Event>> events_;
  bool stopped_ = false;
  std::shared_ptr<bool> alive_;
};

}  // namespace onsale::redis
