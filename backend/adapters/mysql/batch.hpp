// Batch: what the commands of one transaction want inserted, gathered table by table, so that fifty
// orders cost one INSERT of fifty rows. Rows are written in one order of tables, and those of a table
// that rivals fight about in the order of their key, so that two writers rarely deadlock.
//
// Values are kept by reference where they are texts: they must outlive the batch, as the commands do
// that they belong to. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "adapters/mysql/connection.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace onsale::mysql {

// How rows of one table are inserted; a constant, known by its address.
struct Insert {
  unsigned rank;     // tables are written by growing rank
  const char* head;  // INSERT INTO t (…) VALUES
  const char* row;   // (?, ?)
  unsigned columns;  // places in `row`
  bool by_key;       // sort by the first two values, which are numbers
};

class Batch {
 public:
  class Row {
   public:
    explicit Row(Batch& batch, std::size_t table) : batch_(batch), table_(table) {}
    Row& number(std::int64_t value);
    Row& text(std::string_view value);
    Row& blob(std::string_view value) { return text(value); }
    Row& id(Bits128 bits);
    Row& instant(Instant at) { return number(ms_of(at)); }

   private:
    Batch& batch_;
    std::size_t table_;
  };

  Row row(const Insert& insert);
  // Inserts all that was gathered. False: the connection has failed.
  bool flush(Connection& connection);
  void clear();

  // Notes that a command of this batch is about something that only one may be about; false: another
  // one is already. Two different things are taken for the same once in 2^64.
  bool first_about(std::uint64_t hash) { return taken_.insert(hash).second; }
  // A number that is read once a batch (an event's epoch).
  std::optional<std::int64_t>& remembered(std::uint64_t key) { return remembered_[key]; }

 private:
  struct Value {
    enum class Kind : std::uint8_t { number, text, id } kind;
    std::int64_t number = 0;
    std::string_view text;
    Bits128 id;
  };
  struct Table {
    const Insert* insert;
    std::vector<Value> values;
  };
  static bool flush(Connection& connection, const Table& table);

  std::vector<Table> tables_;  // by rank; kept over clear() with their storage
  std::unordered_set<std::uint64_t> taken_;
  std::unordered_map<std::uint64_t, std::optional<std::int64_t>> remembered_;
};

// The largest power of two that fits: statements are prepared for few lengths only.
std::size_t chunk_of(std::size_t left);

}  // namespace onsale::mysql
