// SqliteProviderLedger: the mock provider's book, in a file of its own (Schema::provider).
#pragma once

#include "ports/provider_ledger.hpp"

namespace onsale::sqlite {

class Database;

class SqliteProviderLedger final : public ProviderLedger {
 public:
  explicit SqliteProviderLedger(Database& database) : database_(database) {}
  Task<Result<payment::Movement>> apply(ProviderEntry entry) override;
  Task<Result<AttemptState>> state_of(AttemptId attempt) override;
  Task<Result<std::vector<ProviderEntry>>> entries() override;

 private:
  Database& database_;
};

}  // namespace onsale::sqlite
