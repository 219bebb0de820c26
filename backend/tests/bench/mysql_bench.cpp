// P14: orders a second that the MySQL adapter makes durable at N concurrent callers, over what a bare
// C client does with the same rows at equal concurrency (N threads, a connection and prepared
// statements each, one transaction an order). Both against the same mariadbd, started here, in turns;
// medians of the rounds. Prints one JSON line a concurrency.
//
//   mysql_bench [SECONDS] [ROUNDS] [CONCURRENT…]
//   mysql_bench latency [SECONDS] [ORDERS_PER_SECOND]     P16's denominator: the bare client's commits
#include <mariadb/mysql.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/memory/orders.hpp"
#include "adapters/mysql/database.hpp"
#include "adapters/mysql/mysql_orders.hpp"
#include "tests/bench/order_load.hpp"
#include "tests/support/mariadb_server.hpp"

namespace onsale {
namespace {

double cpu_seconds_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string line((std::istreambuf_iterator<char>(file)), {});
  unsigned long user = 0;
  unsigned long system = 0;
  const std::size_t after_name = line.rfind(')');
  std::sscanf(line.c_str() + after_name + 1, "%*s %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
              &user, &system);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// As somebody would write it who needs nothing but these rows.
class BareClient {
 public:
  explicit BareClient(const mysql::Endpoint& at) {
    mysql_init(&mysql_);
    check(mysql_real_connect(&mysql_, at.host.c_str(), at.user.c_str(), at.password.c_str(),
                             at.database.c_str(), at.port, nullptr, 0) != nullptr,
          mysql_error(&mysql_));
    mysql_autocommit(&mysql_, 0);
    claims_ = prepare("INSERT INTO claims (event, seat, order_id) VALUES (?,?,?),(?,?,?)");
    answers_ = prepare(
        "INSERT INTO answers (order_id, buyer, route, idem_key, body_hash, http_status, location, "
        "body, stored_at) VALUES (?,?,?,?,?,?,?,?,?)");
    orders_ = prepare(
        "INSERT INTO orders (id, buyer, event, seats, amount, currency, status, reason, version, "
        "attempt, created_at, pay_by, updated_at, trace_id, tickets, is_open, lease_holder, "
        "lease_until) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,'',1,?,NOW(3) + INTERVAL 15 SECOND)");
    outbox_ = prepare(
        "INSERT INTO outbox (id, type, order_id, event, seats, buyer, amount, currency, reason, "
        "at, "
        "trace_id, relay) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)");
  }
  ~BareClient() {
    for (MYSQL_STMT* statement : {claims_, answers_, orders_, outbox_}) mysql_stmt_close(statement);
    mysql_close(&mysql_);
  }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;

  bool place(const PlaceOrder& command) {
    const Order& o = command.order;
    const Message& m = command.messages[0];
    const std::string id = bytes(o.id.bits);
    const std::string buyer = bytes(o.buyer.bits);
    const std::string attempt = bytes(o.attempt.bits);
    const std::string trace = bytes(o.trace_id.bits);
    const std::string message = bytes(m.id.bits);
    const std::string seats(16, 's');
    const auto event = static_cast<std::int64_t>(o.event.value);
    begin();
    number(event).number(seat(o, 0)).text(id).number(event).number(seat(o, 1)).text(id);
    if (!run(claims_)) return false;
    text(id).text(buyer).text(command.scope.route).text(command.scope.key);
    text(command.answer.body_hash).number(201).text(command.answer.location);
    text(command.answer.body).number(ms_of(o.created_at));
    if (!run(answers_)) return false;
    text(id)
        .text(buyer)
        .number(event)
        .text(seats)
        .number(o.total.amount)
        .text(o.currency)
        .number(0);
    number(0).number(1).text(attempt).number(ms_of(o.created_at)).number(ms_of(o.pay_by));
    number(ms_of(o.updated_at)).text(trace).text(id);
    if (!run(orders_)) return false;
    text(message).number(0).text(id).number(event).text(seats).text(buyer).number(o.total.amount);
    text(o.currency).number(0).number(ms_of(o.created_at)).text(trace).text(id);
    return run(outbox_) && mysql_commit(&mysql_) == 0;
  }

 private:
  static std::int64_t seat(const Order& order, std::size_t i) {
    return static_cast<std::int64_t>(order.seats[i].value);
  }
  static std::string bytes(Bits128 bits) {
    std::string out(16, '\0');
    mysql::put_id(out.data(), bits);
    return out;
  }
  MYSQL_STMT* prepare(const char* sql) {
    MYSQL_STMT* const statement = mysql_stmt_init(&mysql_);
    check(mysql_stmt_prepare(statement, sql, std::strlen(sql)) == 0, mysql_stmt_error(statement));
    return statement;
  }
  void begin() { bound_ = 0; }
  BareClient& number(std::int64_t value) {
    numbers_[bound_] = value;
    MYSQL_BIND& bind = binds_[bound_];
    bind = {};
    bind.buffer_type = MYSQL_TYPE_LONGLONG;
    bind.buffer = &numbers_[bound_++];
    return *this;
  }
  BareClient& text(const std::string& value) {
    MYSQL_BIND& bind = binds_[bound_++];
    bind = {};
    bind.buffer_type = MYSQL_TYPE_BLOB;
    bind.buffer = const_cast<char*>(value.data());
    bind.buffer_length = value.size();
    return *this;
  }
  bool run(MYSQL_STMT* statement) {
    bound_ = 0;
    return mysql_stmt_bind_param(statement, binds_) == 0 && mysql_stmt_execute(statement) == 0;
  }

