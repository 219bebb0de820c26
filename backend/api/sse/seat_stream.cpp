// Events as text. Everything is written into one string; nothing else is allocated for a change.
#include "api/sse/seat_stream.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "api/codec/json_writer.hpp"

namespace onsale::sse {
namespace {

using api::json::append_number;

constexpr std::uint64_t kRetryMsMin = 1'000;
constexpr std::uint64_t kRetryMsSpread = 2'001;
constexpr std::uint64_t kIdMax = (std::uint64_t{1} << 53U) - 1;

void append_id(std::string& out, Version version) {
  out += "id: ";
  append_number(out, version.value);
  out += '\n';
}

void append_update(std::string& out, SeatId seat, seat::WireStatus status, Version version) {
  out += "event: SEAT_UPDATE\ndata: {\"seatId\":";
  append_number(out, seat.value);
  out += ",\"status\":\"";
  out += seat::name_of(status);
  out += "\",\"version\":";
  append_number(out, version.value);
  out += "}\n\n";
}

void append_reset(std::string& out, Version version) {
  append_id(out, version);
  out += "event: RESET\ndata: {\"version\":";
  append_number(out, version.value);
  out += "}\n\n";
}

// Keeps of each seat its latest change only, in the order of versions.
void merge_by_seat(std::vector<SeatChange>& changes) {
  std::sort(changes.begin(), changes.end(), [](const SeatChange& a, const SeatChange& b) {
    return a.seat_index != b.seat_index ? a.seat_index < b.seat_index : a.version > b.version;
  });
  const auto same_seat = [](const SeatChange& a, const SeatChange& b) {
    return a.seat_index == b.seat_index;
  };
  changes.erase(std::unique(changes.begin(), changes.end(), same_seat), changes.end());
  std::sort(changes.begin(), changes.end(),
            [](const SeatChange& a, const SeatChange& b) { return a.version < b.version; });
}

}  // namespace

std::optional<Version> parse_event_id(std::string_view text) {
  if (text.empty() || text.size() > 16) return std::nullopt;
  if (text.front() == '0' && text.size() > 1) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (value > kIdMax) return std::nullopt;
  return Version{value};
}

SeatStreamChannel::SeatStreamChannel(EventId event, SeatNumbering numbering,
                                     const catalog::SeatMapView& view, SeatStreamLimits limits)
    : event_(event), numbering_(numbering), view_(view), limits_(limits) {}

SeatStreamChannel::Opening SeatStreamChannel::open(std::optional<std::string_view> last_event_id,
                                                   std::uint64_t jitter) const {
  Opening opening;
  std::string& out = opening.first;
  out += "retry: ";
  append_number(out, kRetryMsMin + jitter % kRetryMsSpread);
  out += '\n';  // no empty line: it belongs to the first event's block
  const bool asked = last_event_id && !last_event_id->empty();
  const std::optional<Version> resumed = asked ? parse_event_id(*last_event_id) : std::nullopt;

  std::string news;
  Version begin = view_.version();
  bool reset = asked && !resumed;
  opening.cursor = begin.value;
  if (reset) append_reset(news, begin);
  if (resumed) {
    catalog::SeatMapView::News missed = view_.since(*resumed);
    reset = missed.too_old;
    begin = reset ? missed.version : *resumed;
    opening.cursor = append_changes(std::move(missed), news);
  }
  if (!reset) append_id(out, begin);
  out += "event: INIT\ndata: {\"eventId\":";
  append_number(out, event_.value);
  out += ",\"version\":";
  append_number(out, begin.value);
  out += "}\n\n";
  out += news;
  return opening;
}

std::uint64_t SeatStreamChannel::catch_up(std::uint64_t cursor, std::string& out) {
  return append_changes(view_.since(Version{cursor}), out);
}

SeatStreamChannel::Frame SeatStreamChannel::frame_after(std::uint64_t cursor) const {
  catalog::SeatMapView::News news = view_.since(Version{cursor});
  Frame frame;
  frame.changes = news.changes.size();
  frame.cursor = append_changes(std::move(news), frame.bytes);
  return frame;
}

std::uint64_t SeatStreamChannel::append_changes(catalog::SeatMapView::News news,
                                                std::string& out) const {
  if (news.too_old) {
    append_reset(out, news.version);
    return news.version.value;
  }
  if (news.changes.size() > limits_.told_singly_max) merge_by_seat(news.changes);
  constexpr std::size_t kUsualBytes = 112;
  out.reserve(out.size() + news.changes.size() * kUsualBytes);
  for (const SeatChange& change : news.changes) {
    append_id(out, change.version);
    append_update(out, numbering_.id_of(change.seat_index), change.status, change.version);
  }
  return news.version.value;
}

std::string SeatStreamChannel::farewell() const { return ": the office is closing; reconnect\n\n"; }

std::string SeatStreamChannel::aside(SeatId seat, seat::WireStatus status, Version version) const {
  std::string out;
  append_update(out, seat, status, version);
  return out;
}

}  // namespace onsale::sse
