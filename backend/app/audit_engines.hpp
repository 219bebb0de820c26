// `onsale audit` of an office on several machines: Redis, the database and the provider's book, read
// while the office may be running. Orders under way are no breach; what looks like one is read again
// before it is told, because the books cannot all be opened at the same instant.
#pragma once

#include "app/audit.hpp"
#include "app/config.hpp"
#include "base/result.hpp"

namespace onsale {
class RedisSeatLedger;
class Scheduler;
namespace mysql {
class Database;
class MysqlProviderLedger;
}  // namespace mysql
}  // namespace onsale

namespace onsale::app {

// Needs redis.url and db.url (db.provider_url, or the book beside the orders).
Result<AuditReport> audit_engines(const Config& config);

// What the process of a role can hold against each other by itself, of an open office: the orders;
// with the provider's book the money, with the ledger the seats (either may be absent). Waits on the
// calling thread; `loop` must turn.
struct RoleBooks {
  mysql::Database& office;
  mysql::MysqlProviderLedger* provider;
  RedisSeatLedger* ledger;
  Scheduler& loop;
};
Result<AuditReport> audit_role(const RoleBooks& books);

}  // namespace onsale::app
