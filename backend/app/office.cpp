// The wiring. Read Parts from top to bottom: each member is built from those above it, and torn down
// before them.
#include "app/office.hpp"

#include <cstdio>
#include <cstdlib>

#include "adapters/embedded/journal.hpp"
#include "adapters/embedded/posix_file_system.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/embedded/system_clock.hpp"
#include "adapters/local_bus/local_bus.hpp"
#include "adapters/mock_provider/mock_provider.hpp"
#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/sqlite_catalogue.hpp"
#include "adapters/sqlite/sqlite_orders.hpp"
#include "adapters/sqlite/sqlite_provider_ledger.hpp"
#include "adapters/telemetry/otlp_probe.hpp"
#include "adapters/telemetry/traced_bus.hpp"
#include "adapters/telemetry/traced_gateway.hpp"
#include "api/codec/json_writer.hpp"
#include "app/background_auditor.hpp"
#include "app/data_folder.hpp"
#include "app/front.hpp"
#include "app/hall_importer.hpp"
#include "app/importing.hpp"
#include "app/log.hpp"
#include "app/loop_lag.hpp"
#include "app/metrics.hpp"
#include "app/policies.hpp"
#include "app/restoring.hpp"
#include "app/run_now.hpp"
#include "app/supervisor.hpp"
#include "app/tracing.hpp"
#include "runtime/completion.hpp"
#include "services/order/direct_sale.hpp"
#include "services/order/order_service.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "services/payment/payment_service.hpp"
#include "services/reservation/outcome_consumer.hpp"
#include "services/reservation/reservation_service.hpp"

namespace onsale::app {
namespace {

constexpr Milliseconds kSweepEvery{100};
constexpr Milliseconds kSweepAgain{1};
constexpr std::size_t kSweepVisits = 4096;  // claims looked at before other work gets its turn

std::size_t size(std::int64_t value) { return static_cast<std::size_t>(value); }
Milliseconds ms(std::int64_t value) { return Milliseconds{value}; }

JournalOptions journal_options(const Config& config, const std::string& folder) {
  JournalOptions options;
  options.folder = folder;
  options.flush_every = ms(config.journal.flush_ms);
  options.sync = config.journal.sync;
  options.snapshot_after_bytes = static_cast<std::uint64_t>(config.journal.segment_bytes_max);
  options.on_fault = [](std::string_view line) {
    log(LogLevel::warn, "journal", {{"fault", std::string{line}}});
  };
  return options;
}

}  // namespace

// What needs an open data folder: storage first.
struct Storage {
  DataFolder folder;
  HmacBuyerTokens::Key token_key;
  std::string internal_token;
  std::unique_ptr<sqlite::Database> office;
  std::unique_ptr<sqlite::Database> provider;
};

struct OfficeProcess::Parts final : public api::Office {
  explicit Parts(Config the_config, Storage the_storage);

  Result<RecoveryReport> restore();
  void offer_everything();
  void start_background();
  void sweep();
  api::HealthReport health() const;
  std::string metrics(bool open);
  int serve();

  // api::Office
  Task<Result<Version>> reset(EventId event) override;
  Task<Result<api::ImportReport>> import_hall(api::ImportWish wish) override;

  Config config;
  Storage storage;

  SystemClock clock;
  KernelIdSource ids;
  std::unique_ptr<OtlpProbe> probe;  // where traces are wanted
  PosixFileSystem files;
  Journal journal;
  EmbeddedLedger ledger;

  sqlite::SqliteOrderStore orders;
  sqlite::SqliteCatalogueStore catalogue_store;
  sqlite::SqliteProviderLedger provider_ledger;
  MockProvider provider;
  TracedGateway traced_provider;
  PaymentService payments;

  catalog::CatalogService catalog;
  ReservationService reservations;
  DirectSale direct_sale;
  OrderService order_service;
  LocalBus local_bus;
  TracedBus bus;
  OutcomeConsumer outcome_consumer;
  OutboxDispatcher dispatcher;

  http::Server server;
  LoopLag loops;
  BackgroundAuditor auditor;
  Front front;

