// Writers: the threads that write to a database. The idea is group commit, as in the SQLite adapter:
// while a commit is under way everything that wants to be written queues up, and whichever thread is
// free next takes it all into one transaction with long INSERTs; the busier the office, the larger
// the batch. Several threads, because a commit waits for the server's disk and others need not.
//
// What may go wrong, and what is done:
// - A key is taken (a rival's claim, a twin's idempotency key): the transaction is rolled back, each
//   command looks whether its answer is decided by what is committed (settled()), and the rest is
//   written again. A command that still spoils the batch is found by writing each alone.
// - Deadlock or lock wait: the same again.
// - The connection is lost before COMMIT was sent: nothing happened; the same again on a new one.
// - The connection is lost at COMMIT: it may have happened. Each transaction signs with its number in
//   commit_marks, so the new connection asks, waiting for the old transaction's lock on that row: it
//   is told committed, or not (and the batch is written again). Never guessed. Only when the server
//   stays away for give_up_after the commands end `unknown`.
// - No thread has a connection: commands are refused at once; nothing has happened.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/mysql/batch.hpp"
#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/database.hpp"
#include "base/mutex.hpp"
#include "runtime/completion.hpp"
#include "runtime/task.hpp"

namespace onsale::mysql {

enum class Step : std::uint8_t {
  gathered,
  postponed,  // another command of the batch is in the way: in the next one
};
enum class End : std::uint8_t {
  committed,
  refused,  // it did not happen
  unknown,  // it may have happened; the server has been away since
};

// Where a command stands in its batch: rows are locked in one order by everybody.
struct Turn {
  unsigned rank = 0;
  Bits128 key;
  friend constexpr auto operator<=>(const Turn&, const Turn&) = default;
};

class Command {
 public:
  virtual ~Command() = default;
  [[nodiscard]] virtual Turn turn() const = 0;
  // On a writer's thread, inside a transaction; may run several times, so it decides by what is in
  // the database alone.
  virtual Step write(Connection& connection, Batch& batch) = 0;
  // After a taken key spoiled the batch: true if what is committed decides this command's answer.
  virtual bool settled(Connection&) { return false; }
  // What it wrote has messages for the outbox.
  [[nodiscard]] virtual bool adds_messages() const { return false; }
  // On a writer's thread, once. The command may be gone when it returns.
  virtual void finish(End end) = 0;
};

class Writers {
 public:
  Writers(const Endpoint& endpoint, const DatabaseOptions& options);
  ~Writers();  // writes what is queued, then joins
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  // False: the queue is full, no connection is there, or it is closing: the command was not taken.
  // It must live until finish().
  bool submit(Command& command);
  // Called after each commit that added messages, on a writer's thread, before the commands' answers.
  void on_commit(std::function<void()> wake);
  [[nodiscard]] DatabaseStats stats() const;

 private:
  class Writer;
  using Commands = std::vector<Command*>;

  // True: there may be something in `batch`; false: all is written and the office closes.
  bool take_batch(Commands& batch, Milliseconds wait);
  void give_back(const Commands& postponed);
  void refuse_waiting();
  void wake_relay();

  const Endpoint endpoint_;
  const DatabaseOptions options_;

  mutable Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Command*> queue_ ONSALE_GUARDED_BY(mutex_);
  bool closing_ ONSALE_GUARDED_BY(mutex_) = false;
  std::function<void()> on_commit_ ONSALE_GUARDED_BY(mutex_);

  std::atomic<std::size_t> connected_{0};
  std::atomic<std::size_t> starting_;  // writers that have not tried to connect yet
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> commands_{0};
  std::atomic<std::uint64_t> failed_commits_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> retried_{0};
  std::atomic<std::uint64_t> conflicts_{0};
  std::atomic<std::uint64_t> asked_{0};
  std::atomic<std::uint64_t> unresolved_{0};
  std::atomic<std::uint64_t> reconnects_{0};
  std::vector<std::unique_ptr<Writer>> writers_;
};

// Runs `write(Connection&, Batch&, Answer&)` in the next commit and tells its answer.
template <typename Answer, typename Write>
class AnsweringCommand final : public Command {
 public:
  AnsweringCommand(Turn turn, Write write) : turn_(turn), write_(std::move(write)) {}
  [[nodiscard]] Turn turn() const override { return turn_; }
  Step write(Connection& connection, Batch& batch) override {
    answer_ = {};
    write_(connection, batch, answer_);
    return Step::gathered;
  }
  void finish(End end) override { done.complete(end); }
  Answer take() { return std::move(answer_); }
  Completion<End> done;

 private:
  Turn turn_;
  Write write_;
  Answer answer_{};
};

Failure failure_of(End end);

template <typename Answer, typename Write>
Task<Result<Answer>> in_next_commit(Writers& writers, Turn turn, Write write) {
  AnsweringCommand<Answer, Write> command(turn, std::move(write));
  if (!writers.submit(command)) co_return Code::unavailable;
  const End end = co_await command.done;
  if (end != End::committed) co_return failure_of(end);
  co_return command.take();
}

}  // namespace onsale::mysql
