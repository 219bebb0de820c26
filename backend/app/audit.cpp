// The audit reads; it writes nothing. The journal is replayed by the ledger's own recovery through a
// file system that swallows writes, then the claims of the order store are put over it, exactly as
// the next start would do: what is judged is the state that start would serve.
#include "app/audit.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "adapters/embedded/journal.hpp"
#include "adapters/embedded/posix_file_system.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/embedded/system_clock.hpp"
#include "adapters/sqlite/audit_dump.hpp"
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

struct MoneyBook {
  AttemptState state = AttemptState::none;
  std::int64_t captured = 0;
  OrderId order;
  std::size_t captures = 0;
};

class Auditor {
 public:
  explicit Auditor(AuditReport& report) : report_(report) {}

  void breach(const std::string& what) {
    if (report_.breach_count++ < kBreachesNamedMax) report_.breaches.push_back(what);
  }

  void check_orders(const sqlite::OfficeDump& dump) {
    std::map<std::pair<std::uint64_t, std::uint64_t>, const Order*> confirmed_seat;
    std::set<std::pair<OrderId, std::pair<std::uint64_t, std::uint64_t>>> claims;
    std::map<std::pair<std::uint64_t, std::uint64_t>, OrderId> claimed;
    for (const auto& claim : dump.claims) {
      const std::pair seat{claim.event.value, claim.seat.value};
      claims.insert({claim.order, seat});
      if (!claimed.emplace(seat, claim.order).second) {
        breach("I4 two claims on " + name(seat.first, seat.second));
      }
    }
    for (const Order& order : dump.orders) {
      ++report_.orders;
      orders_[order.id] = &order;
      switch (order.status) {
        case order::Status::confirmed:
          ++report_.confirmed;
          break;
        case order::Status::cancelled:
          ++report_.cancelled;
          break;
        case order::Status::created:
        case order::Status::authorised:
        case order::Status::cancelling:
          ++report_.open;
          break;
      }
      if (order.seats.empty()) breach("I3 " + name(order) + " has no seats");
      for (const SeatId seat : order.seats) {
        const std::pair key{order.event.value, seat.value};
        const bool has_claim = claims.contains({order.id, key});
        // The decision not to sell drops the claims: from CANCELLING on there are none.
        const bool given_up =
            order.status == order::Status::cancelling || order.status == order::Status::cancelled;
        if (given_up && has_claim) {
          breach("I4 cancelled " + name(order) + " still claims " + name(key.first, key.second));
        }
        if (!given_up && !has_claim) {
          breach("I4 " + name(order) + " has no claim on its " + name(key.first, key.second));
        }
        if (order.status != order::Status::confirmed) continue;
        const auto [other, first] = confirmed_seat.emplace(key, &order);
        if (!first) {
          breach("I1 " + name(key.first, key.second) + " is in " + name(order) + " and in " +
                 name(*other->second));
        }
      }
      if (order.status == order::Status::confirmed) check_tickets(order);
    }
    for (const auto& claim : dump.claims) {
      if (!orders_.contains(claim.order)) {
        breach("I4 " + name(claim.event.value, claim.seat.value) + " is claimed by no order");
      }
    }
  }

  void check_money(const std::vector<ProviderEntry>& entries) {
    std::map<AttemptId, MoneyBook> books;
    for (const ProviderEntry& entry : entries) {
      MoneyBook& book = books[entry.attempt];
      if (book.state != AttemptState::none && book.order != entry.order) {
        breach("I2 one attempt for two orders: " + entry.attempt.to_string());
      }
      book.order = entry.order;
      const auto movement = payment::move(book.state, entry.operation);
      if (!movement.written) {
        breach("I2 the provider's book has " + std::string{payment::name_of(entry.operation)} +
               " where it cannot be, attempt " + entry.attempt.to_string());
      }
      book.state = movement.next;
      if (entry.operation == payment::Operation::capture) {
        ++book.captures;
        book.captured = entry.amount.amount;
      }
    }
    for (const auto& [attempt, book] : books) {
      count(book);
      const auto found = orders_.find(book.order);
      const bool holds_money =
          book.state == AttemptState::captured || book.state == AttemptState::authorised;
      if (found == orders_.end()) {
        if (holds_money)
          breach("I2 money for an order that is not there: " + book.order.to_string());
        continue;
      }
      const Order& order = *found->second;
      if (order.attempt != attempt) breach("I2 a second attempt for " + name(order));
      if (order.status == order::Status::cancelled && holds_money) {
        breach("I2 CANCELLED " + name(order) + " has money " + std::string{name_of(book.state)});
      }
      if (book.state == AttemptState::captured && book.captured != order.total.amount) {
        breach("I2 " + name(order) + " was charged " + std::to_string(book.captured) + ", not " +
               std::to_string(order.total.amount));
      }
    }
    for (const auto& [id, order] : orders_) {
      if (order->status != order::Status::confirmed || order->attempt.is_nil()) continue;
      const auto book = books.find(order->attempt);
      if (book == books.end() || book->second.state != AttemptState::captured) {
        breach("I2 CONFIRMED " + name(*order) + " without captured money");
      }
    }
  }