  HallImporter importer;
};

OfficeProcess::Parts::Parts(Config the_config, Storage the_storage)
    : config(std::move(the_config)),
      storage(std::move(the_storage)),
      probe(probe_of(config)),
      journal(files, journal_options(config, storage.folder.file("journal"))),
      ledger(clock, {.journal = &journal}),
      orders(*storage.office),
      catalogue_store(*storage.office),
      provider_ledger(*storage.provider),
      provider(provider_ledger, clock, provider_options(config)),
      traced_provider(provider, probe.get(), clock),
      payments(traced_provider, clock, ids, payment_policy(config)),
      catalog(catalogue_store, ledger,
              {.seat_map = {.history_changes_max = size(config.streams.history_changes_max)}}),
      reservations(ledger, catalog, clock, hold_policy(config)),
      direct_sale(orders, ledger, catalog, clock, ids),
      order_service({.orders = orders,
                     .ledger = ledger,
                     .ledger_admin = ledger,
                     .catalogue = catalog,
                     .payments = payments,
                     .clock = clock,
                     .ids = ids,
                     .probe = probe.get()},
                    order_policy(config)),
      bus(local_bus, probe.get(), clock),
      outcome_consumer(ledger, orders),
      dispatcher(orders, bus, clock, {}),
      server(server_options(config)),
      auditor([this] { return audit_open_folder(storage.folder, ledger); },
              Seconds{config.audit.every_seconds}),
      front({.server = server,
             .clock = clock,
             .ids = ids,
             .probe = probe.get(),
             .config = config,
             .catalog = catalog,
             .reservations = reservations,
             .direct_sale = direct_sale,
             .orders = order_service,
             .payments = payments,
             .ledger = ledger,
             .ledger_admin = ledger,
             .office = *this,
             .token_key = storage.token_key,
             .health = [this] { return health(); },
             .metrics = [this](bool open) { return metrics(open); },
             .api = api_options(config, storage.internal_token)}) {
  ledger.on_change([this](EventId event) { front.pump.wake(event); });
  outcome_consumer.subscribe_to(bus);
}

api::HealthReport OfficeProcess::Parts::health() const {
  return {.draining = server.draining(),
          .components = {{"journal", journal.accepting()},
                         {"orders", storage.office->stats().healthy},
                         {"payments", storage.provider->stats().healthy}}};
}

std::string OfficeProcess::Parts::metrics(bool open) {
  return render_metrics({.api = front.api,
                         .server = server,
                         .pump = front.pump,
                         .catalog = catalog,
                         .ledger = ledger,
                         .orders = order_service,
                         .payments = payments,
                         .outbox = dispatcher,
                         .office = *storage.office,
                         .provider = *storage.provider,
                         .loops = loops,
                         .auditor = auditor,
                         .probe = probe.get(),
                         .config = config,
                         .clock = clock},
                        open ? MetricsForm::open_metrics : MetricsForm::prometheus);
}

// Seats are what the order store proves, before the first request: never through "free".
Result<RecoveryReport> OfficeProcess::Parts::restore() {
  auto report = ledger.start();
  if (!report) return report;
  const Status loaded = load_catalogue(catalog, ledger, config.demo, clock.now());
  if (!loaded) return loaded.error();
  const OrderPolicy policy = order_policy(config);
  const Instant pin_deadline = clock.now() + policy.payments_deadline + policy.pin_margin;
  const Status restored =
      restore_seats(ledger, halls_of(catalog), run_now(orders.claims()), pin_deadline);
  if (!restored) return restored.error();
  ledger.sweep(clock.now());
  return report;
}

void OfficeProcess::Parts::offer_everything() {
  for (const auto& entry : catalog.all()) front.showcase.show(entry.offer->event().id);
}

void OfficeProcess::Parts::sweep() {
  const bool done = ledger.sweep(clock.now(), kSweepVisits);
  server.loop(0).post_after(done ? kSweepEvery : kSweepAgain, [this] { sweep(); });
}

void OfficeProcess::Parts::start_background() {
  order_service.start();
  dispatcher.start();
  auditor.start();
  for (std::size_t i = 0; i < server.loops(); ++i) loops.watch(server.loop(i));
  sweep();
}

int OfficeProcess::Parts::serve() {
  server.on_signals([this](int) {
    if (!server.draining()) {
      log(LogLevel::info, "draining", {{"next", "a second signal ends it at once"}});
      tell_supervisor("STOPPING=1");
      order_service.stop();
      payments.stop();
      dispatcher.stop();
      front.pump.stop();
      auditor.stop_soon();
    }
    server.stop();
  });
  server.drain_also([this] {
    return !order_service.idle() || !dispatcher.idle() || importer.busy() || !auditor.idle();
  });
  server.run(front.api, [this] {
    start_background();
    const Endpoints endpoints = endpoints_of(config, server);
    if (const Status written = storage.folder.write_endpoints(endpoints); !written) {
      log(LogLevel::error, "endpoints", {{"fault", written.error().detail}});
    }
    std::printf("onsale is open: %s (events %zu; internal calls: %s; data: %s)\n",
                endpoints.public_url.c_str(), catalog.all().size(), endpoints.internal_url.c_str(),
                config.data_dir.c_str());
    std::fflush(stdout);
    tell_supervisor("READY=1");
  });
  importer.join();
  if (probe) probe->stop();
  const bool orderly = order_service.idle() && dispatcher.idle();
  if (const Status closed = ledger.stop(); !closed) {
    log(LogLevel::error, "journal", {{"fault", closed.error().detail}});
  }
  storage.folder.remove_endpoints();
  log(LogLevel::info, "closed", {{"orderly", orderly ? "yes" : "no"}});
  if (!orderly) {
    // Work was cut short by a second signal or the drain's end; its coroutines cannot be taken
    // apart, and need not be: everything acknowledged is on disk.
    end_log();
    std::_Exit(0);
  }
  return 0;
}

Task<Result<Version>> OfficeProcess::Parts::reset(EventId event) {
  if (catalog.find(event) == nullptr) co_return Result<Version>{Code::event_not_found};
  const Status done = co_await order_service.reset_event(event);
  if (!done) co_return Result<Version>{done.error()};
  const auto counts = co_await ledger.counts(event);
  if (!counts) co_return Result<Version>{counts.error()};
  log(LogLevel::info, "event reset", {{"event", std::to_string(event.value)}});
  co_return Result<Version>{counts->version};
}

Task<Result<api::ImportReport>> OfficeProcess::Parts::import_hall(api::ImportWish wish) {
  auto work = [this](const api::ImportWish& wanted) {
    const ImportTools tools{
        .catalog = catalog,
        .ledger = ledger,
        .clock = clock,
        .statuses = [this](EventId event) -> Result<std::vector<seat::WireStatus>> {
          auto snapshot = run_now(ledger.snapshot(event));
          if (!snapshot) return snapshot.error();
          return std::move(snapshot->statuses);
        }};
    return app::import_hall(tools, wanted);
  };
  auto imported = [this](EventId event) { front.showcase.show(event); };
  return importer.run(std::move(wish), std::move(work), std::move(imported));
}

OfficeProcess::OfficeProcess(Config config) {
  // Kept until open(): storage is not touched by a constructor.
  pending_ = std::make_unique<Config>(std::move(config));
}
OfficeProcess::~OfficeProcess() = default;

Status OfficeProcess::open() {
  Config config = std::move(*pending_);
  pending_.reset();
  auto folder = DataFolder::take(config.data_dir);
  if (!folder) return folder.error();
  auto key = folder->token_key();
  if (!key) return key.error();
  auto token = folder->internal_token();
  if (!token) return token.error();
  auto office = sqlite::Database::open(folder->file("office.sqlite"), sqlite::Schema::office);
  if (!office) return office.error();
  auto provider = sqlite::Database::open(folder->file("provider.sqlite"), sqlite::Schema::provider);
  if (!provider) return provider.error();
  parts_ = std::make_unique<Parts>(
      std::move(config), Storage{std::move(*folder), *key, std::move(*token), std::move(*office),
                                 std::move(*provider)});
  // First the ports: who cannot have them has touched nothing. Clients that come meanwhile wait in
  // the kernel's queue until the seats are restored.
  if (Status listening = parts_->server.listen(); !listening) return listening;
  const auto report = parts_->restore();
  if (!report) return report.error();
  if (report->fresh) {
    log(LogLevel::info, "new ledger", {{"events", std::to_string(parts_->catalog.all().size())}});
  } else {
    log(LogLevel::info, "restored",
        {{"clean", report->clean ? "yes" : "no"},
         {"epoch", std::to_string(report->epoch)},
         {"changes", std::to_string(report->changes)}});
  }
  parts_->offer_everything();
  return ok();
}

int OfficeProcess::run() { return parts_->serve(); }

}  // namespace onsale::app
