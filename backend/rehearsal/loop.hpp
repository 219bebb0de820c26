// The rehearsal's own event loop: epoll, a timer queue, one thread.
//
// Not Asio: the load generator shares a small machine with the server that it measures, so each
// microsecond here is taken from there; and a second implementation shares no fault with the first.
// Not thread-safe: everything happens on the thread that calls run().
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace onsale::rehearsal {

// Monotonic nanoseconds. Latency and the ledger of acknowledgements use nothing else, so that a
// step of the wall clock, here or on the server, cannot fake a breach.
using Nanos = std::int64_t;
inline constexpr Nanos nanos_per_ms = 1'000'000;
inline constexpr Nanos nanos_per_second = 1'000'000'000;

class Timer;

class Loop {
 public:
  // Called with the epoll events of a descriptor. May remove itself or others.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void on_ready(std::uint32_t events) = 0;
  };

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Level-triggered. The descriptor stays the caller's; remove() before closing it.
  void add(int fd, std::uint32_t events, Watcher& watcher);
  void change(int fd, std::uint32_t events);
  void remove(int fd);

  // Runs `work` on a later turn of the loop, never inside the caller.
  void post(std::function<void()> work);

  // Runs until stop(). Work left behind is kept and simply not run.
  void run();
  void stop() { stopping_ = true; }

  static Nanos now();

  // One buffer for everybody's reads; valid until the next read by anyone.
  [[nodiscard]] char* scratch() { return scratch_.data(); }
  static constexpr std::size_t scratch_bytes = 256UL * 1024;

 private:
  friend class Timer;
  struct Slot {
    Watcher* watcher = nullptr;
    std::uint32_t generation = 0;
  };
  void wait(Nanos until);
  void run_timers();
  void run_posted();

  int epoll_fd_ = -1;
  bool stopping_ = false;
  std::vector<Slot> slots_;  // by descriptor; the generation unmasks events of a closed one
  std::multimap<Nanos, Timer*> timers_;
  std::vector<std::function<void()>> posted_;
  std::vector<char> scratch_;
};

// One alarm that can be set again and again. Destroying it cancels it. `ring` gets the time that it
// was due at, which is earlier than now(): open-loop latency starts there.
class Timer {
 public:
  Timer(Loop& loop, std::function<void(Nanos due)> ring);
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void set(Nanos due);  // replaces an earlier setting
  void cancel();
  [[nodiscard]] bool is_set() const { return set_; }

 private:
  friend class Loop;
  Loop& loop_;
  std::function<void(Nanos)> ring_;
  std::multimap<Nanos, Timer*>::iterator place_;
  bool set_ = false;
};

}  // namespace onsale::rehearsal
