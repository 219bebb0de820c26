// Auditor: holds an office's books against each other, whatever they were read from: a data folder or
// live engines. audit.hpp lists the invariants. A breach is noted, never repaired.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/mysql/audit_dump.hpp"
#include "app/audit.hpp"
#include "app/run_now.hpp"
#include "ports/provider_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale::app {

using OfficeBooks = mysql::OfficeDump;

struct MoneyBook {
  AttemptState state = AttemptState::none;
  std::int64_t captured = 0;
  OrderId order;
  std::size_t captures = 0;
};

// Reads only. check_orders() first: the others refer to its orders, which must outlive the auditor.
class Auditor {
 public:
  explicit Auditor(AuditReport& report) : report_(report) {}

  void breach(const std::string& what) {
    if (report_.breach_count++ < kBreachesNamedMax) report_.breaches.push_back(what);
  }

  void check_orders(const OfficeBooks& dump) {
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

  void check_answers(const OfficeBooks& dump) {
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

  // `ledger` answers at once (in memory, or over WaitingLedgerAdmin). `live`: sagas may be under way.
  void check_seats(SeatLedgerAdmin& ledger, const OfficeBooks& dump, bool live) {
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
        const auto order = orders_.find(owner->order);
        const bool being_sold =
            live && order != orders_.end() && order->second->status == order::Status::authorised;
        if (being_sold && found == expected.end()) continue;  // sold, its money not captured yet
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

}  // namespace onsale::app
