// Bringing a database's schema forward, and telling whether a program can work with what is there.
#pragma once

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/endpoint.hpp"
#include "adapters/mysql/schema.hpp"
#include "base/result.hpp"

namespace onsale::mysql {

struct Migrated {
  unsigned from = 0;
  unsigned to = 0;  // equal: there was nothing to do
};

// Forward only; one at a time, whoever else tries (GET_LOCK; waits up to 60 s for another's end); of
// a running office too. What broke off half-way is taken up again. A database of a newer onsale is
// left as it is. The database itself must exist. A failure is one clear line.
Result<Migrated> migrate(const Endpoint& endpoint, Schema schema);

// ok, or one line that says what to do (`onsale migrate`, or a newer onsale).
Status check_schema(Connection& connection, const Endpoint& endpoint, Schema schema);

}  // namespace onsale::mysql
