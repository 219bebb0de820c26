// The audit reads; it writes nothing. The journal is replayed by the ledger's own recovery through a
// file system that swallows writes, then the claims of the order store are put over it, exactly as
// the next start would do: what is judged is the state that start would serve.
#include "app/audit.hpp"

#include <map>

#include "adapters/embedded/journal.hpp"
#include "adapters/embedded/posix_file_system.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/embedded/system_clock.hpp"
#include "adapters/sqlite/audit_dump.hpp"
#include "app/auditor.hpp"
#include "app/data_folder.hpp"
#include "app/restoring.hpp"
#include "app/run_now.hpp"

namespace onsale::app {
namespace {

class SwallowedFile final : public AppendFile {
 public:
  Status append(std::string_view) override { return ok(); }
  Status sync() override { return ok(); }
  Status truncate(std::uint64_t) override { return ok(); }
};

class ReadOnlyFiles final : public FileSystem {
 public:
  Result<std::unique_ptr<AppendFile>> open_append(const std::string&) override {
    return std::unique_ptr<AppendFile>{std::make_unique<SwallowedFile>()};
  }
  Result<std::string> read_all(const std::string& path) override { return files_.read_all(path); }
  Status replace(const std::string&, std::string_view) override { return ok(); }
  Status remove(const std::string&) override { return ok(); }
  Status make_folder(const std::string&) override { return ok(); }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    auto names = files_.list(folder);
    if (!names) return std::vector<std::string>{};
    return names;
  }

 private:
  PosixFileSystem files_;
};

OfficeBooks books_of(const sqlite::OfficeDump& dump) {
  OfficeBooks books;
  books.orders = dump.orders;
  books.outbox_unsent = dump.outbox_unsent;
  books.catalogue = dump.catalogue;
  std::map<OrderId, const Order*> orders;
  for (const Order& order : dump.orders) orders[order.id] = &order;
  for (const auto& row : dump.claims) {
    SeatClaim claim{.event = row.event, .seat = row.seat, .order = row.order, .buyer = {}};
    if (const auto order = orders.find(row.order); order != orders.end()) {
      claim.buyer = order->second->buyer;
      claim.sold = order->second->status == order::Status::confirmed;
    }
    books.claims.push_back(claim);
  }
  for (const auto& row : dump.answers) {
    books.answers.push_back({row.buyer, row.route, row.key, row.location, row.http_status});
  }
  return books;
}

}  // namespace

Result<AuditReport> audit(const std::string& data_dir) {
  if (!DataFolder::exists(data_dir)) {
    return Failure{Code::validation_failed, data_dir + " is no data folder of an office"};
  }
  const auto folder = DataFolder::take(data_dir);
  if (!folder) return folder.error();
  const auto office = sqlite::dump_office(folder->file("office.sqlite"));
  if (!office) return office.error();
  const auto money = sqlite::dump_provider(folder->file("provider.sqlite"));
  if (!money) return money.error();

  const OfficeBooks books = books_of(*office);
  AuditReport report;
  report.outbox_unsent = books.outbox_unsent;
  Auditor auditor{report};
  auditor.check_orders(books);
  auditor.check_money(*money);
  auditor.check_answers(books);

  const SystemClock clock;
  ReadOnlyFiles files;
  JournalOptions options;
  options.folder = folder->file("journal");
  options.background = false;
  Journal journal{files, options};
  EmbeddedLedger ledger{clock, {.journal = &journal}};
  const auto recovered = ledger.start();
  if (!recovered) return recovered.error();
  if (!recovered->clean && !recovered->fresh)
    report.notes.push_back("the office was not closed in order");
  for (const std::string& fault : recovered->faults) report.notes.push_back("journal: " + fault);
  std::vector<SeatClaim> claims;
  for (const SeatClaim& claim : books.claims) {
    if (!claim.buyer.is_nil()) claims.push_back(claim);  // one of no order was told as a breach
  }
  constexpr Milliseconds kPinFor{60'000};
  const Status restored =
      restore_seats(ledger, halls_of(books.catalogue), std::move(claims), clock.now() + kPinFor);
  if (!restored) return restored.error();
  auditor.check_seats(ledger, books, false);
  if (report.open > 0) {
    report.notes.push_back(std::to_string(report.open) +
                           " orders are still open; the next start drives them to their end");
  }
  return report;
}

Result<AuditReport> audit_open_folder(const DataFolder& folder, SeatLedgerAdmin& ledger) {
  // Money first: what moves between the two readings then has its order in the second.
  const auto money = sqlite::dump_provider(folder.file("provider.sqlite"));
  if (!money) return money.error();
  const auto office = sqlite::dump_office(folder.file("office.sqlite"));
  if (!office) return office.error();
  const OfficeBooks books = books_of(*office);
  AuditReport report;
  report.outbox_unsent = books.outbox_unsent;
  Auditor auditor{report};
  auditor.check_orders(books);
  auditor.check_money(*money);
  auditor.check_answers(books);
  auditor.check_seats(ledger, books, true);
  return report;
}

std::string print_audit(const AuditReport& r) {
  const auto line = [](const char* what, std::uint64_t value) {
    std::string text = "  ";
    text += what;
    text.resize(30, ' ');
    return text + std::to_string(value) + "\n";
  };
  std::string out = "Seats\n";
  out += line("events", r.events) + line("seats", r.seats) + line("available", r.available) +
         line("held", r.held) + line("pinned", r.pinned) + line("sold", r.sold) +
         line("blocked", r.blocked);
  out += "Orders\n";
  out += line("orders", r.orders) + line("confirmed", r.confirmed) +
         line("cancelled", r.cancelled) + line("open", r.open) + line("stored answers", r.answers) +
         line("outbox, unsent", r.outbox_unsent);
  out += "Money at the provider (attempts)\n";
  out += line("captured", r.captured) + line("authorised, open", r.authorised) +
         line("voided", r.voided) + line("refunded", r.refunded) +
         line("sum captured", static_cast<std::uint64_t>(r.money_captured));
  for (const std::string& note : r.notes) out += "note: " + note + "\n";
  for (const std::string& breach : r.breaches) out += "BREACH " + breach + "\n";
  if (r.breach_count > r.breaches.size()) {
    out += "… and " + std::to_string(r.breach_count - r.breaches.size()) + " more\n";
  }
  out += r.breach_count == 0 ? "audit: clean (I1 I2 I3 I4 I5 I11)\n"
                             : "audit: " + std::to_string(r.breach_count) + " breaches\n";
  return out;
}

}  // namespace onsale::app
