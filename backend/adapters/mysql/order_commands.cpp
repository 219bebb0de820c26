// place(): all or nothing by UNIQUE keys. advance(): one UPDATE that is conditional on the version;
// how many rows it changed is the answer.
#include "adapters/mysql/order_commands.hpp"

#include <utility>

namespace onsale::mysql {
namespace {

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) {
    hash = (hash ^ (value >> (8U * i) & 0xFFU)) * 0x100000001B3ULL;
  }
  return hash;
}

std::uint64_t hash_of(const IdempotencyScope& scope) {
  std::uint64_t hash = mixed(0xCBF29CE484222325ULL, scope.buyer.bits.hi ^ scope.buyer.bits.lo);
  for (const std::string* part : {&scope.route, &scope.key}) {
    for (const char c : *part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    hash = mixed(hash, part->size());
  }
  return hash;
}

std::uint64_t hash_of(EventId event, SeatId seat) {
  return mixed(mixed(0x84222325CBF29CE4ULL, event.value), seat.value);
}

// Which statuses may become `to`, a bit each.
std::int64_t origins_of(order::Status to) {
  std::int64_t bits = 0;
  for (std::int64_t from = 0; from <= static_cast<std::int64_t>(order::Status::cancelled); ++from) {
    if (order::may_become(static_cast<order::Status>(from), to)) bits |= std::int64_t{1} << from;
  }
  return bits;
}

std::optional<std::int64_t> read_epoch(Connection& connection, EventId event) {
  Statement row =
      connection.prepared("SELECT epoch FROM ledger_epochs WHERE event = ? LOCK IN SHARE MODE");
  row.number(number_of(event));
  if (!row.next()) return std::nullopt;
  return row.number_at(0);
}

// The event's epoch, and a lock on it: until this transaction has ended nobody begins another. An
// event without a row gets one, because nothing keeps a row from appearing that is not there.
std::int64_t locked_epoch(Connection& connection, EventId event) {
  const auto epoch = read_epoch(connection, event);
  if (epoch || connection.failed()) return epoch.value_or(0);
  connection
      .prepared(
          "INSERT INTO ledger_epochs (event, epoch) VALUES (?, 0) "
          "ON DUPLICATE KEY UPDATE epoch = epoch")
      .number(number_of(event))
      .run();
  return read_epoch(connection, event).value_or(0);
}

// Whether the event's ledger has begun an epoch after that one. If not, none begins before this
// transaction has ended.
bool is_outdated(Connection& connection, Batch& batch, EventId event, std::uint32_t epoch) {
  if (epoch == 0) return false;
  std::optional<std::int64_t>& latest = batch.remembered(event.value);
  if (!latest) latest = locked_epoch(connection, event);
  return *latest > static_cast<std::int64_t>(epoch);
}

}  // namespace

PlaceCommand::PlaceCommand(PlaceOrder placing, Driver driver)
    : placing_(std::move(placing)),
      driver_(driver),
      packed_(pack_seats(placing_.order.seats)),
      packed_messages_(pack_seats(placing_.messages)) {}

Turn PlaceCommand::turn() const { return {0, {placing_.order.event.value, 0}}; }

Step PlaceCommand::write(Connection& connection, Batch& batch) {
  if (is_outdated(connection, batch, placing_.order.event, placing_.pinned_epoch)) {
    outcome_ = PlaceOutcome::pin_outdated;
    return Step::gathered;
  }
  if (!batch.first_about(hash_of(placing_.scope))) return Step::postponed;
  for (const SeatId seat : placing_.order.seats) {
    if (!batch.first_about(hash_of(placing_.order.event, seat))) return Step::postponed;
  }
  outcome_ = PlaceOutcome::placed;
  gather_order(batch, placing_, packed_, driver_);
  gather_messages(batch, placing_.messages, packed_messages_, driver_.node);
  return Step::gathered;
}

bool PlaceCommand::settled(Connection& connection) {
  {
    Statement row =
        connection.prepared("SELECT 1 FROM answers WHERE buyer = ? AND route = ? AND idem_key = ?");
    row.id(placing_.scope.buyer.bits).text(placing_.scope.route).text(placing_.scope.key);
    if (row.next()) {
      outcome_ = PlaceOutcome::key_taken;
      return true;
    }
  }
  for (const SeatId seat : placing_.order.seats) {
    Statement row = connection.prepared("SELECT 1 FROM claims WHERE event = ? AND seat = ?");
    row.number(number_of(placing_.order.event)).number(number_of(seat));
    if (row.next()) {
      outcome_ = PlaceOutcome::seat_claimed;
      return true;
    }
  }
  return false;
}

AdvanceCommand::AdvanceCommand(AdvanceOrder advancing, Driver driver)
    : advancing_(std::move(advancing)),
      driver_(driver),
      tickets_(pack_tickets(advancing_.tickets)),
      packed_messages_(pack_seats(advancing_.messages)) {}

Turn AdvanceCommand::turn() const { return {1, advancing_.id.bits}; }

Step AdvanceCommand::write(Connection& connection, Batch& batch) {
  if (is_outdated(connection, batch, advancing_.event, advancing_.sold_epoch)) {
    outcome_ = AdvanceOutcome::conflict;
    return Step::gathered;
  }
  const auto reason = static_cast<std::int64_t>(advancing_.reason);
  const std::uint64_t changed =
      connection
          .prepared(
              "UPDATE orders SET status = ?, reason = IF(? = 0, reason, ?), version = version + 1, "
              "updated_at = ?, tickets = ?, is_open = ?, lease_holder = ?, "
              "lease_until = NOW(3) + INTERVAL ? MICROSECOND "
              "WHERE id = ? AND version = ? AND (? >> status) & 1 = 1")
          .number(static_cast<std::int64_t>(advancing_.to))
          .number(reason)
          .number(reason)
          .instant(advancing_.at)
          .blob(tickets_)
          .number(order::is_final(advancing_.to) ? 0 : 1)
          .id(driver_.node)
          .number(driver_.lease.count() * 1000)
          .id(advancing_.id.bits)
          .number(advancing_.expected_version)
          .number(origins_of(advancing_.to))
          .run();
  outcome_ = changed == 1 ? AdvanceOutcome::advanced : AdvanceOutcome::conflict;
  if (outcome_ == AdvanceOutcome::conflict) return Step::gathered;
  if (advancing_.to == order::Status::cancelling) drop_claims(connection);
  gather_messages(batch, advancing_.messages, packed_messages_, driver_.node);
  return Step::gathered;
}

void AdvanceCommand::drop_claims(Connection& connection) const {
  std::int64_t event = 0;
  SeatIds seats;
  {
    Statement row = connection.prepared("SELECT event, seats FROM orders WHERE id = ?");
    row.id(advancing_.id.bits);
    if (!row.next()) return;
    event = row.number_at(0);
    seats = unpack_seats(row.blob_at(1));
  }
  for (const SeatId seat : seats) {
    connection.prepared("DELETE FROM claims WHERE event = ? AND seat = ? AND order_id = ?")
        .number(event)
        .number(number_of(seat))
        .id(advancing_.id.bits)
        .run();
  }
}

}  // namespace onsale::mysql