  void check_answers(const sqlite::OfficeDump& dump) {
    std::map<std::string, std::string> by_order;
    for (const auto& answer : dump.answers) {
      if (answer.location.empty()) continue;
      ++report_.answers;
      const std::string id = answer.location.substr(answer.location.rfind('/') + 1);
      const auto order = OrderId::parse(id);
      if (!order || !orders_.contains(*order)) {
        breach("I5 a stored answer tells of an order that is not there: " + id);
      } else if (!by_order.emplace(id, answer.key).second) {
        breach("I5 two keys for one order: " + id);
      }
    }
  }

  void check_seats(EmbeddedLedger& ledger, const sqlite::OfficeDump& dump) {
    std::unordered_map<std::uint64_t, std::map<std::uint64_t, const Order*>> sold;
    for (const Order& order : dump.orders) {
      if (order.status != order::Status::confirmed) continue;
      for (const SeatId seat : order.seats) sold[order.event.value][seat.value] = &order;
    }
    for (const CatalogueEntry& entry : dump.catalogue) {
      ++report_.events;
      const EventId event = entry.event.id;
      const auto counts = run_now(ledger.counts(event));
      const auto records = run_now(ledger.records(event));
      if (!counts || !records) {
        breach("I11 event " + std::to_string(event.value) + " is not in the ledger");
        continue;
      }
      const std::uint64_t sum =
          counts->available + counts->held + counts->pinned + counts->sold + counts->blocked;
      if (sum != entry.event.numbering.count || records->size() != sum) {
        breach("I11 event " + std::to_string(event.value) + " counts " + std::to_string(sum) +
               " of " + std::to_string(entry.event.numbering.count) + " seats");
      }
      report_.seats += entry.event.numbering.count;
      report_.available += counts->available;
      report_.held += counts->held;
      report_.pinned += counts->pinned;
      report_.sold += counts->sold;
      report_.blocked += counts->blocked;
      auto& expected = sold[event.value];
      std::size_t matched = 0;
      for (const SeatRecord& record : *records) {
        const auto* owner = std::get_if<seat::Sold>(&record.state);
        const auto found = expected.find(record.seat.value);
        if (owner == nullptr) {
          if (found != expected.end()) {
            breach("I4 " + name(event.value, record.seat.value) + " of CONFIRMED " +
                   name(*found->second) + " is not SOLD");
          }
          continue;
        }
        if (found == expected.end() || found->second->id != owner->order) {
          breach("I4 " + name(event.value, record.seat.value) + " is SOLD to " +
                 owner->order.to_string() + ", which is no CONFIRMED order of it");
        } else {
          ++matched;
        }
      }
      if (matched != expected.size() && report_.breach_count == 0) {
        breach("I4 event " + std::to_string(event.value) + ": CONFIRMED seats that do not exist");
      }
    }
  }

 private:
  static std::string name(const Order& order) { return "order " + order.id.to_string(); }
  static std::string name(std::uint64_t event, std::uint64_t seat) {
    return "seat " + std::to_string(seat) + " of event " + std::to_string(event);
  }
  void check_tickets(const Order& order) {
    std::set<std::uint64_t> seats;
    for (const Ticket& ticket : order.tickets) seats.insert(ticket.seat.value);
    if (order.tickets.size() != order.seats.size() || seats.size() != order.seats.size()) {
      breach("I3 CONFIRMED " + name(order) + " has " + std::to_string(order.tickets.size()) +
             " tickets for " + std::to_string(order.seats.size()) + " seats");
    }
  }
  void count(const MoneyBook& book) {
    if (book.state == AttemptState::authorised) ++report_.authorised;
    if (book.state == AttemptState::voided) ++report_.voided;
    if (book.state == AttemptState::refunded) ++report_.refunded;
    if (book.state == AttemptState::captured) {
      ++report_.captured;
      report_.money_captured += book.captured;
    }
    if (book.captures > 1) breach("I2 captured twice: order " + book.order.to_string());
  }

  AuditReport& report_;
  std::map<OrderId, const Order*> orders_;
};

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

  AuditReport report;
  report.outbox_unsent = office->outbox_unsent;
  Auditor auditor{report};
  auditor.check_orders(*office);
  auditor.check_money(*money);
  auditor.check_answers(*office);

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
  std::map<OrderId, const Order*> orders;
  for (const Order& order : office->orders) orders[order.id] = &order;
  std::vector<SeatClaim> claims;
  for (const auto& claim : office->claims) {
    const auto order = orders.find(claim.order);
    if (order == orders.end()) continue;
    claims.push_back({.event = claim.event,
                      .seat = claim.seat,
                      .order = claim.order,
                      .buyer = order->second->buyer,
                      .sold = order->second->status == order::Status::confirmed});
  }
  constexpr Milliseconds kPinFor{60'000};
  const Status restored =
      restore_seats(ledger, halls_of(office->catalogue), std::move(claims), clock.now() + kPinFor);
  if (!restored) return restored.error();
  auditor.check_seats(ledger, *office);
  if (report.open > 0) {
    report.notes.push_back(std::to_string(report.open) +
                           " orders are still open; the next start drives them to their end");
  }
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
