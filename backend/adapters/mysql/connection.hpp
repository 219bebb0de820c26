// Connection and Statement: MariaDB Connector/C with owners and without surprises. A connection is
// used by one thread at a time and blocks it; statements are prepared once and kept. It speaks to
// MySQL 8 and to MariaDB alike.
//
// Errors: the first failure is kept until clear(), and everything after it does nothing; callers
// look once, at the end of a piece of work, not after each statement. trouble() says what kind it is,
// which is all that decides what to do next.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/mysql/endpoint.hpp"
#include "adapters/mysql/watchdog.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace onsale::mysql {

enum class Trouble : std::uint8_t {
  none,
  duplicate,  // a key that must be unique is there already
  busy,       // deadlock, lock wait too long: the same again may succeed
  lost,       // the connection, or the server's willingness (shutting down, read only)
  refused,    // the statement itself
};

struct Timeouts {
  unsigned connect_s = 2;
  unsigned answer_s = 5;  // a server silent for longer has gone; more than lock_wait_s
  unsigned whole_s =
      10;  // one whose answer is not there whole by then has gone too; 0: it may take long
  unsigned lock_wait_s = 2;  // then `busy`
  unsigned idle_s = 60;      // the server drops a session that is silent for longer
};

class Connection;
struct Prepared;  // a statement kept by its connection: handle, places for parameters and columns

// One use of a prepared statement. Texts and blobs bound must outlive it; so must the connection,
// which runs one statement at a time.
class Statement {
 public:
  Statement(Connection& connection, Prepared* prepared);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& number(std::int64_t value);
  Statement& text(std::string_view value);
  Statement& blob(std::string_view value) { return text(value); }
  Statement& id(Bits128 bits);
  Statement& instant(Instant at) { return number(ms_of(at)); }

  // Runs it; how many rows it changed (0 after a failure).
  std::uint64_t run();
  // The first call runs it; a row is there to read.
  bool next();

  [[nodiscard]] std::int64_t number_at(unsigned column) const;
  [[nodiscard]] std::string_view text_at(unsigned column) const;
  [[nodiscard]] std::string_view blob_at(unsigned column) const { return text_at(column); }
  [[nodiscard]] Bits128 id_at(unsigned column) const;
  [[nodiscard]] Instant instant_at(unsigned column) const {
    return instant_of_ms(number_at(column));
  }

 private:
  bool execute();
  bool fetch();

  Connection& connection_;
  Prepared* prepared_;  // nullptr: it could not be prepared
  unsigned bound_ = 0;
  bool executed_ = false;
};

class Connection {
 public:
  // unavailable with one line for a person (wrong password, no such database, nobody there …).
  static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint,
                                                  const Timeouts& timeouts);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `sql` must be a literal: its address is the key under which the statement is kept.
  Statement prepared(const char* sql) { return prepared_rows(sql, "", 1, ""); }
  // `head`, then `row` written `rows` times with commas between, then `tail`: an INSERT of many rows,
  // a list of ids. The key is (head, rows).
  Statement prepared_rows(const char* head, const char* row, unsigned rows, const char* tail);
  // One statement, unprepared, whose rows do not matter.
  bool execute(std::string_view sql);

  // Of a lone transaction. After begin() nothing is durable until commit() was true. A commit that
  // fails with `lost` may have happened or not.
  bool begin() { return execute("START TRANSACTION"); }
  bool commit() { return execute("COMMIT"); }
  // While it lives calls may take as long as they like: who reads everything there is.
  class Unhurried {
   public:
    explicit Unhurried(Connection& connection)
        : connection_(connection), whole_(std::exchange(connection.whole_, Milliseconds{0})) {}
    ~Unhurried() { connection_.whole_ = whole_; }
    Unhurried(const Unhurried&) = delete;
    Unhurried& operator=(const Unhurried&) = delete;

   private:
    Connection& connection_;
    const Milliseconds whole_;
  };

  // Clears the failure first; false: the connection is good for nothing more.
  bool rollback();

  [[nodiscard]] bool failed() const { return trouble_ != Trouble::none; }
  [[nodiscard]] Trouble trouble() const { return trouble_; }
  [[nodiscard]] const std::string& error() const { return error_; }
  void clear();
  void fail(Trouble trouble, std::string error);
  bool ping();
  // The server's number of this session: by it another one may end it.
  [[nodiscard]] std::uint64_t session() const;

 private:
  friend class Statement;
  struct Handle;
  Connection(std::unique_ptr<Handle> handle, unsigned whole_s);
  void note(unsigned number, const char* text);

  std::unique_ptr<Handle> handle_;
  Milliseconds whole_;
  std::unique_ptr<Watched> watched_;
  Trouble trouble_ = Trouble::none;
  std::string error_;
  std::map<std::pair<const char*, unsigned>, std::unique_ptr<Prepared>> statements_;
};

// 16 bytes, big-endian.
void put_id(char* to, Bits128 bits);
Bits128 get_id(const char* from);

}  // namespace onsale::mysql
