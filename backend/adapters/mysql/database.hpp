// Database: one MySQL or MariaDB database as this process uses it: threads that write in group
// commits, threads that read and run lone transactions, a connection each. Open it once a process;
// the stores (orders, catalogue, provider's ledger) are views on it and name the node they work for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/endpoint.hpp"
#include "adapters/mysql/schema.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"

namespace onsale::mysql {

class Pool;
class Writers;

struct DatabaseOptions {
  std::size_t writers = 2;         // threads that write; each has a transaction under way
  std::size_t batch_max = 256;     // commands in one commit
  std::size_t queue_max = 16'384;  // commands waiting; more are refused as unavailable
  std::size_t readers = 6;         // threads that read
  std::size_t reads_max = 4096;    // reads waiting; more are refused as unavailable
  // How long a commit whose connection broke is asked for, or a deadlocked one tried again, before
  // its commands are answered unavailable.
  Milliseconds give_up_after{5000};
  Timeouts timeouts;
};

struct DatabaseStats {
  std::uint64_t commits = 0;
  std::uint64_t commands = 0;
  std::uint64_t failed_commits = 0;
  std::uint64_t refused = 0;    // a queue was full, or no connection there
  std::uint64_t retried = 0;    // transactions begun again: deadlock, lock wait, lost before COMMIT
  std::uint64_t conflicts = 0;  // transactions begun again because a key was taken
  std::uint64_t asked = 0;      // commits with unknown outcome that were asked for
  std::uint64_t unresolved = 0;  // … in vain
  std::uint64_t reconnects = 0;
  std::size_t queued = 0;
  std::size_t reads_queued = 0;
  bool healthy = true;  // a writer is connected
};

class Database {
 public:
  // Connects and looks at the schema, which `onsale migrate` has made. A failure is one clear line.
  static Result<std::unique_ptr<Database>> open(const Endpoint& endpoint, Schema schema,
                                                DatabaseOptions options = {});
  ~Database();  // finishes what is queued, then closes; nobody may be waiting for a read
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Writers& writers() { return *writers_; }
  Pool& pool() { return *pool_; }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  // Drawn anew at each open: what this process's leases and outbox rows are known by.
  [[nodiscard]] Bits128 node() const { return node_; }
  [[nodiscard]] DatabaseStats stats() const;
  // By how much the server's clock was ahead of this machine's when it was opened, give or take half
  // the time of a question.
  [[nodiscard]] Milliseconds ahead() const { return ahead_; }

 private:
  explicit Database(Endpoint endpoint);
  Endpoint endpoint_;
  Bits128 node_;
  Milliseconds ahead_{};
  std::unique_ptr<Writers> writers_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace onsale::mysql
