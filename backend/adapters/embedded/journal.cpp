// Writing the journal: appending, flushing, rotating, snapshots. Reading it back is
// journal_recovery.cpp.
#include "adapters/embedded/journal.hpp"

#include <chrono>
#include <utility>

#include "adapters/embedded/journal_recovery.hpp"
#include "base/assert.hpp"

namespace onsale {
namespace {

// A refused disk is asked again this often; a failed snapshot too.
constexpr Milliseconds kRetryEvery{100};
constexpr Milliseconds kSnapshotRetryEvery{5000};

}  // namespace

Journal::Journal(FileSystem& files, JournalOptions options)
    : files_(files), options_(std::move(options)) {}

Journal::~Journal() { abandon(); }

Result<RecoveryReport> Journal::open(JournalledState& state) {
  check(state_ == nullptr, "a journal is opened twice");
  if (const Status made = files_.make_folder(options_.folder); !made) return made.error();
  Result<journal::Recovered> recovered = journal::recover(files_, options_.folder, state);
  if (!recovered) return recovered.error();
  for (const std::string& line : recovered->report.faults) fault(line);

  state_ = &state;
  epoch_ = recovered->report.epoch;
  {
    const Lock lock(files_mutex_);
    number_ = recovered->next_segment;
    bytes_since_snapshot_ = recovered->tail_bytes;
    if (const Status begun = begin_segment(number_); !begun) return begun.error();
  }
  if (!recovered->report.faults.empty()) {
    // A chain with a bad link in it would be cut there again, with all that comes after: begin a new
    // one. Until the snapshot stands, the old files and the new epoch's name stay.
    if (const Status saved = snapshot_now(false); !saved) return saved.error();
  }
  if (options_.background) {
    flusher_ = std::thread([this] { run_flusher(); });
    snapshots_ = std::thread([this] { run_snapshots(); });
  }
  return std::move(recovered->report);
}

void Journal::append(EventId event, std::string_view records) noexcept {
  Shard& shard = shards_[event.value * 0x9E37'79B9'7F4A'7C15ULL >> 61U];
  static_assert(kShards == 8);
  {
    const Lock lock(shard.lock);
    shard.bytes.append(records);
    if (shard.bytes.size() > options_.unwritten_bytes_max) [[unlikely]] {
      refusing_.fetch_or(kBufferFull, std::memory_order_relaxed);
    }
  }
  // An idle flusher sleeps without a time-out; it looks at every shard, under its lock, after it
  // says so: either it has seen these records or this sees it asleep.
  if (flusher_sleeps_.load(std::memory_order_relaxed)) [[unlikely]] {
    if (flusher_sleeps_.exchange(false)) {
      const Lock lock(wake_mutex_);
      wake_flusher_.notify_one();
    }
  }
}

// Moves what the shards have gathered into pending_, framed. False if there was nothing.
bool Journal::collect() {
  check(pending_.empty(), "records are collected over unwritten ones");
  for (std::size_t i = 0; i < kShards; ++i) {
    std::string& taken = spare_[i];
    taken.clear();
    {
      const Lock lock(shards_[i].lock);
      taken.swap(shards_[i].bytes);
    }
    if (taken.empty()) continue;
    const std::size_t begin = journal::begin_frame(pending_);
    pending_ += taken;
    journal::seal_frame(pending_, begin, sequence_ + pending_frames_);
    ++pending_frames_;
  }
  refusing_.fetch_and(~kBufferFull, std::memory_order_relaxed);
  return !pending_.empty();
}

Status Journal::write_pending() {
  const auto refused = [this](const Status& status) ONSALE_NO_THREAD_ANALYSIS {
    if ((refusing_.fetch_or(kDiskRefuses, std::memory_order_relaxed) & kDiskRefuses) == 0) {
      fault("journal: cannot write (" + status.error().detail +
            "): holds are refused until it can");
    }
    return status;
  };
  if (torn_) {
    if (const Status cut = segment_->truncate(good_bytes_); !cut) return refused(cut);
    torn_ = false;
  }
  if (const Status written = segment_->append(pending_); !written) {
    torn_ = !segment_->truncate(good_bytes_);
    return refused(written);
  }
  if (options_.sync) {
    // After a failed sync nobody knows what is on the disk: write it again.
    if (const Status synced = segment_->sync(); !synced) {
      torn_ = true;
      return refused(synced);
    }
  }
  good_bytes_ += pending_.size();
  bytes_since_snapshot_ += pending_.size();
  sequence_ += pending_frames_;
  pending_frames_ = 0;
  pending_.clear();
  if ((refusing_.fetch_and(~kDiskRefuses, std::memory_order_relaxed) & kDiskRefuses) != 0) {
    fault("journal: can write again");
  }
  return ok();
}

Status Journal::flush_locked() {
  if (segment_ == nullptr) return Failure{Code::unavailable, "the journal is not open"};
  // What a refused disk left over comes first, then what has gathered since.
  if (!pending_.empty()) {
    if (const Status written = write_pending(); !written) return written;
  }
  if (collect()) return write_pending();
  return ok();
}

Status Journal::flush() {
  const Lock lock(files_mutex_);
  return flush_locked();
}

Status Journal::begin_segment(std::uint64_t number) {
  Result<std::unique_ptr<AppendFile>> opened =
      files_.open_append(journal::path_of(options_.folder, journal::kSegment, number, epoch_));
  if (!opened) return opened.error();
  std::string header;
  const std::size_t begin = journal::begin_frame(header);
  journal::encode(journal::Header{.epoch = epoch_, .number = number}, header);
  journal::seal_frame(header, begin, 0);
  if (const Status cleared = (*opened)->truncate(0); !cleared) return cleared;
  if (const Status written = (*opened)->append(header); !written) return written;
  if (const Status synced = (*opened)->sync(); !synced) return synced;
  segment_ = std::move(*opened);
  number_ = number;
  sequence_ = 1;
  good_bytes_ = header.size();
  torn_ = false;
  return ok();
}

Status Journal::write_snapshot() { return snapshot_now(false); }

Status Journal::snapshot_now(bool clean) {
  const Lock one_at_a_time(snapshot_mutex_);
  std::uint64_t first_after = 0;
  {
    // All that is in a segment before the new one was done before the dump below begins.
    const Lock lock(files_mutex_);
    if (const Status flushed = flush_locked(); !flushed) return flushed;
    first_after = number_ + 1;
    if (!clean) {
      if (const Status begun = begin_segment(first_after); !begun) return begun;
    }
    bytes_since_snapshot_ = 0;
  }
  std::string bytes;
  std::uint64_t sequence = 0;
  std::size_t begin = journal::begin_frame(bytes);
  const journal::Header header{.epoch = epoch_, .number = first_after, .clean = clean};
  journal::encode(header, bytes);
  journal::seal_frame(bytes, begin, sequence++);
  state_->dump([&](std::string_view payload) {
    begin = journal::begin_frame(bytes);
    bytes += payload;
    journal::seal_frame(bytes, begin, sequence++);
  });
  begin = journal::begin_frame(bytes);
  journal::encode(journal::End{}, bytes);
  journal::seal_frame(bytes, begin, sequence);

  const std::string path =
      journal::path_of(options_.folder, journal::kSnapshot, first_after, epoch_);
  if (const Status replaced = files_.replace(path, bytes); !replaced) return replaced;
  return journal::remove_before(files_, options_.folder, first_after);
}

Status Journal::close() {
  abandon();
  if (state_ == nullptr) return ok();
  const Status closed = snapshot_now(true);
  const Lock lock(files_mutex_);
  segment_.reset();
  return closed;
}

void Journal::run_flusher() {
  for (;;) {
    bool failed = false;
    bool idle = false;
    bool snapshot = false;
    {
      const Lock lock(files_mutex_);
      const std::uint64_t before = good_bytes_;
      failed = !flush_locked();
      idle = !failed && good_bytes_ == before;
      snapshot = bytes_since_snapshot_ >= options_.snapshot_after_bytes;
    }
    if (idle) {
      flusher_sleeps_.store(true);
      for (Shard& shard : shards_) {
        const Lock lock(shard.lock);
        idle = idle && shard.bytes.empty();
      }
      if (!idle) flusher_sleeps_.store(false);
    }
    std::unique_lock wait(wake_mutex_.inner());
    const auto told = [this, idle]() ONSALE_NO_THREAD_ANALYSIS {
      return stopping_ || (idle && !flusher_sleeps_.load());
    };
    const auto stopping = [this]() ONSALE_NO_THREAD_ANALYSIS { return stopping_; };
    if (snapshot) {
      [this]() ONSALE_NO_THREAD_ANALYSIS { snapshot_due_ = true; }();
      wake_snapshots_.notify_one();
    }
    if (idle) {
      wake_flusher_.wait(wait, told);
    }
    wake_flusher_.wait_for(wait, failed ? kRetryEvery : options_.flush_every, stopping);
    if (stopping()) return;
  }
}

void Journal::run_snapshots() {
  std::unique_lock wait(wake_mutex_.inner());
  const auto stopping = [this]() ONSALE_NO_THREAD_ANALYSIS { return stopping_; };
  const auto told = [this]() ONSALE_NO_THREAD_ANALYSIS { return stopping_ || snapshot_due_; };
  for (;;) {
    wake_snapshots_.wait(wait, told);
    if (stopping()) return;
    [this]() ONSALE_NO_THREAD_ANALYSIS { snapshot_due_ = false; }();
    wait.unlock();
    const Status written = write_snapshot();
    if (!written) fault("journal: no snapshot (" + written.error().detail + ")");
    wait.lock();
    if (!written) wake_snapshots_.wait_for(wait, kSnapshotRetryEvery, stopping);
  }
}

void Journal::abandon() {
  {
    const Lock lock(wake_mutex_);
    stopping_ = true;
    wake_flusher_.notify_all();
    wake_snapshots_.notify_all();
  }
  if (flusher_.joinable()) flusher_.join();
  if (snapshots_.joinable()) snapshots_.join();
}

void Journal::fault(const std::string& line) {
  if (options_.on_fault) options_.on_fault(line);
}

}  // namespace onsale
