// Connection and Statement: SQLite's C interface with owners and without surprises. A connection is
// used by one thread at a time. Statements are prepared once and kept.
//
// Errors: a failed step leaves failed() true until the next begin of work (clear_failure()); callers
// look once, at the end of a command, not after each bind.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace onsale::sqlite {

class Connection;

// One use of a prepared statement; resets it at the end. Blobs and texts bound must outlive it.
class Statement {
 public:
  Statement(Connection& connection, sqlite3_stmt* statement)
      : connection_(connection), statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& number(std::int64_t value);
  Statement& text(std::string_view value);
  Statement& blob(std::string_view value);
  Statement& id(Bits128 bits);
  Statement& instant(Instant at) { return number(ms_of(at)); }

  // A row is there to read.
  bool next();
  // Runs to the end; how many rows it changed.
  int run();

  [[nodiscard]] std::int64_t number_at(int column) const;
  [[nodiscard]] std::string_view text_at(int column) const;
  [[nodiscard]] std::string_view blob_at(int column) const;
  [[nodiscard]] Bits128 id_at(int column) const;
  [[nodiscard]] Instant instant_at(int column) const { return instant_of_ms(number_at(column)); }

 private:
  Connection& connection_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
  char ids_[16 * 8];  // where bound ids live; a statement binds at most eight
  int ids_used_ = 0;
};

class Connection {
 public:
  enum class Mode : std::uint8_t { create, write, read };
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `sql` must be a literal: its address is the key under which the statement is kept.
  Statement prepared(const char* sql);
  // Several statements, unprepared.
  bool execute(const char* sql);

  [[nodiscard]] bool failed() const { return failed_; }
  // The failure was a broken constraint: of one command's making, not of the disk's.
  [[nodiscard]] bool broke_constraint() const { return failed_ && broke_constraint_; }
  void clear_failure() { failed_ = broke_constraint_ = false; }
  void note_failure() {
    failed_ = true;
    broke_constraint_ = false;
  }
  [[nodiscard]] std::string error() const;
  void keep_log_on_close();

 private:
  friend class Statement;
  Connection() = default;

  sqlite3* handle_ = nullptr;
  bool failed_ = false;
  bool broke_constraint_ = false;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

// 16 bytes, big-endian.
void put_id(char* to, Bits128 bits);
Bits128 get_id(const char* from);

}  // namespace onsale::sqlite
