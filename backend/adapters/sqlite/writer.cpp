// The loop of the writer's thread.
#include "adapters/sqlite/writer.hpp"

#include <chrono>

namespace onsale::sqlite {
namespace {

constexpr auto kProbeEvery = std::chrono::milliseconds(100);

}  // namespace

Result<std::unique_ptr<Connection>> open_for_writing(const std::string& path,
                                                     const DatabaseOptions& options, bool create) {
  auto opened = Connection::open(path, create ? Connection::Mode::create : Connection::Mode::write);
  if (!opened) return opened.error();
  Connection& connection = **opened;
  const std::string settings =
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = " +
      std::to_string(options.checkpoint_pages);
  if (!connection.execute(settings.c_str())) {
    return Failure{Code::unavailable, path + ": " + connection.error()};
  }
  return opened;
}

Writer::Writer(std::string path, std::unique_ptr<Connection> connection, DatabaseOptions options)
    : path_(std::move(path)), options_(options), connection_(std::move(connection)) {
  thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  {
    const Lock lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Writer::submit(Command& command) {
  bool was_empty = false;
  {
    const Lock lock(mutex_);
    if (closing_ || queue_.size() >= options_.queue_max) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    was_empty = queue_.empty();
    queue_.push_back(&command);
  }
  if (was_empty) wake_.notify_one();
  return true;
}

void Writer::on_commit(std::function<void()> wake) {
  const Lock lock(mutex_);
  on_commit_ = std::move(wake);
}

DatabaseStats Writer::stats() const {
  DatabaseStats stats;
  stats.commits = commits_.load(std::memory_order_relaxed);
  stats.commands = commands_.load(std::memory_order_relaxed);
  stats.failed_commits = failed_commits_.load(std::memory_order_relaxed);
  stats.refused = refused_.load(std::memory_order_relaxed);
  stats.healthy = healthy_.load(std::memory_order_relaxed);
  const Lock lock(mutex_);
  stats.queued = queue_.size();
  return stats;
}

void Writer::run() {
  std::vector<Command*> batch;
  while (take_batch(batch)) {
    if (!healthy_.load(std::memory_order_relaxed)) healthy_.store(recover());
    if (!batch.empty()) write_batch(batch);
  }
}

// Waits for commands (while the disk is not well, no longer than until the next probe). False: all
// is written and the office closes.
bool Writer::take_batch(std::vector<Command*>& batch) ONSALE_NO_THREAD_ANALYSIS {
  batch.clear();
  std::unique_lock lock(mutex_.inner());
  while (queue_.empty() && !closing_) {
    if (healthy_.load(std::memory_order_relaxed)) {
      wake_.wait(lock);
    } else if (wake_.wait_for(lock, kProbeEvery) == std::cv_status::timeout) {
      return true;
    }
  }
  if (queue_.size() <= options_.batch_max) {
    batch.swap(queue_);
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(options_.batch_max);
    batch.assign(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
  }
  return !batch.empty();
}

void Writer::write_batch(std::vector<Command*>& batch) {
  const bool committed = healthy_.load(std::memory_order_relaxed) && commit(batch);
  if (committed) {
    commits_.fetch_add(1, std::memory_order_relaxed);
    commands_.fetch_add(batch.size(), std::memory_order_relaxed);
  } else {
    failed_commits_.fetch_add(1, std::memory_order_relaxed);
    healthy_.store(false);
  }
  for (Command* command : batch) command->finish(committed);
  if (!committed) return;
  std::function<void()> wake;
  {
    const Lock lock(mutex_);
    wake = on_commit_;
  }
  if (wake) wake();
}

bool Writer::commit(std::vector<Command*>& batch) {
  connection_->clear_failure();
  const Written through = write_through(batch);
  bool written = through == Written::all;
  if (through == Written::some_must_be_undone) {
    connection_->clear_failure();
    connection_->prepared("ROLLBACK").run();
    written = !connection_->failed() && write_carefully(batch);
  }
  if (written) {
    connection_->prepared("COMMIT").run();
    written = !connection_->failed();
  }
  // May fail where SQLite has rolled back by itself; recover() opens the file anew in any case.
  if (!written) connection_->execute("ROLLBACK");
  return written;
}

Writer::Written Writer::write_through(const std::vector<Command*>& batch) {
  connection_->prepared("BEGIN IMMEDIATE").run();
  if (connection_->failed()) return Written::nothing;
  for (Command* command : batch) {
    const Verdict verdict = command->write(*connection_);
    if (connection_->failed() && !connection_->broke_constraint()) return Written::nothing;
    if (connection_->failed() || verdict == Verdict::undo) return Written::some_must_be_undone;
  }
  return Written::all;
}

// Commands that break a constraint are answered here and leave the batch.
bool Writer::write_carefully(std::vector<Command*>& batch) {
  connection_->prepared("BEGIN IMMEDIATE").run();
  std::vector<Command*> broken;
  for (Command*& command : batch) {
    connection_->prepared("SAVEPOINT command").run();
    if (connection_->failed()) break;
    const Verdict verdict = command->write(*connection_);
    const bool broke = connection_->broke_constraint();
    if (connection_->failed() && !broke) break;
    connection_->clear_failure();
    if (broke || verdict == Verdict::undo) connection_->prepared("ROLLBACK TO command").run();
    connection_->prepared("RELEASE command").run();
    if (broke) broken.push_back(std::exchange(command, nullptr));
  }
  const bool written = !connection_->failed();
  std::erase(batch, nullptr);
  for (Command* command : broken) command->finish(false);
  return written;
}

bool Writer::recover() {
  // Close before opening: the old connection may hold locks or a half-known state.
  connection_.reset();
  auto reopened = open_for_writing(path_, options_, false);
  if (!reopened) {
    // Keep a connection to ask again with; nothing is written through it before a probe succeeds.
    auto spare = Connection::open(path_, Connection::Mode::write);
    if (spare) connection_ = std::move(*spare);
    return false;
  }
  connection_ = std::move(*reopened);
  return connection_->execute("BEGIN IMMEDIATE; UPDATE probe SET value = value + 1; COMMIT");
}

}  // namespace onsale::sqlite
