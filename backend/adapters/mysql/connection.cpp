// The few calls of Connector/C that the house uses.
#include "adapters/mysql/connection.hpp"

#include <mariadb/errmsg.h>
#include <mariadb/mysql.h>
#include <mariadb/mysqld_error.h>

#include <cstring>

#include "base/assert.hpp"

namespace onsale::mysql {
namespace {

// MySQL 8's own, unknown to the header of Connector/C.
constexpr unsigned kReadOnlyMode = 1836;
constexpr unsigned kOfflineMode = 3032;

Trouble trouble_of(unsigned number) {
  switch (number) {
    case ER_DUP_ENTRY:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
      return Trouble::duplicate;
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
      return Trouble::busy;
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_QUERY_INTERRUPTED:
    case ER_CONNECTION_KILLED:
    case ER_CON_COUNT_ERROR:
    case ER_OPTION_PREVENTS_STATEMENT:  // read_only: the master is another one now
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
    case kReadOnlyMode:
    case kOfflineMode:
      return Trouble::lost;
    default:
      return number >= CR_MIN_ERROR && number <= CR_MAX_ERROR ? Trouble::lost : Trouble::refused;
  }
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

constexpr std::size_t kColumnBytes = 512;  // grows when a value is larger

}  // namespace

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

struct Connection::Handle {
  MYSQL mysql{};
  bool open = false;
  ~Handle() {
    if (open) mysql_close(&mysql);
  }
};

// Where one parameter or one column of a row lies.
struct Cell {
  std::int64_t number = 0;
  char id[16];
  std::string bytes;  // of a column that is no number
  unsigned long length = 0;
  my_bool is_null = 0;
  my_bool cut = 0;
};

struct Prepared {
  MYSQL_STMT* statement = nullptr;
  std::vector<Cell> parameters;
  std::vector<MYSQL_BIND> parameter_binds;
  std::vector<Cell> columns;
  std::vector<MYSQL_BIND> column_binds;
  // A column has grown since it was bound. Bound again before the next row, not at once: some versions
  // of Connector/C (10.11.18) set the lengths of the row at hand to 0 when they bind.
  bool columns_moved = false;

  Prepared() = default;
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() {
    if (statement != nullptr) mysql_stmt_close(statement);
  }

  bool prepare(MYSQL& mysql, std::string_view sql) {
    statement = mysql_stmt_init(&mysql);
    check(statement != nullptr, "out of memory");
    if (mysql_stmt_prepare(statement, sql.data(), sql.size()) != 0) return false;
    const std::size_t count = mysql_stmt_param_count(statement);
    parameters.resize(count);
    parameter_binds.resize(count);
    bind_columns();
    return true;
  }

