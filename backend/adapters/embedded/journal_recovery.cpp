// The belief rules of journal_recovery.hpp.
#include "adapters/embedded/journal_recovery.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace onsale::journal {
namespace {

struct FileName {
  std::string name;
  std::uint64_t number = 0;
  std::uint32_t epoch = 0;
};

std::optional<FileName> parse_name(const std::string& name, std::string_view kind) {
  FileName file{.name = name};
  const char* at = name.data();
  const char* const end = at + name.size();
  if (name.compare(0, kind.size(), kind) != 0 || name.size() == kind.size() ||
      name[kind.size()] != '-') {
    return std::nullopt;
  }
  const auto number = std::from_chars(at + kind.size() + 1, end, file.number);
  if (number.ec != std::errc{} || number.ptr == end || *number.ptr != '-') return std::nullopt;
  const auto epoch = std::from_chars(number.ptr + 1, end, file.epoch);
  if (epoch.ec != std::errc{} || epoch.ptr != end) return std::nullopt;
  return file;
}

std::vector<FileName> files_of(const std::vector<std::string>& names, std::string_view kind) {
  std::vector<FileName> files;
  for (const std::string& name : names) {
    if (auto file = parse_name(name, kind)) files.push_back(std::move(*file));
  }
  std::sort(files.begin(), files.end(), [](const FileName& a, const FileName& b) {
    return std::pair(a.number, a.epoch) < std::pair(b.number, b.epoch);
  });
  return files;
}

// The header of a file's first frame, if it is the file that its name says.
std::optional<Header> header_of(FrameReader& frames) {
  const auto payload = frames.next();
  if (!payload) return std::nullopt;
  std::string_view bytes = *payload;
  Record record;
  if (!decode(bytes, record) || !bytes.empty()) return std::nullopt;
  const auto* header = std::get_if<Header>(&record);
  return header == nullptr ? std::nullopt : std::optional(*header);
}

// One event while it is read: which version each slice of the snapshot already has.
struct Progress {
  Version last;
  std::uint32_t slice_seats = 0;
  std::vector<Version> slices;
  [[nodiscard]] Version known(std::uint32_t index) const {
    if (slice_seats == 0) return {};
    const std::size_t slice = index / slice_seats;
    return slice < slices.size() ? slices[slice] : Version{};
  }
};

class Reader {
 public:
  Reader(FileSystem& files, std::string folder, JournalledState& state)
      : files_(files), folder_(std::move(folder)), state_(state) {}

  Result<Recovered> read() {
    Result<std::vector<std::string>> names = files_.list(folder_);
    if (!names) return names.error();
    const std::vector<FileName> snapshots = files_of(*names, kSnapshot);
    const std::vector<FileName> segments = files_of(*names, kSegment);
    std::uint32_t newest_epoch = 0;
    std::uint64_t newest_number = 0;
    for (const auto* kind : {&snapshots, &segments}) {
      for (const FileName& file : *kind) {
        newest_epoch = std::max(newest_epoch, file.epoch);
        newest_number = std::max(newest_number, file.number);
      }
    }
    // Without a snapshot the tail begins with the first segment of all.
    std::uint64_t from = 1;
    bool from_snapshot = false;
    bool closed_in_order = false;
    for (auto file = snapshots.rbegin(); file != snapshots.rend(); ++file) {
      Result<std::optional<Header>> header = read_snapshot(*file);
      if (!header) return header.error();
      if (!header->has_value()) continue;
      from = file->number;
      from_snapshot = true;
      closed_in_order = (*header)->clean;
      break;
    }
    if (const Status tail = read_segments(segments, from); !tail) return tail.error();

    // After an orderly end no segment has begun yet; with any other snapshot its own one has.
    const bool began_again = !segments.empty() && segments.back().number >= from;
    if (from_snapshot && !closed_in_order && !began_again) {
      fault("segment " + std::to_string(from) + " is missing");
    }
    out_.report.clean = closed_in_order && !began_again && out_.report.faults.empty();
    out_.report.fresh = snapshots.empty() && segments.empty();
    out_.report.epoch = out_.report.fresh || out_.report.clean ? newest_epoch : newest_epoch + 1;
    out_.next_segment = out_.report.clean ? from : newest_number + 1;
    for (const auto& [event, progress] : events_) state_.replay_done(event, progress.last);
    out_.report.events = events_.size();
    return std::move(out_);
  }

 private:
  void fault(std::string line) { out_.report.faults.push_back("journal: " + std::move(line)); }

  Failure newer(const FileName& file, const Header& header) {
    return {Code::unavailable, file.name + " was written by a newer version (format " +
                                   std::to_string(header.format) + ", this one knows " +
                                   std::to_string(kFormat) + ")"};
  }

