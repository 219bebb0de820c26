// epoll with nanosecond waits: open-loop schedules of 100,000 a second need more than the
// millisecond that epoll_wait() offers.
#include "rehearsal/loop.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <utility>

#include "base/assert.hpp"

namespace onsale::rehearsal {

namespace {

constexpr int batch_max = 512;
constexpr Nanos wait_max = nanos_per_second / 4;

}  // namespace

Loop::Loop() : epoll_fd_(::epoll_create1(EPOLL_CLOEXEC)), scratch_(scratch_bytes) {
  check(epoll_fd_ >= 0, "epoll_create1 failed");
  // The kernel rounds a thread's waits up by 50 µs unless told not to.
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

Loop::~Loop() { ::close(epoll_fd_); }

Nanos Loop::now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * nanos_per_second + time.tv_nsec;
}

void Loop::add(int fd, std::uint32_t events, Watcher& watcher) {
  if (slots_.size() <= static_cast<std::size_t>(fd)) slots_.resize(fd + 64UL);
  Slot& slot = slots_[fd];
  slot.watcher = &watcher;
  ++slot.generation;
  epoll_event event{};
  event.events = events;
  event.data.u64 = static_cast<std::uint64_t>(slot.generation) << 32U | static_cast<unsigned>(fd);
  check(::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0, "epoll add failed");
}

void Loop::change(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 =
      static_cast<std::uint64_t>(slots_[fd].generation) << 32U | static_cast<unsigned>(fd);
  check(::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) == 0, "epoll change failed");
}

void Loop::remove(int fd) {
  slots_[fd].watcher = nullptr;
  ++slots_[fd].generation;
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
}

void Loop::post(std::function<void()> work) { posted_.push_back(std::move(work)); }

void Loop::run() {
  stopping_ = false;
  while (!stopping_) {
    run_posted();
    run_timers();
    if (stopping_) break;
    Nanos until = now() + wait_max;
    if (!posted_.empty()) until = 0;
    if (!timers_.empty()) until = std::min(until, timers_.begin()->first);
    wait(until);
  }
}

void Loop::wait(Nanos until) {
  std::array<epoll_event, batch_max> batch;
  const Nanos left = std::max<Nanos>(0, until - now());
  const timespec timeout{.tv_sec = left / nanos_per_second, .tv_nsec = left % nanos_per_second};
  const int count = ::epoll_pwait2(epoll_fd_, batch.data(), batch_max, &timeout, nullptr);
  if (count < 0) {
    check(errno == EINTR, "epoll_pwait2 failed");
    return;
  }
  for (int i = 0; i < count && !stopping_; ++i) {
    const auto fd = static_cast<std::size_t>(batch[i].data.u64 & 0xFFFFFFFFU);
    const auto generation = static_cast<std::uint32_t>(batch[i].data.u64 >> 32U);
    const Slot slot = slots_[fd];
    if (slot.watcher != nullptr && slot.generation == generation) {
      slot.watcher->on_ready(batch[i].events);
    }
  }
}

void Loop::run_timers() {
  const Nanos time = now();
  while (!timers_.empty() && timers_.begin()->first <= time && !stopping_) {
    const auto [due, timer] = *timers_.begin();
    timer->cancel();
    const auto ring = timer->ring_;  // a copy: ringing may destroy the timer
    ring(due);
  }
}

void Loop::run_posted() {
  std::vector<std::function<void()>> batch;
  batch.swap(posted_);
  for (auto& work : batch) work();
}

Timer::Timer(Loop& loop, std::function<void(Nanos)> ring) : loop_(loop), ring_(std::move(ring)) {}

void Timer::set(Nanos due) {
  cancel();
  place_ = loop_.timers_.emplace(due, this);
  set_ = true;
}

void Timer::cancel() {
  if (!set_) return;
  loop_.timers_.erase(place_);
  set_ = false;
}

}  // namespace onsale::rehearsal
