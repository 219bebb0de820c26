// One viewer is a descriptor, two bits a seat and a few words; the work that is the same for all
// (reading one broadcast frame) is done once.
#include "rehearsal/viewer.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace onsale::rehearsal {

namespace {
constexpr Nanos map_interval = 100 * nanos_per_ms;  // at most so often for those who wait
constexpr Nanos connect_patience = 10 * nanos_per_second;
constexpr Nanos backoff_max = 2 * nanos_per_second;
constexpr std::size_t frame_bytes_max = 256UL * 1024;
}  // namespace

LagBook::Entry& LagBook::entry(std::uint64_t version) {
  Entry& entry = entries_[version % kept];
  if (entry.version != version) entry = Entry{.version = version};
  return entry;
}

void LagBook::acknowledged(std::uint64_t version, Nanos at) {
  Entry& noted = entry(version);
  if (noted.acknowledged != 0) return;
  noted.acknowledged = at;
  if (noted.seen_before != 0) lag_.record(0, noted.seen_before);
}

void LagBook::seen(std::uint64_t version, Nanos at) {
  Entry& noted = entry(version);
  if (noted.acknowledged != 0) {
    lag_.record(at - noted.acknowledged);
  } else {
    ++noted.seen_before;
  }
}

Audience::Audience(Loop& loop, const Target& target, SeatIndex& seats, const Options& options)
    : loop_(loop),
      target_(target),
      seats_(seats),
      options_(options),
      random_(options.seed ^ 0x5EEDULL),
      connect_timer_(loop, [this](Nanos) { connect_more(); }),
      map_connection_(loop, target) {
  map_path_ = target.catalog() + "/events/" + std::to_string(options.event_id) + "/seats";
  stream_path_ = map_path_ + "/stream";
}

Audience::~Audience() = default;

void Audience::want_connection(Viewer& viewer) {
  to_connect_.push_back(&viewer);
  if (!connect_timer_.is_set()) connect_timer_.set(0);
}

void Audience::connection_settled() {
  --connecting_;
  if (!to_connect_.empty() && !connect_timer_.is_set()) connect_timer_.set(0);
}

void Audience::connect_more() {
  while (!to_connect_.empty() && connecting_ < options_.viewers_connecting_max) {
    Viewer* viewer = to_connect_.front();
    to_connect_.pop_front();
    ++connecting_;
    viewer->connect();
  }
}

void Audience::want_map(Viewer& viewer) {
  want_map_.push_back(&viewer);
  if (fetching_) return;
  fetching_ = true;
  loop_.post([this] {
    fetch_script_ = fetch_maps();
    fetch_script_.begin();
  });
}

void Audience::forget(Viewer& viewer) {
  std::erase(to_connect_, &viewer);
  std::erase(want_map_, &viewer);
}

Script<> Audience::fetch_maps() {
  while (!want_map_.empty()) {
    // Whoever asks while the request is under way comes after these and waits for the next one. (If
    // one of these goes away, a later one is served in its place; it checks the version itself.)
    const std::size_t asked = want_map_.size();
    // The first map is JSON: it names the seats. The compact form counts on their order.
    const bool compact = seats_.size() != 0;
    std::string request = request_bytes("GET", map_path_, target_.host(),
                                        compact ? accept_compact_map : std::string_view());
    auto exchange = map_connection_.exchange(std::move(request), Loop::now() + connect_patience);
    const Answer answer = co_await exchange;
    bool served = false;
    if (answer.is(200)) {
      const std::optional<Snapshot> snapshot = read_seat_map(answer.response, seats_, map_trouble_);
      if (snapshot) {
        ++tally.snapshots;
        served = true;
        const auto end =
            want_map_.begin() + static_cast<std::ptrdiff_t>(std::min(asked, want_map_.size()));
        const std::vector<Viewer*> waiting(want_map_.begin(), end);
        want_map_.erase(want_map_.begin(), end);
        for (Viewer* viewer : waiting) viewer->on_map(*snapshot, answer.answered_at);
      }
    } else if (answer.fate == Fate::answered) {
      map_trouble_ = "the seat map was answered " + std::to_string(answer.response.status);
    }
    if (want_map_.empty()) break;
    Pause pause(loop_, Loop::now() + (served ? map_interval : 3 * map_interval));
    co_await pause;
  }
  fetching_ = false;
}

Viewer::Viewer(Audience& audience, ViewerListener* listener)
    : audience_(audience), listener_(listener), timer_(audience.loop_, [this](Nanos) {
        if (state_ == State::closed) {
          state_ = State::queued;
          audience_.want_connection(*this);
        } else {
          lost();  // no answer to the request for the stream
        }
      }) {}

Viewer::~Viewer() { close(); }

void Viewer::open() {
  sale_over_ = false;
  if (state_ != State::closed) return;
  state_ = State::queued;
  audience_.want_connection(*this);
}

void Viewer::leave_state() {
  if (state_ == State::connecting || state_ == State::sending) audience_.connection_settled();
  if (following_) --audience_.tally.following;
  following_ = false;
  if (fd_ >= 0) {
    audience_.loop_.remove(fd_);
    ::close(fd_);
    fd_ = -1;
  }
  timer_.cancel();
  state_ = State::closed;
}

void Viewer::close() {
  leave_state();
  waiting_for_map_ = false;
  audience_.forget(*this);
}

void Viewer::lost() {
  leave_state();
  ++audience_.tally.reconnects;
  failures_ = static_cast<std::uint8_t>(std::min(failures_ + 1, 6));
  Nanos backoff = std::min(backoff_max, (50 * nanos_per_ms) << failures_);
  if (sse_.retry_ms() != 0 && failures_ <= 1) backoff = sse_.retry_ms() * nanos_per_ms;
  std::uniform_int_distribution<Nanos> jitter(backoff / 2, backoff);
  timer_.set(Loop::now() + jitter(audience_.random_));
}