  // Its header; nullopt: not a good snapshot, nothing taken from it.
  Result<std::optional<Header>> read_snapshot(const FileName& file) {
    Result<std::string> bytes = files_.read_all(folder_ + "/" + file.name);
    if (!bytes) return bytes.error();
    FrameReader frames(*bytes);
    const std::optional<Header> header = header_of(frames);
    if (header && header->format > kFormat) return newer(file, *header);
    const bool named = header && header->number == file.number && header->epoch == file.epoch;
    std::vector<std::string_view> payloads;
    while (named) {
      const auto payload = frames.next();
      if (!payload) break;
      payloads.push_back(*payload);
    }
    Record last;
    std::string_view end = payloads.empty() ? std::string_view{} : payloads.back();
    const bool ended = frames.at_end() && decode(end, last) && std::holds_alternative<End>(last);
    if (!ended) {
      fault(file.name + " is damaged: not believed");
      out_.report.bytes_ignored += bytes->size();
      return std::optional<Header>{};
    }
    payloads.pop_back();
    for (const std::string_view payload : payloads) {
      if (!apply_all(payload)) {
        return Failure{Code::unavailable, file.name + " is whole but makes no sense"};
      }
    }
    return header;
  }

  Status read_segments(const std::vector<FileName>& segments, std::uint64_t from) {
    std::uint64_t expected = from;
    for (const FileName& file : segments) {
      if (file.number < from) continue;
      if (file.number != expected) {
        fault("segment " + std::to_string(expected) + " is missing: later ones are not believed");
        return ok();
      }
      Result<std::string> bytes = files_.read_all(folder_ + "/" + file.name);
      if (!bytes) return bytes.error();
      const Result<std::uint64_t> good = read_segment(file, *bytes);
      if (!good) return good.error();
      out_.tail_bytes += *good;
      ++out_.report.segments;
      ++expected;
      if (*good < bytes->size() || *good == 0) return ok();
    }
    return ok();
  }

  // How many bytes of it are believed.
  Result<std::uint64_t> read_segment(const FileName& file, std::string_view bytes) {
    FrameReader frames(bytes);
    const std::optional<Header> header = header_of(frames);
    if (header && header->format > kFormat) return newer(file, *header);
    std::uint64_t good = 0;
    if (header && header->number == file.number && header->epoch == file.epoch) {
      good = frames.good_bytes();
      while (const auto payload = frames.next()) {
        if (!apply_all(*payload)) break;
        good = frames.good_bytes();
      }
    }
    if (good < bytes.size() || good == 0) {
      fault(file.name + " is damaged at byte " + std::to_string(good) +
            ": nothing from there on is believed");
      out_.report.bytes_ignored += bytes.size() - good;
    }
    return good;
  }

  bool apply_all(std::string_view bytes) {
    Record record;
    while (!bytes.empty()) {
      if (!decode(bytes, record)) return false;
      if (const auto* change = std::get_if<Change>(&record)) {
        if (!apply(*change)) return false;
      } else if (const auto* opened = std::get_if<Opened>(&record)) {
        if (!state_.replay_opened(*opened)) return false;
        events_.try_emplace(opened->event);
      } else if (const auto* seats = std::get_if<Seats>(&record)) {
        if (!apply(*seats, bytes)) return false;
      } else {
        return false;
      }
    }
    return true;
  }

  bool apply(const Change& change) {
    const auto found = events_.find(change.event);
    if (found == events_.end()) return false;
    Progress& event = found->second;
    if (change.version <= event.known(change.index)) return true;
    event.last = std::max(event.last, change.version);
    ++out_.report.changes;
    return state_.replay_seat(change.event, change.index, change.state);
  }

  bool apply(const Seats& seats, std::string_view& bytes) {
    const auto found = events_.find(seats.event);
    if (found == events_.end()) return false;
    Progress& event = found->second;
    if (seats.first == 0) event.slice_seats = seats.count;
    event.slices.push_back(seats.version);
    event.last = std::max(event.last, seats.version);
    SeatEntry entry;
    for (std::uint32_t i = 0; i < seats.claims; ++i) {
      if (!decode_entry(bytes, entry)) return false;
      if (!state_.replay_seat(seats.event, entry.index, entry.state)) return false;
    }
    out_.report.snapshot_seats += seats.claims;
    return true;
  }

  FileSystem& files_;
  const std::string folder_;
  JournalledState& state_;
  Recovered out_;
  std::unordered_map<EventId, Progress> events_;
};

}  // namespace

std::string path_of(const std::string& folder, std::string_view kind, std::uint64_t number,
                    std::uint32_t epoch) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "-%012llu-%08u", static_cast<unsigned long long>(number),
                static_cast<unsigned>(epoch));
  return folder + "/" + std::string(kind) + digits;
}

Result<Recovered> recover(FileSystem& files, const std::string& folder, JournalledState& state) {
  return Reader(files, folder, state).read();
}

Status remove_before(FileSystem& files, const std::string& folder, std::uint64_t number) {
  Result<std::vector<std::string>> names = files.list(folder);
  if (!names) return names.error();
  for (const std::string_view kind : {kSegment, kSnapshot}) {
    for (const FileName& file : files_of(*names, kind)) {
      if (file.number >= number) continue;
      if (const Status removed = files.remove(folder + "/" + file.name); !removed) return removed;
    }
  }
  return ok();
}

}  // namespace onsale::journal
