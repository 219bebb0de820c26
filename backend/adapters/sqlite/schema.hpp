// The schemas, embedded from the .sql files: entry n brings a file from version n to n + 1.
#pragma once

#include <cstddef>

namespace onsale::sqlite {

extern const char* const kOfficeMigrations[];
extern const std::size_t kOfficeMigrationCount;
extern const char* const kProviderMigrations[];
extern const std::size_t kProviderMigrationCount;

}  // namespace onsale::sqlite