  void bind_columns() {
    MYSQL_RES* const about = mysql_stmt_result_metadata(statement);
    if (about == nullptr) return;
    const unsigned count = mysql_num_fields(about);
    columns.resize(count);
    column_binds.resize(count);
    for (unsigned i = 0; i < count; ++i) {
      MYSQL_BIND& bind = column_binds[i];
      Cell& cell = columns[i];
      bind.length = &cell.length;
      bind.is_null = &cell.is_null;
      bind.error = &cell.cut;
      if (IS_NUM(about->fields[i].type)) {
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        bind.buffer = &cell.number;
        bind.buffer_length = sizeof cell.number;
      } else {
        cell.bytes.resize(kColumnBytes);
        bind.buffer_type = MYSQL_TYPE_BLOB;
        bind.buffer = cell.bytes.data();
        bind.buffer_length = cell.bytes.size();
      }
    }
    mysql_free_result(about);
    mysql_stmt_bind_result(statement, column_binds.data());
  }
};

Statement::Statement(Connection& connection, Prepared* prepared)
    : connection_(connection), prepared_(prepared) {}

Statement::~Statement() {
  if (executed_ && !prepared_->columns.empty()) mysql_stmt_free_result(prepared_->statement);
}

Statement& Statement::number(std::int64_t value) {
  if (prepared_ == nullptr) return *this;
  Cell& cell = prepared_->parameters.at(bound_);
  MYSQL_BIND& bind = prepared_->parameter_binds[bound_++];
  cell.number = value;
  bind.buffer_type = MYSQL_TYPE_LONGLONG;
  bind.buffer = &cell.number;
  bind.buffer_length = sizeof cell.number;
  return *this;
}

Statement& Statement::text(std::string_view value) {
  if (prepared_ == nullptr) return *this;
  check(bound_ < prepared_->parameters.size(), "more values than the statement has places");
  MYSQL_BIND& bind = prepared_->parameter_binds[bound_++];
  bind.buffer_type = MYSQL_TYPE_BLOB;
  bind.buffer = const_cast<char*>(value.data() == nullptr ? "" : value.data());  // read only
  bind.buffer_length = value.size();
  return *this;
}

Statement& Statement::id(Bits128 bits) {
  if (prepared_ == nullptr) return *this;
  check(bound_ < prepared_->parameters.size(), "more values than the statement has places");
  char* const place = prepared_->parameters[bound_].id;
  put_id(place, bits);
  return text({place, 16});
}

bool Statement::execute() {
  if (prepared_ == nullptr || connection_.failed()) return false;
  MYSQL_STMT* const statement = prepared_->statement;
  check(bound_ == prepared_->parameters.size(), "a value of the statement is missing");
  const Watched::Call call(connection_.watched_.get(), connection_.whole_);
  bool done =
      bound_ == 0 || mysql_stmt_bind_param(statement, prepared_->parameter_binds.data()) == 0;
  done = done && mysql_stmt_execute(statement) == 0;
  executed_ = done;
  if (done && !prepared_->columns.empty()) done = mysql_stmt_store_result(statement) == 0;
  if (!done) connection_.note(mysql_stmt_errno(statement), mysql_stmt_error(statement));
  return done;
}

std::uint64_t Statement::run() {
  if (!execute()) return 0;
  return mysql_stmt_affected_rows(prepared_->statement);
}

bool Statement::next() {
  if (!executed_ && !execute()) return false;
  return !connection_.failed() && fetch();
}

bool Statement::fetch() {
  MYSQL_STMT* const statement = prepared_->statement;
  if (prepared_->columns_moved) {
    mysql_stmt_bind_result(statement, prepared_->column_binds.data());
    prepared_->columns_moved = false;
  }
  const int code = mysql_stmt_fetch(statement);
  if (code == 0) return true;
  if (code != MYSQL_DATA_TRUNCATED) {
    if (code != MYSQL_NO_DATA) {
      connection_.note(mysql_stmt_errno(statement), mysql_stmt_error(statement));
    }
    return false;
  }
  for (unsigned i = 0; i < prepared_->columns.size(); ++i) {
    Cell& cell = prepared_->columns[i];
    MYSQL_BIND& bind = prepared_->column_binds[i];
    if (bind.buffer_type != MYSQL_TYPE_BLOB || cell.length <= cell.bytes.size()) continue;
    cell.bytes.resize(cell.length);
    bind.buffer = cell.bytes.data();
    bind.buffer_length = cell.bytes.size();
    mysql_stmt_fetch_column(statement, &bind, i, 0);
    prepared_->columns_moved = true;
  }
  return true;
}

std::int64_t Statement::number_at(unsigned column) const {
  const Cell& cell = prepared_->columns.at(column);
  return cell.is_null != 0 ? 0 : cell.number;
}

std::string_view Statement::text_at(unsigned column) const {
  const Cell& cell = prepared_->columns.at(column);
  if (cell.is_null != 0) return {};
  return {cell.bytes.data(), cell.length};
}

Bits128 Statement::id_at(unsigned column) const {
  const std::string_view bytes = text_at(column);
  return bytes.size() == 16 ? get_id(bytes.data()) : Bits128{};
}

Connection::Connection(std::unique_ptr<Handle> handle, unsigned whole_s)
    : handle_(std::move(handle)),
      whole_(Milliseconds{1000} * whole_s),
      watched_(std::make_unique<Watched>(mysql_get_socket(&handle_->mysql))) {}
Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(const Endpoint& endpoint,
                                                     const Timeouts& timeouts) {
  static const int initialised = mysql_library_init(0, nullptr, nullptr);
  check(initialised == 0, "Connector/C does not start");
  mysql_thread_init();
  auto handle = std::make_unique<Handle>();
  MYSQL& mysql = handle->mysql;
  check(mysql_init(&mysql) != nullptr, "out of memory");
  handle->open = true;
  mysql_optionsv(&mysql, MYSQL_OPT_CONNECT_TIMEOUT, &timeouts.connect_s);
  mysql_optionsv(&mysql, MYSQL_OPT_READ_TIMEOUT, &timeouts.answer_s);
  mysql_optionsv(&mysql, MYSQL_OPT_WRITE_TIMEOUT, &timeouts.answer_s);
  mysql_optionsv(&mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!endpoint.ca_file.empty()) {
    const my_bool yes = 1;
    mysql_optionsv(&mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
    mysql_optionsv(&mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    mysql_optionsv(&mysql, MYSQL_OPT_SSL_CA, endpoint.ca_file.c_str());
  }
  if (mysql_real_connect(&mysql, endpoint.host.c_str(), endpoint.user.c_str(),
                         endpoint.password.c_str(), endpoint.database.c_str(), endpoint.port,
                         nullptr, 0) == nullptr) {
    return Failure{Code::unavailable, "the database " + endpoint.to_string() +
                                          " cannot be used: " + one_line(mysql_error(&mysql))};
  }
  std::unique_ptr<Connection> connection(new Connection(std::move(handle), timeouts.whole_s));
  const std::string settings =
      "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
      "innodb_lock_wait_timeout = " +
      std::to_string(timeouts.lock_wait_s) + ", wait_timeout = " + std::to_string(timeouts.idle_s);
  if (!connection->execute(settings) ||
      !connection->execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")) {
    return Failure{Code::unavailable, endpoint.to_string() + ": " + connection->error()};
  }
  return connection;
}

Statement Connection::prepared_rows(const char* head, const char* row, unsigned rows,
                                    const char* tail) {
  if (failed()) return {*this, nullptr};
  std::unique_ptr<Prepared>& kept = statements_[{head, rows}];
  if (kept == nullptr) {
    std::string sql = head;
    for (unsigned i = 0; i < rows; ++i) {
      if (i > 0) sql += ',';
      sql += row;
    }
    sql += tail;
    const Watched::Call call(watched_.get(), whole_);
    auto made = std::make_unique<Prepared>();
    if (!made->prepare(handle_->mysql, sql)) {
      note(mysql_stmt_errno(made->statement), mysql_stmt_error(made->statement));
      return {*this, nullptr};
    }
    kept = std::move(made);
  }
  return {*this, kept.get()};
}

bool Connection::execute(std::string_view sql) {
  if (failed()) return false;
  MYSQL& mysql = handle_->mysql;
  const Watched::Call call(watched_.get(), whole_);
  if (mysql_real_query(&mysql, sql.data(), sql.size()) != 0) {
    note(mysql_errno(&mysql), mysql_error(&mysql));
    return false;
  }
  MYSQL_RES* const rows = mysql_store_result(&mysql);
  if (rows != nullptr) mysql_free_result(rows);
  return true;
}

bool Connection::rollback() {
  if (trouble_ == Trouble::lost) return false;
  clear();
  return execute("ROLLBACK");
}

bool Connection::ping() {
  if (failed()) return false;
  const Watched::Call call(watched_.get(), whole_);
  if (mysql_ping(&handle_->mysql) == 0) return true;
  note(mysql_errno(&handle_->mysql), mysql_error(&handle_->mysql));
  return false;
}

std::uint64_t Connection::session() const { return mysql_thread_id(&handle_->mysql); }

void Connection::clear() {
  trouble_ = Trouble::none;
  error_.clear();
}

void Connection::fail(Trouble trouble, std::string error) {
  if (failed()) return;
  trouble_ = trouble;
  error_ = std::move(error);
}

void Connection::note(unsigned number, const char* text) {
  if (number == 0) number = CR_UNKNOWN_ERROR;
  fail(trouble_of(number), one_line(text) + " (" + std::to_string(number) + ")");
}

}  // namespace onsale::mysql
