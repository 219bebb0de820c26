// The schemas, embedded from the .sql files: migration n brings a database from version n to n + 1.
#pragma once

#include <cstdint>
#include <span>

namespace onsale::mysql {

enum class Schema : std::uint8_t { office, provider };

struct Migration {
  const char* sql;  // statements, each ended by ";\n"
  // Programs made for this version of the schema and later ones work with the result: a program of
  // yesterday goes on beside the one of today while an office is upgraded.
  unsigned usable_from;
};
std::span<const Migration> migrations_of(Schema schema);

}  // namespace onsale::mysql
