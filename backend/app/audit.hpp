// `onsale audit`: opens a data folder, also of a killed office, and holds ledger, orders, outbox and
// the provider's book against each other.
//
//   I1  at most one CONFIRMED order a seat           I2  captured money has its seats, and only it
//   I3  every CONFIRMED order is whole (tickets, money, seats)
//   I4  a seat is SOLD exactly if one CONFIRMED order has it
//   I5  one key, one order                           I11 available + held + sold + blocked = seats
// An order that is still open is no breach: the next start drives it to its end; it is counted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace onsale {
class SeatLedgerAdmin;
}

namespace onsale::app {

class DataFolder;

struct AuditReport {
  std::uint64_t events = 0;
  std::uint64_t seats = 0;
  std::uint64_t available = 0, held = 0, pinned = 0, sold = 0, blocked = 0;
  std::uint64_t orders = 0, confirmed = 0, cancelled = 0, open = 0;
  std::uint64_t authorised = 0, captured = 0, voided = 0, refunded = 0;
  std::uint64_t answers = 0;
  std::uint64_t outbox_unsent = 0;
  std::int64_t money_captured = 0;
  std::vector<std::string> notes;     // for the reader: journal cut, open orders, …
  std::vector<std::string> breaches;  // at most kBreachesNamedMax are named
  std::uint64_t breach_count = 0;
};

inline constexpr std::size_t kBreachesNamedMax = 50;

// Fails if the folder is none of ours, or an office runs on it.
Result<AuditReport> audit(const std::string& data_dir);

// The same of an office that runs in this process, by what its files and its ledger say now. Sagas may
// be under way: only what a second look confirms is a breach (app/background_auditor.hpp).
Result<AuditReport> audit_open_folder(const DataFolder& folder, SeatLedgerAdmin& ledger);

std::string print_audit(const AuditReport& report);

}  // namespace onsale::app
