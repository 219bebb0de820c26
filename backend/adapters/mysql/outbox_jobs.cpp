// The outbox as several nodes share it.
#include "adapters/mysql/outbox_jobs.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "adapters/mysql/rows.hpp"
#include "base/steady.hpp"

namespace onsale::mysql {
namespace {

constexpr std::size_t kRemembered = 65'536;      // messages told and not marked sent
constexpr std::int64_t kTakenOverAtOnce = 4096;  // rows of one relay, a sign of life
constexpr int kSignsALease = 4;

}  // namespace

std::vector<Message> Relay::pending(Connection& connection, std::size_t max) {
  if (sign_of_life_due()) {
    show_life(connection);
    take_over(connection);
    if (connection.failed()) return {};
    const Lock lock(mutex_);
    shown_at_ms_ = steady_ms();
  }
  std::vector<Message> messages;
  Statement rows = connection.prepared(
      "SELECT o.seq, o.id, o.type, o.order_id, o.event, o.seats, o.buyer, o.amount, o.currency, "
      "o.reason, o.at, o.trace_id FROM outbox o WHERE o.relay = ? AND NOT EXISTS "
      "(SELECT 1 FROM outbox e WHERE e.order_id = o.order_id AND e.seq < o.seq AND e.relay <> ?) "
      "ORDER BY o.seq LIMIT ?");
  const auto most = std::min<std::size_t>(max, std::numeric_limits<std::int32_t>::max());
  rows.id(node_).id(node_).number(static_cast<std::int64_t>(most));
  const Lock lock(mutex_);
  if (seq_of_.size() > kRemembered) seq_of_.clear();
  while (rows.next()) {
    messages.push_back(read_message(rows));
    seq_of_[messages.back().id] = rows.number_at(0);
  }
  return messages;
}

bool Relay::sign_of_life_due() {
  const Lock lock(mutex_);
  return shown_at_ms_ == 0 || steady_ms() - shown_at_ms_ >= lease_.count() / kSignsALease;
}

void Relay::show_life(Connection& connection) {
  connection
      .prepared(
          "INSERT INTO outbox_relays (node, lapses_at) "
          "VALUES (?, NOW(3) + INTERVAL ? MICROSECOND) "
          "ON DUPLICATE KEY UPDATE lapses_at = NOW(3) + INTERVAL ? MICROSECOND")
      .id(node_)
      .number(lease_.count() * 1000)
      .number(lease_.count() * 1000)
      .run();
}

// Rows of nodes that show no life: dead ones, and those that never send (a role without a relay).
void Relay::take_over(Connection& connection) {
  std::vector<Bits128> silent;
  {
    Statement rows = connection.prepared(
        "SELECT d.relay FROM (SELECT DISTINCT relay FROM outbox) AS d LEFT JOIN outbox_relays r "
        "ON r.node = d.relay AND r.lapses_at > NOW(3) WHERE r.node IS NULL");
    while (rows.next()) silent.push_back(rows.id_at(0));
  }
  for (const Bits128 relay : silent) {
    connection.prepared("UPDATE outbox SET relay = ? WHERE relay = ? ORDER BY seq LIMIT ?")
        .id(node_)
        .id(relay)
        .number(kTakenOverAtOnce)
        .run();
  }
  connection
      .prepared("DELETE FROM outbox_relays WHERE lapses_at < NOW(3) - INTERVAL 1 HOUR LIMIT 16")
      .run();
}

void Relay::delete_sent(Connection& connection, const std::vector<MessageId>& ids) {
  std::string list;
  std::vector<MessageId> elsewhere;
  {
    const Lock lock(mutex_);
    for (const MessageId id : ids) {
      const auto found = seq_of_.find(id);
      if (found == seq_of_.end()) {
        elsewhere.push_back(id);
      } else {
        list += (list.empty() ? "" : ",") + std::to_string(found->second);
      }
    }
  }
  if (!list.empty()) connection.execute("DELETE FROM outbox WHERE seq IN (" + list + ")");
  for (const MessageId id : elsewhere) {
    connection.prepared("DELETE FROM outbox WHERE id = ?").id(id.bits).run();
  }
}

void Relay::forget(const std::vector<MessageId>& ids) {
  const Lock lock(mutex_);
  for (const MessageId id : ids) seq_of_.erase(id);
}

OutboxBacklog count_backlog(Connection& connection) {
  OutboxBacklog backlog;
  {
    Statement count = connection.prepared("SELECT COUNT(*) FROM outbox");
    if (count.next()) backlog.unsent = static_cast<std::size_t>(count.number_at(0));
  }
  Statement oldest = connection.prepared("SELECT at FROM outbox ORDER BY seq LIMIT 1");
  if (oldest.next()) backlog.oldest = oldest.instant_at(0);
  return backlog;
}

}  // namespace onsale::mysql
