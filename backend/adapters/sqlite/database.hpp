// Database: one SQLite file with its writer thread and its readers. Open it once a process; the
// stores (orders, catalogue, provider's ledger) are views on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace onsale::sqlite {

class Readers;
class Writer;

struct DatabaseOptions {
  std::size_t batch_max = 512;             // commands in one commit
  std::size_t queue_max = 16'384;          // commands waiting; more are refused as unavailable
  std::size_t readers_max = 64;            // read connections: one for each thread reading at once
  std::int64_t checkpoint_pages = 16'384;  // the log is folded into the file about this often
};

struct DatabaseStats {
  std::uint64_t commits = 0;
  std::uint64_t commands = 0;
  std::uint64_t failed_commits = 0;
  std::uint64_t refused = 0;  // queue full
  std::size_t queued = 0;
  bool healthy = true;  // false from a failed commit until a write has worked again
};

enum class Schema : std::uint8_t { office, provider };

class Database {
 public:
  // Opens or makes the file, brings its schema forward. A failure is one clear line for a person.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Schema schema,
                                                DatabaseOptions options = {});
  ~Database();  // finishes what is queued, then closes; nobody may be waiting for a read
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Writer& writer() { return *writer_; }
  Readers& readers() { return *readers_; }
  [[nodiscard]] DatabaseStats stats() const;

 private:
  Database();
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Readers> readers_;
};

}  // namespace onsale::sqlite
