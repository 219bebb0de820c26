// Gathering rows and writing them in long INSERTs.
#include "adapters/mysql/batch.hpp"

#include <algorithm>
#include <numeric>

namespace onsale::mysql {
namespace {

constexpr std::size_t kChunkMax = 64;

}  // namespace

std::size_t chunk_of(std::size_t left) {
  std::size_t chunk = kChunkMax;
  while (chunk > left) chunk /= 2;
  return chunk;
}

Batch::Row& Batch::Row::number(std::int64_t value) {
  batch_.tables_[table_].values.push_back({Value::Kind::number, value, {}, {}});
  return *this;
}
Batch::Row& Batch::Row::text(std::string_view value) {
  batch_.tables_[table_].values.push_back({Value::Kind::text, 0, value, {}});
  return *this;
}
Batch::Row& Batch::Row::id(Bits128 bits) {
  batch_.tables_[table_].values.push_back({Value::Kind::id, 0, {}, bits});
  return *this;
}

Batch::Row Batch::row(const Insert& insert) {
  const auto found = std::find_if(tables_.begin(), tables_.end(), [&insert](const Table& table) {
    return table.insert == &insert;
  });
  if (found != tables_.end()) {
    return Row(*this, static_cast<std::size_t>(found - tables_.begin()));
  }
  const auto place = std::find_if(tables_.begin(), tables_.end(), [&insert](const Table& table) {
    return table.insert->rank > insert.rank;
  });
  const auto at = static_cast<std::size_t>(place - tables_.begin());
  tables_.insert(place, Table{&insert, {}});
  return Row(*this, at);
}

bool Batch::flush(Connection& connection) {
  for (const Table& table : tables_) {
    if (!flush(connection, table)) return false;
  }
  return !connection.failed();
}

bool Batch::flush(Connection& connection, const Table& table) {
  const Insert& insert = *table.insert;
  const std::size_t count = table.values.size() / insert.columns;
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0);
  const auto value = [&table, &insert](std::size_t row, std::size_t column) -> const Value& {
    return table.values[row * insert.columns + column];
  };
  if (insert.by_key) {
    std::sort(rows.begin(), rows.end(), [&value](std::size_t a, std::size_t b) {
      return std::pair(value(a, 0).number, value(a, 1).number) <
             std::pair(value(b, 0).number, value(b, 1).number);
    });
  }
  for (std::size_t at = 0; at < count;) {
    const std::size_t chunk = chunk_of(count - at);
    Statement statement =
        connection.prepared_rows(insert.head, insert.row, static_cast<unsigned>(chunk), "");
    for (const std::size_t end = at + chunk; at < end; ++at) {
      for (std::size_t column = 0; column < insert.columns; ++column) {
        const Value& one = value(rows[at], column);
        switch (one.kind) {
          case Value::Kind::number:
            statement.number(one.number);
            break;
          case Value::Kind::text:
            statement.text(one.text);
            break;
          case Value::Kind::id:
            statement.id(one.id);
            break;
        }
      }
    }
    statement.run();
    if (connection.failed()) return false;
  }
  return true;
}

void Batch::clear() {
  for (Table& table : tables_) table.values.clear();
  taken_.clear();
  remembered_.clear();
}

}  // namespace onsale::mysql
