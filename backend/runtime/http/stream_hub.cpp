// The viewers of one loop: one pass of send() over a dense array, and the exceptions to it.
#include "runtime/http/stream_hub.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.hpp"

namespace onsale::http {
namespace {

constexpr int kEventsPerWait = 256;
constexpr std::string_view kHeartbeat = ":\n\n";

// As many bytes as the socket takes now; -1 if it is broken.
ssize_t send_some(int descriptor, std::string_view bytes) {
  const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return sent;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

}  // namespace

StreamHub::StreamHub(const StreamHubLimits& limits) : limits_(limits) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  check(epoll_ >= 0, "the kernel gave no epoll set");
}

StreamHub::~StreamHub() {
  for (const auto& [channel, group] : groups_) {
    for (const Viewer& viewer : group->viewers) ::close(viewer.descriptor);
  }
  ::close(epoll_);
}

void StreamHub::adopt(int descriptor, std::shared_ptr<StreamChannel> channel, std::uint64_t cursor,
                      std::string unsent) {
  if (limits_.send_buffer_bytes > 0) {
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &limits_.send_buffer_bytes,
                 sizeof limits_.send_buffer_bytes);
  }
  std::unique_ptr<Group>& group = groups_[channel.get()];
  if (group == nullptr) group = std::make_unique<Group>(std::move(channel));
  const auto at = static_cast<std::uint32_t>(group->viewers.size());
  Viewer& viewer = group->viewers.emplace_back();
  viewer.descriptor = descriptor;
  viewer.cursor = cursor;
  viewer.last_sent = now_;
  if (places_.size() <= static_cast<std::size_t>(descriptor)) {
    places_.resize(static_cast<std::size_t>(descriptor) + 1);
  }
  places_[static_cast<std::size_t>(descriptor)] = {group.get(), at};
  ++viewers_;
  viewers_shown_.store(viewers_, std::memory_order_relaxed);

