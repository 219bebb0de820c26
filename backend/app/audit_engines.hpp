// `onsale audit` of an office on several machines: Redis, the database and the provider's book, read
// while the office may be running. Orders under way are no breach; what looks like one is read again
// before it is told, because the books cannot all be opened at the same instant.
#pragma once

#include "app/audit.hpp"
#include "app/config.hpp"
#include "base/result.hpp"

namespace onsale::app {

// Needs redis.url and db.url (db.provider_url, or the book beside the orders).
Result<AuditReport> audit_engines(const Config& config);

}  // namespace onsale::app
