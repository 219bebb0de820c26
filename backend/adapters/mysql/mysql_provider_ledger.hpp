// MysqlProviderLedger: the mock provider's book (Schema::provider), in a database of its own or
// beside the office's. Several payment nodes may write to it.
#pragma once

#include "ports/provider_ledger.hpp"

namespace onsale::mysql {

class Database;

class MysqlProviderLedger final : public ProviderLedger {
 public:
  explicit MysqlProviderLedger(Database& database) : database_(database) {}
  Task<Result<payment::Movement>> apply(ProviderEntry entry) override;
  Task<Result<AttemptState>> state_of(AttemptId attempt) override;
  Task<Result<std::vector<ProviderEntry>>> entries() override;

 private:
  Database& database_;
};

}  // namespace onsale::mysql
