// Office: a whole ticket office on virtual time over a durable world: the embedded ledger with its
// journal on files that fail, the real services, the mock provider, the real outbox, bus and
// consumer. What the binary wires in app/wiring.cpp, without HTTP and with one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/embedded/journal.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/local_bus/local_bus.hpp"
#include "adapters/memory/orders.hpp"
#include "adapters/memory/provider_ledger.hpp"
#include "adapters/mock_provider/mock_provider.hpp"
#include "ports/catalogue_store.hpp"
#include "services/catalog/catalog_service.hpp"
#include "services/order/order_service.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "services/payment/payment_service.hpp"
#include "services/reservation/outcome_consumer.hpp"
#include "services/reservation/reservation_service.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/planted.hpp"
#include "tests/simulation/slow_store.hpp"
#include "tests/simulation/weather.hpp"
#include "tests/simulation/witness.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/manual_scheduler.hpp"
#include "tests/support/seeded_ids.hpp"

namespace onsale::simulation {

// The events on offer; they never change in a simulation.
class FixedCatalogue final : public CatalogueStore {
 public:
  FixedCatalogue(std::uint32_t events, std::uint32_t seats, Instant opened);
  Result<std::vector<CatalogueEntry>> load() override { return entries_; }
  Status put(const CatalogueEntry&) override { return Failure{Code::unavailable, "fixed"}; }
  [[nodiscard]] const std::vector<CatalogueEntry>& entries() const { return entries_; }

 private:
  std::vector<CatalogueEntry> entries_;
};

// What survives a crash, and the luck of the whole run.
struct World {
  World(std::uint64_t seed, Instant start)
      : dice(seed), ids(seed ^ 0x5EEDULL), catalogue(3, 20, start), witness(Rules{}) {}

  Dice dice;
  SeededIds ids;
  FaultFileSystem files;
  MemoryOrders orders;
  MemoryProviderLedger book;
  FixedCatalogue catalogue;
  Witness witness;
  std::set<MessageId> downstream;  // messages a stranger has handled
  std::vector<std::pair<Milliseconds, ProviderEntry>> on_the_way;  // to the provider, from the dead
};

// Money moves only through here: the witness looks at each capture before it is asked for.
class WatchedGateway final : public PaymentGateway {
 public:
  WatchedGateway(PaymentGateway& gateway, EmbeddedLedger& ledger, World& world,
                 const Weather& weather)
      : gateway_(gateway), ledger_(ledger), world_(world), weather_(weather) {}
  Task<PaymentAnswer> authorise(PaymentAttempt attempt, Milliseconds deadline) override;
  Task<PaymentAnswer> capture(PaymentAttempt attempt, Milliseconds deadline) override;
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt, Milliseconds deadline) override;
  Task<AttemptState> lookup(AttemptId attempt, Milliseconds deadline) override;

 private:
  PaymentGateway& gateway_;
  EmbeddedLedger& ledger_;
  World& world_;
  const Weather& weather_;
};

class Office {
 public:
  // Reads the disk, restores the truth of the orders, opens.
  Office(World& world, Instant now, PlantedBug bug);
  ~Office();
  Office(const Office&) = delete;
  Office& operator=(const Office&) = delete;

  // From now on nothing it does counts; returns when its coroutines have ended.
  void die();
  // The orderly end.
  void close();

  [[nodiscard]] Instant now() const { return clock.now(); }
  [[nodiscard]] std::vector<SeatRecord> records(EventId event);

  World& world;
  const PlantedBug bug;
  Weather weather;
  ManualClock clock;
  ManualScheduler loop{clock};
  Journal journal;
  EmbeddedLedger embedded;
  SlowOrders slow;
  ProviderLine line;
  MockProvider provider;
  WatchedGateway watched;
  PlantedParts planted;  // wraps of the parts above when a bug is planted
  PaymentService payments;
  catalog::CatalogService catalog;
  ReservationService reservation;
  OrderService orders;
  LocalBus bus;
  OutcomeConsumer consumer;
  OutboxDispatcher dispatcher;
  TaskGroup calls;       // of buyers and viewers
  std::string recovery;  // what the journal told, for a person

 private:
  void open();
  void flush_soon();
  void sweep_soon();
  Task<Status> downstream(Message message);
  void wind_up();
};

}  // namespace onsale::simulation
