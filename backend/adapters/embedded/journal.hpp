// Journal: the ledger's memory beyond the process. Every change of a seat is appended here under its
// event's lock, into memory; a flusher thread writes what has gathered, every flush_every. So a hold
// survives a restart and, but for the last instants, a kill. It is a lease, not the proof of a sale:
// that is the order store.
//
// Files of the folder: segments `journal-<number>-<epoch>` of frames (journal_codec.hpp), and a
// snapshot `snapshot-<number>-<epoch>`: the whole state at a moment after segment <number> began, so
// that the snapshot and the segments from <number> on are all that is needed. A snapshot need not be
// one instant for all seats: each slice carries its version, and replay skips what it has already.
//
// Epochs: after an orderly close() the versions go on. After anything else the last changes may be
// lost, so the next epoch begins and nobody can mistake a new version for an old one.
//
// When the disk is full: accepting() turns false within one flush and turns true again by itself;
// what was appended meanwhile (only what must not be refused: ends of pins) is kept and written
// then. Each shard's buffer is limited by unwritten_bytes_max: at it, too, accepting() is false.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/embedded/event_lock.hpp"
#include "adapters/embedded/journal_codec.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "ports/file_system.hpp"

namespace onsale {

struct JournalOptions {
  std::string folder;
  Milliseconds flush_every{10};
  bool sync = false;  // fdatasync after each write: a hold then survives a power cut too
  std::size_t unwritten_bytes_max = 16U << 20U;       // a shard
  std::uint64_t snapshot_after_bytes = 64ULL << 20U;  // of segments since the last one
  // False: no threads; the owner calls flush() and write_snapshot(). For simulation and tests.
  bool background = true;
  std::function<void(std::string_view)> on_fault;  // one line for a person; any thread
};

struct RecoveryReport {
  bool fresh = false;       // there was no journal
  bool clean = false;       // the last run was closed in order: versions go on
  std::uint32_t epoch = 0;  // of this run
  std::uint64_t events = 0;
  std::uint64_t snapshot_seats = 0;  // claims taken from the snapshot
  std::uint64_t segments = 0;        // read after it
  std::uint64_t changes = 0;         // applied from them
  std::uint64_t bytes_ignored = 0;   // after the first bad frame
  std::vector<std::string> faults;   // what was found wrong, each also told to on_fault
};

// What a journal writes down and reads back: the ledger.
class JournalledState {
 public:
  virtual ~JournalledState() = default;
  // Replay, in order. False: such a seat cannot be, the journal is not believed from here on.
  virtual bool replay_opened(const journal::Opened& opened) = 0;
  virtual bool replay_seat(EventId event, std::uint32_t index, const seat::State& state) = 0;
  // Replay is over; `version` is the event's last one seen.
  virtual void replay_done(EventId event, Version version) = 0;
  // Appends the frames' payloads of a snapshot, one by one; may take and drop locks between.
  virtual void dump(const std::function<void(std::string_view payload)>& write) = 0;
};

class Journal {
 public:
  // `files` outlives the journal.
  Journal(FileSystem& files, JournalOptions options);
  // Stops the threads and leaves the files as they are, as a kill would.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Reads the folder into `state`, begins a new segment, starts the threads. Once, before append().
  // `state` must live until close(), abandon() or the destructor. Fails if the folder cannot be
  // written or was written by a newer format.
  Result<RecoveryReport> open(JournalledState& state);

  // Any thread, wait-free.
  [[nodiscard]] bool accepting() const noexcept {
    return refusing_.load(std::memory_order_relaxed) == 0;
  }
  // Takes whole records; together they reach the file or not at all. Any thread; records of one
  // event in the order of their versions.
  void append(EventId event, std::string_view records) noexcept;

  // Writes what was appended before the call.
  Status flush();
  // Writes the whole state and drops the segments it makes needless.
  Status write_snapshot();
  // The orderly end: flush, snapshot, the mark that versions may go on. No append() after it.
  Status close();
  // Looks at the state no more; the files stay as they are, as after a kill. Any number of times.
  void abandon();

 private:
  static constexpr std::size_t kShards = 8;
  static constexpr int kDiskRefuses = 1;
  static constexpr int kBufferFull = 2;

  struct alignas(64) Shard {
    EventLock lock;
    std::string bytes ONSALE_GUARDED_BY(lock);
  };

  Status flush_locked() ONSALE_REQUIRES(files_mutex_);
  bool collect() ONSALE_REQUIRES(files_mutex_);
  Status write_pending() ONSALE_REQUIRES(files_mutex_);
  Status begin_segment(std::uint64_t number) ONSALE_REQUIRES(files_mutex_);
  Status snapshot_now(bool clean);
  void run_flusher();
  void run_snapshots();
  void fault(const std::string& line);

  FileSystem& files_;
  const JournalOptions options_;
  JournalledState* state_ = nullptr;
  std::uint32_t epoch_ = 0;

  std::array<Shard, kShards> shards_;
  std::atomic<int> refusing_{0};
  std::atomic<bool> flusher_sleeps_{false};

  Mutex files_mutex_;
  std::unique_ptr<AppendFile> segment_ ONSALE_GUARDED_BY(files_mutex_);
  std::uint64_t number_ ONSALE_GUARDED_BY(files_mutex_) = 0;
  std::uint64_t sequence_ ONSALE_GUARDED_BY(files_mutex_) = 0;
  std::uint64_t good_bytes_ ONSALE_GUARDED_BY(files_mutex_) = 0;  // of the segment
  bool torn_ ONSALE_GUARDED_BY(files_mutex_) = false;    // bytes after good_bytes_ are to be cut
  std::string pending_ ONSALE_GUARDED_BY(files_mutex_);  // framed, not yet on the file
  std::uint64_t pending_frames_ ONSALE_GUARDED_BY(files_mutex_) = 0;
  std::array<std::string, kShards> spare_ ONSALE_GUARDED_BY(files_mutex_);
  std::uint64_t bytes_since_snapshot_ ONSALE_GUARDED_BY(files_mutex_) = 0;

  Mutex snapshot_mutex_;  // one snapshot at a time; taken before files_mutex_

  Mutex wake_mutex_;
  std::condition_variable wake_flusher_;
  std::condition_variable wake_snapshots_;
  bool stopping_ ONSALE_GUARDED_BY(wake_mutex_) = false;
  bool snapshot_due_ ONSALE_GUARDED_BY(wake_mutex_) = false;
  std::thread flusher_;
  std::thread snapshots_;
};

}  // namespace onsale
