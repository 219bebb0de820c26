// The loop of a writing thread.
#include "adapters/mysql/writer.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace onsale::mysql {
namespace {

constexpr Milliseconds kConnectEvery{100};
constexpr Milliseconds kPingEvery{
    2'000};                       // so that a server gone silent is noticed though nobody writes
constexpr int kConflictsMax = 3;  // then each command is written alone

Bits128 drawn() {
  std::random_device device;
  const auto word = [&device] { return static_cast<std::uint64_t>(device()) << 32U | device(); };
  const std::uint64_t hi = word();
  return {hi, word()};
}

// By turn; those of one turn as they came.
std::vector<Command*> in_turn(const std::vector<Command*>& commands) {
  std::vector<std::pair<Turn, std::size_t>> turns;
  turns.reserve(commands.size());
  for (const Command* command : commands) turns.emplace_back(command->turn(), turns.size());
  std::sort(turns.begin(), turns.end());
  std::vector<Command*> sorted;
  sorted.reserve(commands.size());
  for (const auto& [turn, place] : turns) sorted.push_back(commands[place]);
  return sorted;
}

}  // namespace

Writers::Writer::Writer(Writers& all) : all_(all), mark_(drawn()) {
  thread_ = std::thread([this] { run(); });
}
Writers::Writer::~Writer() { thread_.join(); }

void Writers::Writer::run() {
  connect();
  all_.starting_.fetch_sub(1);
  Commands batch;
  for (;;) {
    if (connection_ == nullptr && !connect()) {
      all_.refuse_waiting();
      // Waits for the next attempt. Commands come only if another writer is connected: left to it.
      std::this_thread::sleep_for(kConnectEvery);
      const Lock lock(all_.mutex_);
      if (all_.closing_) break;
      continue;
    }
    if (!all_.take_batch(batch, kPingEvery)) break;
    if (!batch.empty()) {
      write(std::move(batch));
      batch = {};
    } else if (!connection_->ping()) {
      disconnect();
    }
  }
  disconnect();
}

void Writers::Writer::write(Commands batch) {
  batch = in_turn(batch);
  const auto give_up = Steady::now() + all_.options_.give_up_after;
  Commands postponed;
  End end = End::refused;
  for (int conflicts = 0; !batch.empty();) {
    if (connection_ == nullptr && !reconnect(give_up)) break;
    Tried tried = attempt(batch, postponed);
    if (tried == Tried::lost_at_commit) {
      all_.asked_.fetch_add(1, std::memory_order_relaxed);
      disconnect();
      const Asked asked = ask(give_up);
      if (asked == Asked::unresolved) {
        all_.unresolved_.fetch_add(1, std::memory_order_relaxed);
        end = End::unknown;
        break;
      }
      tried = asked == Asked::committed ? Tried::committed : Tried::lost;
    }
    if (tried == Tried::committed) {
      end = End::committed;
      break;
    }
    if (tried == Tried::lost) disconnect();
    if (tried == Tried::conflict) {
      all_.conflicts_.fetch_add(1, std::memory_order_relaxed);
      answer_settled(batch);
      if (++conflicts < kConflictsMax) continue;
    }
    if (tried == Tried::conflict || tried == Tried::refused) {
      if (batch.size() > 1) {
        write_each(batch);
        batch.clear();
      }
      break;
    }
    if (Steady::now() >= give_up) break;
    all_.retried_.fetch_add(1, std::memory_order_relaxed);
  }
  all_.give_back(postponed);
  finish(batch, end);
}

void Writers::Writer::write_each(const Commands& batch) {
  for (Command* command : batch) write({command});
}

void Writers::Writer::finish(const Commands& batch, End end) {
  if (batch.empty()) return;
  if (end == End::committed) {
    all_.commits_.fetch_add(1, std::memory_order_relaxed);
    all_.commands_.fetch_add(batch.size(), std::memory_order_relaxed);
    const auto adds = [](const Command* command) { return command->adds_messages(); };
    if (std::any_of(batch.begin(), batch.end(), adds)) all_.wake_relay();
  } else {
    all_.failed_commits_.fetch_add(1, std::memory_order_relaxed);
  }
  for (Command* command : batch) command->finish(end);
}

// Commands that were postponed leave the batch, once for all attempts.
Writers::Writer::Tried Writers::Writer::attempt(Commands& batch, Commands& postponed) {
  rows_.clear();
  ++number_;
  Commands taken;
  Commands later;
  for (Command* command : batch) {
    const Step step = command->write(*connection_, rows_);
    if (connection_->failed()) break;
    (step == Step::postponed ? later : taken).push_back(command);
  }
  bool done = !connection_->failed();
  if (done) {
    batch = std::move(taken);
    postponed.insert(postponed.end(), later.begin(), later.end());
    done = rows_.flush(*connection_) && sign();
  }
  if (done) {
    if (connection_->commit()) return Tried::committed;
    // A commit that the server itself refuses (a deadlock found late) has not happened.
    if (connection_->trouble() == Trouble::lost) return Tried::lost_at_commit;
  }
  const Trouble trouble = connection_->trouble();
  if (!connection_->rollback()) return Tried::lost;
  switch (trouble) {
    case Trouble::duplicate:
      return Tried::conflict;
    case Trouble::busy:
      return Tried::busy;
    case Trouble::lost:
      return Tried::lost;
    case Trouble::refused:
    case Trouble::none:
      break;
  }
  return Tried::refused;
}

// Before the first transaction, not at each reconnect: an old session may still have the row locked.
void Writers::Writer::sign_up(Connection& connection) {
  if (signed_up_) return;
  connection
      .prepared(
          "INSERT INTO commit_marks (writer, batch, at) VALUES (?, ?, NOW(3)) "
          "ON DUPLICATE KEY UPDATE at = NOW(3)")
      .id(mark_)
      .number(number_)
      .run();
  signed_up_ = !connection.failed();
  // Writers of programs that have long ended. One that was only quiet signs up again.
  std::vector<Bits128> gone;
  {
    Statement rows = connection.prepared(
        "SELECT writer FROM commit_marks WHERE at < NOW(3) - INTERVAL 7 DAY LIMIT 16");
    while (rows.next()) gone.push_back(rows.id_at(0));
  }
  for (const Bits128 writer : gone) {
    connection.prepared("DELETE FROM commit_marks WHERE writer = ?").id(writer).run();
  }
}

bool Writers::Writer::sign() {
  const std::uint64_t rows =
      connection_->prepared("UPDATE commit_marks SET batch = ?, at = NOW(3) WHERE writer = ?")
          .number(number_)
          .id(mark_)
          .run();
  if (!connection_->failed() && rows != 1) {
    signed_up_ = false;
    connection_->fail(Trouble::lost, "this is not the database that it was");
  }
  return !connection_->failed();
}

void Writers::Writer::answer_settled(Commands& batch) {
  Commands settled;
  for (Command*& command : batch) {
    if (command->settled(*connection_) && !connection_->failed()) {
      settled.push_back(std::exchange(command, nullptr));
    }
  }
  std::erase(batch, nullptr);
  if (!connection_->rollback()) disconnect();
  for (Command* command : settled) command->finish(End::committed);
}

bool Writers::Writer::connect() {
  auto opened = Connection::open(all_.endpoint_, all_.options_.timeouts);
  if (!opened) return false;
  Connection& connection = **opened;
  sign_up(connection);
  std::string seen_from;
  {
    Statement row = connection.prepared(
        "SELECT host FROM information_schema.processlist WHERE id = CONNECTION_ID()");
    if (row.next()) seen_from = row.text_at(0);
  }
  connection.execute("SET autocommit = 0");
  if (connection.failed()) return false;
  session_ = connection.session();
  seen_from_ = std::move(seen_from);
  connection_ = std::move(*opened);
  all_.connected_.fetch_add(1);
  all_.reconnects_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Writers::Writer::disconnect() {
  if (connection_ == nullptr) return;
  connection_.reset();
  all_.connected_.fetch_sub(1);
}

bool Writers::Writer::reconnect(Steady::time_point give_up) {
  const std::uint64_t old_session = session_;
  const std::string old_place = seen_from_;
  while (!connect()) {
    all_.refuse_waiting();
    if (Steady::now() >= give_up) return false;
    std::this_thread::sleep_for(kConnectEvery);
  }
  // The server may not have noticed yet that the old session's other end is gone, and keep its locks.
  Statement row =
      connection_->prepared("SELECT host FROM information_schema.processlist WHERE id = ?");
  row.number(static_cast<std::int64_t>(old_session));
  if (row.next() && row.text_at(0) == old_place && old_session != session_) {
    connection_->execute("KILL " + std::to_string(old_session));
  }
  connection_->rollback();
  return true;
}

// Whether the transaction that was being committed is there. Its row in commit_marks stays locked
// until it has ended one way or the other, so the answer is never early.
Writers::Writer::Asked Writers::Writer::ask(Steady::time_point give_up) {
  while (connection_ != nullptr || reconnect(give_up)) {
    std::int64_t last = -1;
    {
      Statement row =
          connection_->prepared("SELECT batch FROM commit_marks WHERE writer = ? FOR UPDATE");
      row.id(mark_);
      if (row.next()) last = row.number_at(0);
    }
    const bool told = !connection_->failed();
    if (!connection_->rollback()) disconnect();
    if (told) return last == number_ ? Asked::committed : Asked::not_committed;
    if (Steady::now() >= give_up) break;
  }
  return Asked::unresolved;
}

}  // namespace onsale::mysql