void Viewer::connect() {
  state_ = State::connecting;
  fd_ = begin_connect(audience_.target_);
  if (fd_ < 0) {
    lost();
    return;
  }
  reader_.reset();
  sse_.reset();
  audience_.loop_.add(fd_, EPOLLIN | EPOLLOUT, *this);
  timer_.set(Loop::now() + connect_patience);
}

void Viewer::on_ready(std::uint32_t events) {
  if (state_ == State::connecting) {
    if (connect_error(fd_) != 0) {
      lost();
      return;
    }
    if ((events & EPOLLOUT) == 0) return;
    std::string headers = "Accept: text/event-stream\r\n";
    if (has_board_ && last_id_ != 0) {
      headers += "Last-Event-ID: " + std::to_string(last_id_) + "\r\n";
    }
    const std::string request =
        request_bytes("GET", audience_.stream_path_, audience_.target_.host(), headers);
    // A fresh socket's buffer takes a request of this size whole.
    const auto sent = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) {
      lost();
      return;
    }
    state_ = State::sending;
    audience_.loop_.change(fd_, EPOLLIN);
    return;
  }
  read_on();
}

void Viewer::read_on() {
  const auto got = ::recv(fd_, audience_.loop_.scratch(), Loop::scratch_bytes, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    lost();
    return;
  }
  const Nanos seen = Loop::now();
  audience_.tally.bytes += static_cast<std::uint64_t>(got);
  ++audience_.tally.reads;
  auto progress = reader_.feed({audience_.loop_.scratch(), static_cast<std::size_t>(got)});
  if (state_ == State::sending && reader_.has_head()) {
    refused_ = reader_.response().status != 200;
    if (reader_.response().status == 204) {
      sale_over_ = true;
      leave_state();
      return;
    }
    if (refused_) {
      ++audience_.tally.refused;
      lost();
      return;
    }
    audience_.connection_settled();
    state_ = State::streaming;
    timer_.cancel();
  }
  std::string& body = reader_.response().body;
  if (!body.empty()) {
    heard_ = seen;
    Audience::Frame& shared = audience_.frame_;
    const bool fresh = sse_.at_boundary();
    if (fresh && body == shared.bytes) {
      take(shared, seen);
    } else {
      Audience::Frame& frame = audience_.scratch_frame_;
      frame.events.clear();
      frame.seats.clear();
      if (!sse_.feed(body, frame.events)) ++audience_.tally.unreadable;
      for (const FeedEvent& event : frame.events) {
        frame.seats.push_back(
            event.kind == FeedEvent::Kind::update ? audience_.seats_.at(event.seat_id) : 0);
      }
      const bool whole = fresh && sse_.at_boundary() && body.size() <= frame_bytes_max;
      if (whole) {
        frame.bytes = body;
        std::swap(audience_.frame_, audience_.scratch_frame_);
      }
      take(whole ? audience_.frame_ : frame, seen);
    }
    body.clear();
  }
  if (progress != ResponseReader::Progress::more && state_ == State::streaming) lost();
}

void Viewer::take(const Audience::Frame& frame, Nanos seen) {
  for (std::size_t i = 0; i < frame.events.size(); ++i) {
    const FeedEvent& event = frame.events[i];
    if (event.id != 0) last_id_ = event.id;
    switch (event.kind) {
      case FeedEvent::Kind::update:
        ++audience_.tally.updates;
        audience_.lag_book.seen(event.version, seen);
        if (event.version <= told_) ++audience_.tally.repeats;
        told_ = std::max(told_, event.version);
        if (has_board_) {
          apply(event.version, frame.seats[i], event.status, seen);
        } else {
          pending_.push_back({event.version, frame.seats[i], event.status});
        }
        break;
      case FeedEvent::Kind::init:
      case FeedEvent::Kind::reset:
        if (!following_) ++audience_.tally.following;
        following_ = true;
        failures_ = 0;
        if (event.kind == FeedEvent::Kind::reset) ++audience_.tally.resets;
        // INIT to one who resumed: it has a map, and the stream goes on where it was.
        if (event.kind == FeedEvent::Kind::init && has_board_) break;
        if (has_board_) blind_from_ = heard_;
        has_board_ = false;
        told_ = 0;
        pending_.clear();
        map_version_min_ = event.version;
        if (!waiting_for_map_) {
          waiting_for_map_ = true;
          audience_.want_map(*this);
        }
        break;
      case FeedEvent::Kind::other:
        break;
    }
  }
}

void Viewer::apply(std::uint64_t version, std::uint32_t seat, SeatStatus status, Nanos seen) {
  if (version <= version_) return;  // the map knew
  if (version != version_ + 1) {
    ++audience_.tally.gaps;
    audience_.tally.missing += version - version_ - 1;
  }
  if (listener_ != nullptr) listener_->on_change(version, version_, seat, status, seen);
  version_ = version;
  board_.set(seat, status);
}

void Viewer::on_map(const Snapshot& snapshot, Nanos seen) {
  waiting_for_map_ = false;
  if (has_board_) return;
  if (snapshot.version < map_version_min_) {  // older than what the stream has told already
    waiting_for_map_ = true;
    audience_.want_map(*this);
    return;
  }
  has_board_ = true;
  board_ = snapshot.board;
  version_ = snapshot.version;
  if (listener_ != nullptr) listener_->on_snapshot(snapshot, blind_from_, seen);
  for (const Pending& update : pending_) apply(update.version, update.seat, update.status, seen);
  pending_.clear();
  pending_.shrink_to_fit();
}

}  // namespace onsale::rehearsal
