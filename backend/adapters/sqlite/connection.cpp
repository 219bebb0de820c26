// The few calls of SQLite's interface that the house uses.
#include "adapters/sqlite/connection.hpp"

#include <sqlite3.h>

#include <bit>
#include <cstring>

namespace onsale::sqlite {

void put_id(char* to, Bits128 bits) {
  for (unsigned i = 0; i < 8; ++i) {
    to[i] = static_cast<char>(bits.hi >> (56U - 8U * i));
    to[8 + i] = static_cast<char>(bits.lo >> (56U - 8U * i));
  }
}

Bits128 get_id(const char* from) {
  Bits128 bits;
  for (unsigned i = 0; i < 8; ++i) {
    bits.hi = bits.hi << 8U | static_cast<unsigned char>(from[i]);
    bits.lo = bits.lo << 8U | static_cast<unsigned char>(from[8 + i]);
  }
  return bits;
}

Statement::~Statement() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

Statement& Statement::number(std::int64_t value) {
  if (statement_ != nullptr) sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::text(std::string_view value) {
  if (statement_ != nullptr) {
    sqlite3_bind_text(statement_, ++bound_, value.data() == nullptr ? "" : value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  }
  return *this;
}

Statement& Statement::blob(std::string_view value) {
  if (statement_ != nullptr) {
    sqlite3_bind_blob(statement_, ++bound_, value.data() == nullptr ? "" : value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  }
  return *this;
}

Statement& Statement::id(Bits128 bits) {
  check(ids_used_ < 8, "a statement binds more ids than it has room for");
  char* const place = ids_ + 16 * static_cast<std::ptrdiff_t>(ids_used_++);
  put_id(place, bits);
  return blob({place, 16});
}

bool Statement::next() {
  if (statement_ == nullptr) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    // Only if nothing but constraints was broken.
    const bool sound_so_far = !connection_.failed_ || connection_.broke_constraint_;
    connection_.note_failure();
    connection_.broke_constraint_ = sound_so_far && (code & 0xFF) == SQLITE_CONSTRAINT;
  }
  return false;
}

int Statement::run() {
  while (next()) {
  }
  return connection_.failed() ? 0 : sqlite3_changes(connection_.handle_);
}

std::int64_t Statement::number_at(int column) const {
  return sqlite3_column_int64(statement_, column);
}
std::string_view Statement::text_at(int column) const { return blob_at(column); }
std::string_view Statement::blob_at(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int bytes = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string_view{}
                         : std::string_view{data, static_cast<std::size_t>(bytes)};
}
Bits128 Statement::id_at(int column) const {
  const std::string_view bytes = blob_at(column);
  return bytes.size() == 16 ? get_id(bytes.data()) : Bits128{};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  flags |= mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
  std::unique_ptr<Connection> connection(new Connection);
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    return Failure{Code::unavailable, path + ": " + connection->error()};
  }
  sqlite3_extended_result_codes(connection->handle_, 1);
  sqlite3_busy_timeout(connection->handle_, 5000);
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Statement Connection::prepared(const char* sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return {*this, found->second};
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    note_failure();
    return {*this, nullptr};
  }
  statements_.emplace(sql, statement);
  return {*this, statement};
}

bool Connection::execute(const char* sql) {
  const bool done = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  if (!done) note_failure();
  return done;
}

std::string Connection::error() const {
  return handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
}

void Connection::keep_log_on_close() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

}  // namespace onsale::sqlite