  MYSQL mysql_;
  MYSQL_STMT* claims_;
  MYSQL_STMT* answers_;
  MYSQL_STMT* orders_;
  MYSQL_STMT* outbox_;
  MYSQL_BIND binds_[32];
  std::int64_t numbers_[32];
  unsigned bound_ = 0;
};

struct Round {
  double rate = 0;
  double client_us = 0;  // processor time an order
  double server_us = 0;
  double per_commit = 0;
};

class Meter {
 public:
  explicit Meter(const MariadbServer& server) : server_(server) {}
  Round told(std::uint64_t placed, double rate) const {
    const double orders = static_cast<double>(std::max<std::uint64_t>(1, placed));
    return {rate, (cpu_seconds() - client_) * 1e6 / orders,
            (cpu_seconds_of(server_.pid()) - served_) * 1e6 / orders, 1};
  }

 private:
  const MariadbServer& server_;
  double client_ = cpu_seconds();
  double served_ = cpu_seconds_of(server_.pid());
};

Round ours(MariadbServer& server, std::size_t concurrent, double seconds) {
  auto opened = mysql::Database::open(server.fresh(mysql::Schema::office), mysql::Schema::office);
  check(opened.has_value(), "the database does not open");
  mysql::MysqlOrderStore store(**opened);
  Load load{store};
  const Meter meter(server);
  const double rate = run_load(load, concurrent, seconds);
  Round round = meter.told(load.placed, rate);
  const auto stats = (*opened)->stats();
  round.per_commit = static_cast<double>(stats.commands) / static_cast<double>(stats.commits);
  check(load.failed == 0, "orders were refused");
  return round;
}

Round bare(MariadbServer& server, std::size_t concurrent, double seconds) {
  const mysql::Endpoint endpoint = server.fresh(mysql::Schema::office);
  std::vector<std::unique_ptr<BareClient>> clients;
  for (std::size_t i = 0; i < concurrent; ++i) {
    clients.push_back(std::make_unique<BareClient>(endpoint));
  }
  MemoryOrders unused;
  Load load{unused};
  const Meter meter(server);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < concurrent; ++i) {
    threads.emplace_back([&load, &client = *clients[i], i] {
      std::mt19937_64 random(std::random_device{}() + i);
      while (!load.stop.load(std::memory_order_relaxed)) {
        check(client.place(some_order(load, random)), "the bare client was refused");
        load.placed.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  load.stop = true;
  for (std::thread& thread : threads) thread.join();
  return meter.told(load.placed, static_cast<double>(load.placed) / seconds_since(load.start));
}

Round median(std::vector<Round> rounds) {
  std::sort(rounds.begin(), rounds.end(),
            [](const Round& a, const Round& b) { return a.rate < b.rate; });
  return rounds[rounds.size() / 2];
}

void measure(MariadbServer& server, std::size_t concurrent, double seconds, int rounds) {
  std::vector<Round> one;
  std::vector<Round> other;
  for (int round = 0; round < rounds; ++round) {
    one.push_back(ours(server, concurrent, seconds));
    other.push_back(bare(server, concurrent, seconds));
  }
  const Round us = median(one);
  const Round them = median(other);
  std::printf(
      "{\"concurrent\":%zu,\"orders_per_s\":%.0f,\"bare_orders_per_s\":%.0f,\"ratio\":%.2f,"
      "\"orders_per_commit\":%.1f,\"client_cpu_us\":%.1f,\"server_cpu_us\":%.1f,"
      "\"bare_client_cpu_us\":%.1f,\"bare_server_cpu_us\":%.1f}\n",
      concurrent, us.rate, them.rate, us.rate / them.rate, us.per_commit, us.client_us,
      us.server_us, them.client_us, them.server_us);
  std::fflush(stdout);
}

// One bare client at a steady pace: what a commit of these rows takes when nobody waits in line.
void measure_latency(double seconds, double per_second) {
  MariadbServer server;
  BareClient client(server.fresh(mysql::Schema::office));
  MemoryOrders unused;
  Load load{unused};
  std::mt19937_64 random(1);
  std::vector<double> took_ms;
  const auto count = static_cast<std::size_t>(seconds * per_second);
  for (std::size_t i = 0; i < count; ++i) {
    std::this_thread::sleep_until(
        load.start + std::chrono::duration_cast<Steady::duration>(
                         std::chrono::duration<double>(static_cast<double>(i) / per_second)));
    const auto begun = Steady::now();
    check(client.place(some_order(load, random)), "the bare client was refused");
    took_ms.push_back(seconds_since(begun) * 1000);
  }
  check(!took_ms.empty(), "nothing to measure");
  std::sort(took_ms.begin(), took_ms.end());
  std::printf("{\"commits\":%zu,\"commit_p50_ms\":%.2f,\"commit_p99_ms\":%.2f}\n", count,
              took_ms[count / 2], took_ms[std::min(count - 1, count * 99 / 100)]);
}

}  // namespace
}  // namespace onsale

int main(int argc, char** argv) {
  using namespace onsale;
  if (MariadbServer::missing()) {
    std::fprintf(stderr, "mysql_bench: mariadb-server is not installed\n");
    return 77;
  }
  if (argc > 1 && std::strcmp(argv[1], "latency") == 0) {
    measure_latency(argc > 2 ? std::atof(argv[2]) : 10, argc > 3 ? std::atof(argv[3]) : 24);
    return 0;
  }
  const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  std::vector<std::size_t> concurrent{64, 256, 512};
  if (argc > 3) {
    concurrent.clear();
    for (int i = 3; i < argc; ++i) concurrent.push_back(std::strtoull(argv[i], nullptr, 10));
  }
  MariadbServer server({"--max-connections=700", "--innodb-buffer-pool-size=512M",
                        "--innodb-log-file-size=512M", "--table-open-cache=4000"});
  for (const std::size_t n : concurrent) measure(server, n, seconds, rounds);
}