  // What was published between the handler's answer and this moment is caught up here.
  Sent sent = unsent.empty() ? Sent::whole : send_own(viewer, unsent);
  if (sent == Sent::whole) sent = catch_up(*group, viewer);
  if (sent == Sent::gone) {
    remove(*group, at);
    drop_if_empty(*group);
    return;
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.fd = descriptor;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void StreamHub::publish(const StreamChannel* channel, std::uint64_t from_cursor,
                        std::uint64_t to_cursor, const SharedBytes& frame) {
  const auto found = groups_.find(channel);
  if (found == groups_.end()) return;
  Group& group = *found->second;
  const char* const bytes = frame->data();
  const std::size_t size = frame->size();
  std::uint64_t whole = 0;
  for (std::size_t at = 0; at < group.viewers.size();) {
    Viewer& viewer = group.viewers[at];
    Sent sent = Sent::whole;
    const bool knows = viewer.cursor >= to_cursor && viewer.cursor != from_cursor;
    if (viewer.stalled != nullptr || knows) {
      // The first catches up when its socket drains; the second already knows.
    } else if (viewer.cursor == from_cursor) [[likely]] {
      const ssize_t taken = ::send(viewer.descriptor, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (taken == static_cast<ssize_t>(size)) [[likely]] {
        viewer.cursor = to_cursor;
        viewer.last_sent = now_;
        ++whole;
      } else if (taken > 0) {
        viewer.cursor = to_cursor;
        Stalled& stalled = stall(viewer);
        stalled.frame = frame;
        stalled.offset = static_cast<std::size_t>(taken);
      } else if (taken < 0 && errno != EAGAIN && errno != EINTR) {
        sent = Sent::gone;
      } else {
        stall(viewer);  // it keeps its cursor and owes nothing but a catch-up
      }
    } else {
      sent = catch_up(group, viewer);
    }
    if (sent == Sent::gone) {
      remove(group, at);  // another viewer takes its place
    } else {
      ++at;
    }
  }
  add(frames_sent_, whole);
  add(bytes_sent_, whole * size);
  drop_if_empty(group);
}

void StreamHub::end_streams(const StreamChannel* channel, const SharedBytes& last) {
  const auto found = groups_.find(channel);
  if (found == groups_.end()) return;
  Group& group = *found->second;
  while (!group.viewers.empty()) {
    const Viewer& viewer = group.viewers.back();
    if (viewer.stalled == nullptr && last != nullptr) send_some(viewer.descriptor, *last);
    remove(group, group.viewers.size() - 1);
  }
  drop_if_empty(group);
}

void StreamHub::drain() {
  while (!groups_.empty()) {
    Group& group = *groups_.begin()->second;
    const auto farewell = std::make_shared<const std::string>(group.channel->farewell());
    end_streams(group.channel.get(), farewell->empty() ? nullptr : farewell);
  }
}

// ---- single viewers

StreamHub::Stalled& StreamHub::stall(Viewer& viewer) {
  if (viewer.stalled == nullptr) {
    viewer.stalled = std::make_unique<Stalled>();
    viewer.stalled->since = now_;
    stalled_.push_back(viewer.descriptor);
  }
  return *viewer.stalled;
}

StreamHub::Sent StreamHub::send_own(Viewer& viewer, std::string_view bytes) {
  const ssize_t taken = send_some(viewer.descriptor, bytes);
  if (taken < 0) return Sent::gone;
  viewer.last_sent = now_;
  add(bytes_sent_, static_cast<std::uint64_t>(taken));
  if (taken == static_cast<ssize_t>(bytes.size())) return Sent::whole;
  Stalled& stalled = stall(viewer);
  stalled.own.assign(bytes.substr(static_cast<std::size_t>(taken)));
  stalled.frame.reset();
  stalled.offset = 0;
  return Sent::partly;
}

StreamHub::Sent StreamHub::catch_up(Group& group, Viewer& viewer) {
  coalesced_.clear();
  viewer.cursor = group.channel->catch_up(viewer.cursor, coalesced_);
  if (coalesced_.empty()) return Sent::whole;
  add(caught_up_);
  return send_own(viewer, coalesced_);
}

StreamHub::Sent StreamHub::on_writable(Group& group, Viewer& viewer) {
  Stalled& stalled = *viewer.stalled;
  const std::string& bytes = stalled.frame ? *stalled.frame : stalled.own;
  const std::string_view rest = std::string_view(bytes).substr(stalled.offset);
  const ssize_t taken = rest.empty() ? 0 : send_some(viewer.descriptor, rest);
  if (taken < 0) return Sent::gone;
  if (taken > 0) stalled.since = now_;
  stalled.offset += static_cast<std::size_t>(taken);
  add(bytes_sent_, static_cast<std::uint64_t>(taken));
  if (static_cast<std::size_t>(taken) < rest.size()) return Sent::partly;
  viewer.stalled.reset();
  viewer.last_sent = now_;
  return catch_up(group, viewer);
}

// What a viewer says is thrown away. False once it has gone.
bool StreamHub::on_readable(const Viewer& viewer) {
  char ignored[4096];
  for (int i = 0; i < 4; ++i) {  // a talkative one waits until it says more: nobody listens
    const ssize_t got = ::recv(viewer.descriptor, ignored, sizeof ignored, MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
  }
  return true;
}

void StreamHub::remove(Group& group, std::size_t at) {
  Viewer& gone = group.viewers[at];
  places_[static_cast<std::size_t>(gone.descriptor)] = {};
  ::close(gone.descriptor);
  if (at + 1 != group.viewers.size()) {
    gone = std::move(group.viewers.back());
    places_[static_cast<std::size_t>(gone.descriptor)].at = static_cast<std::uint32_t>(at);
  }
  group.viewers.pop_back();
  --viewers_;
  viewers_shown_.store(viewers_, std::memory_order_relaxed);
}

void StreamHub::drop_if_empty(Group& group) {
  if (group.viewers.empty()) groups_.erase(group.channel.get());
}

// ---- events and time

bool StreamHub::serve_ready() {
  epoll_event events[kEventsPerWait];
  const int ready = ::epoll_wait(epoll_, events, kEventsPerWait, 0);
  for (int i = 0; i < ready; ++i) {
    const auto descriptor = static_cast<std::size_t>(events[i].data.fd);
    const Place place = descriptor < places_.size() ? places_[descriptor] : Place{};
    if (place.group == nullptr) continue;
    Viewer& viewer = place.group->viewers[place.at];
    const std::uint32_t what = events[i].events;
    bool gone = (what & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;
    if (!gone && (what & EPOLLIN) != 0) gone = !on_readable(viewer);
    if (!gone && (what & EPOLLOUT) != 0 && viewer.stalled != nullptr) {
      gone = on_writable(*place.group, viewer) == Sent::gone;
    }
    if (gone) {
      remove(*place.group, place.at);
      drop_if_empty(*place.group);
    }
  }
  return ready == kEventsPerWait;
}

void StreamHub::heartbeat(Group& group, std::int64_t tick_ms) {
  // Each viewer is looked at twice per period, a few each tick, so that they are never all due at
  // once; it gets a heartbeat if it got nothing else for half a period.
  const auto period_ms = limits_.heartbeat_every.count();
  const auto half_ticks = static_cast<std::uint32_t>(period_ms / 2 / tick_ms);
  group.heartbeats_owed += static_cast<double>(group.viewers.size()) * 2.0 *
                           static_cast<double>(tick_ms) / static_cast<double>(period_ms);
  while (group.heartbeats_owed >= 1.0 && !group.viewers.empty()) {
    group.heartbeats_owed -= 1.0;
    if (group.next_heartbeat >= group.viewers.size()) group.next_heartbeat = 0;
    const std::size_t at = group.next_heartbeat++;
    Viewer& viewer = group.viewers[at];
    if (viewer.stalled != nullptr || now_ - viewer.last_sent < half_ticks) continue;
    const ssize_t taken = send_some(viewer.descriptor, kHeartbeat);
    if (taken < 0) {
      remove(group, at);
    } else if (taken < static_cast<ssize_t>(kHeartbeat.size())) {
      Stalled& stalled = stall(viewer);
      stalled.own.assign(kHeartbeat.substr(static_cast<std::size_t>(taken)));
    } else {
      viewer.last_sent = now_;
      add(bytes_sent_, kHeartbeat.size());
    }
  }
}

void StreamHub::tick(std::int64_t tick_ms) {
  ++now_;
  for (const auto& [channel, group] : groups_) heartbeat(*group, tick_ms);
  const auto stall_ticks =
      static_cast<std::uint32_t>(limits_.write_stall_max.count() / tick_ms) + 1;
  for (std::size_t i = 0; i < stalled_.size();) {
    const Place place = places_[static_cast<std::size_t>(stalled_[i])];
    const Stalled* stalled =
        place.group == nullptr ? nullptr : place.group->viewers[place.at].stalled.get();
    const bool cut = stalled != nullptr && now_ - stalled->since >= stall_ticks;
    if (cut) {
      add(cut_slow_);
      remove(*place.group, place.at);
    }
    if (stalled == nullptr || cut) {
      stalled_[i] = stalled_.back();
      stalled_.pop_back();
    } else {
      ++i;
    }
  }
  std::erase_if(groups_, [](const auto& entry) { return entry.second->viewers.empty(); });
}

StreamHubStats StreamHub::stats() const {
  StreamHubStats stats;
  stats.viewers = viewers_shown_.load(std::memory_order_relaxed);
  stats.frames_sent = frames_sent_.load(std::memory_order_relaxed);
  stats.bytes_sent = bytes_sent_.load(std::memory_order_relaxed);
  stats.caught_up = caught_up_.load(std::memory_order_relaxed);
  stats.cut_slow = cut_slow_.load(std::memory_order_relaxed);
  stats.refused_full = refused_full_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace onsale::http
