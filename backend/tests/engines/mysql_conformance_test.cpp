// The suites of every port that MySQL serves, over a real mariadbd, each case in a fresh database; and
// mistakes that only several nodes can make, which must fail the case that is there for them.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>

#include "adapters/mock_provider/mock_provider.hpp"
#include "adapters/mysql/mysql_provider_ledger.hpp"
#include "tests/conformance/order_store_conformance.hpp"
#include "tests/conformance/payment_conformance.hpp"
#include "tests/conformance/shared_store_conformance.hpp"
#include "tests/engines/mysql_office.hpp"
#include "tests/support/manual_clock.hpp"

namespace onsale::conformance {
namespace {

template <typename Case>
std::string name_of_case(const testing::TestParamInfo<Case>& about) {
  return about.param.name;
}

class MysqlOrderStore : public testing::TestWithParam<OrderStoreCase> {};
TEST_P(MysqlOrderStore, Holds) {
  if (MariadbServer::missing()) GTEST_SKIP() << kNoMariadb;
  MysqlNode node(shared_mariadb().fresh(mysql::Schema::office));
  OrderStoreUnderTest under{node.store, node.store, node.store};
  GetParam().run(under);
}
INSTANTIATE_TEST_SUITE_P(Cases, MysqlOrderStore, testing::ValuesIn(order_store_cases()),
                         name_of_case<OrderStoreCase>);

// Leases are long, so that a slow machine lapses none; lapse() moves them into the past, as the
// store's clock sees it.
void run_shared(const SharedStoreCase& test) {
  const mysql::Endpoint endpoint = shared_mariadb().fresh(mysql::Schema::office);
  mysql::OrderStoreOptions options;
  options.lease = Milliseconds{60'000};
  options.relay_lease = Milliseconds{60'000};
  MysqlNode first(endpoint, {}, options);
  MysqlNode second(endpoint, {}, options);
  StoreNode one{first.store, first.store, first.store, first.store};
  StoreNode two{second.store, second.store, second.store, second.store};
  SharedStoreUnderTest under{
      one, two, [&endpoint] {
        shared_mariadb().run("UPDATE orders SET lease_until = NOW(3) - INTERVAL 1 SECOND",
                             endpoint.database);
        shared_mariadb().run("UPDATE outbox_relays SET lapses_at = NOW(3) - INTERVAL 1 SECOND",
                             endpoint.database);
      }};
  test.run(under);
}

class MysqlSharedStore : public testing::TestWithParam<SharedStoreCase> {};
TEST_P(MysqlSharedStore, Holds) {
  if (MariadbServer::missing()) GTEST_SKIP() << kNoMariadb;
  run_shared(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Cases, MysqlSharedStore, testing::ValuesIn(shared_store_cases()),
                         name_of_case<SharedStoreCase>);

class MysqlPayment : public testing::TestWithParam<PaymentCase> {};
TEST_P(MysqlPayment, Holds) {
  if (MariadbServer::missing()) GTEST_SKIP() << kNoMariadb;
  const auto database =
      open_database(shared_mariadb().fresh(mysql::Schema::provider), {}, mysql::Schema::provider);
  mysql::MysqlProviderLedger book(*database);
  ManualClock clock;
  MockProviderOptions willing;
  willing.success_share = 1;
  MockProvider provider(book, clock, willing);
  PaymentUnderTest under{provider, book};
  GetParam().run(under);
}
INSTANTIATE_TEST_SUITE_P(Cases, MysqlPayment, testing::ValuesIn(payment_cases()),
                         name_of_case<PaymentCase>);

}  // namespace
}  // namespace onsale::conformance
