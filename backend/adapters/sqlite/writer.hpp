// Writer: the one thread that writes to a SQLite file. The idea is group commit: while one commit
// waits for the disk, everything that wants to be written queues up and becomes the next commit; the
// busier the office, the larger the batch, and one flush of the disk pays for all of it.
//
// A batch is first written straight through. Only if a command asks to be undone (or breaks a
// constraint) is the transaction rolled back and the batch written again with a savepoint around each
// command, so that this one leaves nothing and harms no neighbour. Hence write() may run twice; it
// must decide by what is in the database alone.
//
// When a commit fails (disk full, I/O error) every command in it is answered `not committed`, and so
// is every later one, at once, until a probe has been committed: the probe also overwrites in the log
// what the failed commit may have left there, so that no restart can bring it back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/database.hpp"
#include "base/mutex.hpp"
#include "runtime/completion.hpp"
#include "runtime/task.hpp"

namespace onsale::sqlite {

enum class Verdict : std::uint8_t { keep, undo };

class Command {
 public:
  virtual ~Command() = default;
  // On the writer's thread, inside a transaction.
  virtual Verdict write(Connection& connection) = 0;
  // On the writer's thread, once, when the commit is on the disk (or never will be). The command may
  // be gone when it returns.
  virtual void finish(bool committed) = 0;
};

class Writer {
 public:
  Writer(std::string path, std::unique_ptr<Connection> connection, DatabaseOptions options);
  ~Writer();  // writes what is queued, then joins
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // False: the queue is full (or closing), the command was not taken. It must live until finish().
  bool submit(Command& command);
  // Called after each commit, on the writer's thread.
  void on_commit(std::function<void()> wake);
  [[nodiscard]] DatabaseStats stats() const;

 private:
  void run();
  bool take_batch(std::vector<Command*>& batch);
  void write_batch(std::vector<Command*>& batch);
  bool commit(std::vector<Command*>& batch);
  enum class Written : std::uint8_t { all, some_must_be_undone, nothing };
  Written write_through(const std::vector<Command*>& batch);
  bool write_carefully(std::vector<Command*>& batch);
  bool recover();

  const std::string path_;
  const DatabaseOptions options_;
  std::unique_ptr<Connection> connection_;  // the writer's thread only, once it runs

  mutable Mutex mutex_;
  std::condition_variable wake_;
  std::vector<Command*> queue_ ONSALE_GUARDED_BY(mutex_);
  bool closing_ ONSALE_GUARDED_BY(mutex_) = false;
  std::function<void()> on_commit_ ONSALE_GUARDED_BY(mutex_);

  std::atomic<bool> healthy_{true};
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> commands_{0};
  std::atomic<std::uint64_t> failed_commits_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::thread thread_;
};

// Opens a connection for writing, with the settings of the house.
Result<std::unique_ptr<Connection>> open_for_writing(const std::string& path,
                                                     const DatabaseOptions& options, bool create);

// Runs `write(Connection&, Answer&) -> Verdict` in the next commit and tells its answer.
template <typename Answer, typename Write>
class AnsweringCommand final : public Command {
 public:
  explicit AnsweringCommand(Write write) : write_(std::move(write)) {}
  Verdict write(Connection& connection) override { return write_(connection, answer_); }
  void finish(bool committed) override { done.complete(committed); }
  Answer take() { return std::move(answer_); }
  Completion<bool> done;

 private:
  Write write_;
  Answer answer_{};
};

template <typename Answer, typename Write>
Task<Result<Answer>> in_next_commit(Writer& writer, Write write) {
  AnsweringCommand<Answer, Write> command(std::move(write));
  if (!writer.submit(command)) co_return Code::unavailable;
  const bool committed = co_await command.done;
  if (!committed) co_return Code::unavailable;
  co_return command.take();
}

}  // namespace onsale::sqlite
