// A loop of its own for Redis; the databases answer the calling thread.
#include "app/audit_engines.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/mysql/database.hpp"
#include "adapters/mysql/mysql_provider_ledger.hpp"
#include "adapters/redis/seat_ledger.hpp"
#include "app/auditor.hpp"
#include "app/engines.hpp"
#include "app/run_on.hpp"
#include "app/waiting_ledger_admin.hpp"
#include "runtime/loop.hpp"

namespace onsale::app {
namespace {

constexpr int kReadings = 6;
constexpr std::chrono::milliseconds kBetweenReadings{500};

// A loop turned by a thread, and a ledger on it that drives nothing.
class Reader {
 public:
  explicit Reader(redis::Options options)
      : ledger_({&loop_}, {.redis = std::move(options), .drive_expiry = false, .listen = false}),
        thread_([this] { loop_.run(); }) {
    ledger_.start();
  }
  ~Reader() {
    ledger_.stop();
    loop_.stop();
    thread_.join();
  }
  AsioScheduler& loop() { return loop_; }
  RedisSeatLedger& ledger() { return ledger_; }

 private:
  AsioScheduler loop_;
  RedisSeatLedger ledger_;
  std::thread thread_;
};

// Of what this reading found only what the one before it found too: the books are read one after the
// other while the office sells, so a sale in between looks like a breach, but each time another one.
void keep_what_stays(AuditReport& report, const std::vector<std::string>& before) {
  if (report.breach_count > report.breaches.size()) return;  // not all are named
  std::erase_if(report.breaches, [&before](const std::string& breach) {
    return std::find(before.begin(), before.end(), breach) == before.end();
  });
  report.breach_count = report.breaches.size();
}

Result<AuditReport> read_once(Reader& reader, mysql::Database& office, mysql::Database& provider) {
  const auto books = mysql::dump_office(office);
  if (!books) return books.error();
  mysql::MysqlProviderLedger ledger(provider);
  const auto money = run_on(reader.loop(), [&] { return ledger.entries(); });
  if (!money) return money.error();
  AuditReport report;
  report.outbox_unsent = books->outbox_unsent;
  Auditor auditor{report};
  auditor.check_orders(*books);
  auditor.check_money(*money);
  auditor.check_answers(*books);
  WaitingLedgerAdmin seats(reader.loop(), reader.ledger());
  auditor.check_seats(seats, *books, true);
  if (report.open > 0) {
    report.notes.push_back(std::to_string(report.open) + " orders are under way");
  }
  return report;
}

}  // namespace

Result<AuditReport> audit_engines(const Config& config) {
  if (config.redis.url.empty() || config.db.url.empty()) {
    return Failure{Code::validation_failed,
                   "an audit of engines needs both --redis.url and --db.url"};
  }
  auto options = redis_options(config);
  if (!options) return options.error();
  const auto office_at = office_database(config);
  if (!office_at) return office_at.error();
  const auto provider_at = provider_database(config);
  if (!provider_at) return provider_at.error();
  mysql::DatabaseOptions few;
  few.writers = 1;
  few.readers = 1;
  auto office = mysql::Database::open(*office_at, mysql::Schema::office, few);
  if (!office) return office.error();
  auto provider = mysql::Database::open(*provider_at, mysql::Schema::provider, few);
  if (!provider) return provider.error();

  Reader reader(std::move(*options));
  auto report = read_once(reader, **office, **provider);
  for (int reading = 1; reading < kReadings && report && report->breach_count > 0; ++reading) {
    std::this_thread::sleep_for(kBetweenReadings);
    const std::vector<std::string> before = std::move(report->breaches);
    const bool all_named = report->breach_count == before.size();
    report = read_once(reader, **office, **provider);
    if (report && all_named) keep_what_stays(*report, before);
  }
  return report;
}

Result<AuditReport> audit_role(const RoleBooks& of) {
  AuditReport report;
  Auditor auditor{report};
  std::vector<ProviderEntry> money;
  if (of.provider != nullptr) {
    auto entries = run_on(of.loop, [&] { return of.provider->entries(); });
    if (!entries) return entries.error();
    money = std::move(*entries);
  }
  const auto books = mysql::dump_office(of.office);
  if (!books) return books.error();
  auditor.check_orders(*books);
  auditor.check_answers(*books);
  if (of.provider != nullptr) auditor.check_money(money);
  if (of.ledger != nullptr) {
    WaitingLedgerAdmin seats(of.loop, *of.ledger);
    auditor.check_seats(seats, *books, true);
  }
  return report;
}

}  // namespace onsale::app
