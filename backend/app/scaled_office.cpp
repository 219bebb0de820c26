// The wiring of a role. Read Parts from top to bottom, as in office.cpp: each member is built from
// those above it, and torn down before them. A role's process has the parts of the others too, but
// idle: what decides is which routes answer (ApiOptions::serves) and what start_background() starts.
#include "app/scaled_office.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "adapters/embedded/system_clock.hpp"
#include "adapters/kafka/kafka_bus.hpp"
#include "adapters/local_bus/local_bus.hpp"
#include "adapters/mock_provider/mock_provider.hpp"
#include "adapters/mysql/database.hpp"
#include "adapters/mysql/mysql_catalogue.hpp"
#include "adapters/mysql/mysql_orders.hpp"
#include "adapters/mysql/mysql_provider_ledger.hpp"
#include "adapters/peers/peer_payments.hpp"
#include "adapters/peers/peer_seat_ledger.hpp"
#include "adapters/redis/seat_ledger.hpp"
#include "adapters/telemetry/otlp_probe.hpp"
#include "adapters/telemetry/traced_bus.hpp"
#include "adapters/telemetry/traced_gateway.hpp"
#include "app/audit_engines.hpp"
#include "app/background_auditor.hpp"
#include "app/catalogue_refresher.hpp"
#include "app/data_folder.hpp"
#include "app/engines.hpp"
#include "app/front.hpp"
#include "app/hall_importer.hpp"
#include "app/importing.hpp"
#include "app/log.hpp"
#include "app/loop_lag.hpp"
#include "app/no_feed.hpp"
#include "app/policies.hpp"
#include "app/run_on.hpp"
#include "app/scaled_metrics.hpp"
#include "app/supervisor.hpp"
#include "app/tracing.hpp"
#include "app/waiting_ledger_admin.hpp"
#include "services/order/direct_sale.hpp"
#include "services/order/order_service.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "services/payment/payment_service.hpp"
#include "services/reservation/outcome_consumer.hpp"
#include "services/reservation/reconciler.hpp"
#include "services/reservation/reservation_service.hpp"

namespace onsale::app {
namespace {

constexpr Milliseconds kLookAtRedisEvery{500};
constexpr Milliseconds kCatalogueLooks = CatalogueRefresher::kLookEvery;

Milliseconds ms(std::int64_t value) { return Milliseconds{value}; }

std::vector<AsioScheduler*> asio_loops(http::Server& server) {
  std::vector<AsioScheduler*> loops;
  for (std::size_t i = 0; i < server.loops(); ++i) {
    loops.push_back(dynamic_cast<AsioScheduler*>(&server.loop(i)));
    check(loops.back() != nullptr, "the edge turns on Asio");
  }
  return loops;
}
std::vector<Scheduler*> all_loops(http::Server& server) {
  std::vector<Scheduler*> loops;
  for (std::size_t i = 0; i < server.loops(); ++i) loops.push_back(&server.loop(i));
  return loops;
}

}  // namespace

// What must be there before anything is built.
struct Means {
  DataFolder folder;
  HmacBuyerTokens::Key token_key;
  std::string internal_token;
  std::unique_ptr<mysql::Database> office;
  std::unique_ptr<mysql::Database> provider;  // payment only
  redis::Options redis;
  PeerOptions reservation;
  PeerOptions payment;
};

struct ScaledOffice::Parts final : public api::Office {
  Parts(Config the_config, Means the_means);

  std::unique_ptr<Reconciler> make_reconciler();
  void start_background();
  Task<void> watch_redis();
  bool still_busy();
  api::HealthReport health() const;
  std::string metrics(bool open);
  int serve();

  // api::Office
  Task<Result<Version>> reset(EventId event) override;
  Task<Result<api::ImportReport>> import_hall(api::ImportWish wish) override;

  const Config config;
  const bool is_catalog, is_reservation, is_order, is_payment;
  Means means;

  SystemClock clock;  // the database's, so that all nodes agree whatever their machines say
  KernelIdSource ids;
  std::unique_ptr<OtlpProbe> probe;  // where traces are wanted
  http::Server server;
  http::HttpClient client;
  PeerClient reservation_peer;
  PeerClient payment_peer;

  mysql::MysqlOrderStore orders;
  mysql::MysqlCatalogueStore catalogue_store;
  std::unique_ptr<RedisSeatLedger> redis;  // catalog, reservation
  PeerSeatLedger peer_ledger;
  PeerLedgerAdmin peer_admin;
  NoFeed no_feed;
  SeatLedger& ledger;
  SeatLedgerAdmin& ledger_admin;

  std::unique_ptr<mysql::MysqlProviderLedger> provider_ledger;  // payment
  std::unique_ptr<MockProvider> provider;
  std::unique_ptr<TracedGateway> traced_provider;
  std::unique_ptr<PaymentService> payment_service;
  PeerPayments peer_payments;
  Payments& payments;

  catalog::CatalogService catalog;
  ReservationService reservations;
  DirectSale direct_sale;
  std::unique_ptr<KafkaBus> kafka;  // reservation, order
  LocalBus no_bus;
  TracedBus bus;
  OrderService order_service;
  OutcomeConsumer outcome_consumer;
  OutboxDispatcher dispatcher;
  std::unique_ptr<Reconciler> reconciler;  // reservation

  LoopLag loops;
  BackgroundAuditor auditor;
  Front front;
  CatalogueRefresher refresher;

  TaskGroup watching;
  std::atomic<bool> redis_up{false};
  std::atomic<bool> ending{false};
  HallImporter importer;
  std::thread closer;  // what may block while the loops still turn
  std::atomic<bool> closed{false};
};

ScaledOffice::Parts::Parts(Config the_config, Means the_means)
    : config(std::move(the_config)),
      is_catalog(plays(config, "catalog")),
      is_reservation(plays(config, "reservation")),
      is_order(plays(config, "order")),
      is_payment(plays(config, "payment")),
      means(std::move(the_means)),
      clock(means.office->ahead()),
      probe(probe_of(config)),
      server(server_options(config)),
      client({.connections_max = static_cast<std::size_t>(config.peers.connections_max)}),
      reservation_peer(client, clock, ids, means.reservation),
      payment_peer(client, clock, ids, means.payment),
      orders(*means.office),
      catalogue_store(*means.office),
      redis(is_catalog || is_reservation
                ? std::make_unique<RedisSeatLedger>(
                      asio_loops(server),
                      RedisSeatLedgerOptions{.redis = means.redis,
                                             .proof = &orders,
                                             .drive_expiry = is_reservation,
                                             .listen = is_catalog,
                                             .log =
                                                 [](std::string_view line) {
                                                   log(LogLevel::warn, "redis",
                                                       {{"fault", std::string{line}}});
                                                 }})
                : nullptr),
      peer_ledger(reservation_peer,
                  {.deadline = ms(config.peers.call_ms),
                   .try_deadline = ms(config.peers.try_ms),
                   .trace_of = [this](OrderId order) { return order_service.trace_of(order); }}),
      peer_admin(reservation_peer),
      ledger(is_reservation ? static_cast<SeatLedger&>(*redis) : peer_ledger),
      ledger_admin(is_reservation ? static_cast<SeatLedgerAdmin&>(*redis) : peer_admin),
      provider_ledger(is_payment ? std::make_unique<mysql::MysqlProviderLedger>(*means.provider)
                                 : nullptr),
      provider(is_payment ? std::make_unique<MockProvider>(*provider_ledger, clock,
                                                           provider_options(config))
                          : nullptr),
      traced_provider(is_payment ? std::make_unique<TracedGateway>(*provider, probe.get(), clock)
                                 : nullptr),
      payment_service(is_payment ? std::make_unique<PaymentService>(*traced_provider, clock, ids,
                                                                    payment_policy(config))
                                 : nullptr),
      peer_payments(payment_peer, clock, ids,
                    {.try_deadline = ms(config.payments.call_ms) + ms(2000),
                     .settle_deadline = 2 * ms(config.payments.call_ms) + ms(5000)}),
      payments(is_payment ? static_cast<Payments&>(*payment_service) : peer_payments),
      catalog(catalogue_store, is_catalog ? static_cast<SeatFeed&>(*redis) : no_feed,
              {.seat_map = {.history_changes_max =
                                static_cast<std::size_t>(config.streams.history_changes_max)}}),
      reservations(ledger, catalog, clock, hold_policy(config)),
      direct_sale(orders, ledger, catalog, clock, ids),
      kafka(is_reservation || is_order
                ? std::make_unique<KafkaBus>(kafka_options(config), all_loops(server))
                : nullptr),
      bus(kafka ? static_cast<EventBus&>(*kafka) : no_bus, probe.get(), clock),
      order_service({.orders = orders,
                     .ledger = ledger,
                     .ledger_admin = ledger_admin,
                     .catalogue = catalog,
                     .payments = payments,
                     .clock = clock,
                     .ids = ids,
                     .asks = kafka ? &bus : nullptr,
                     .leases = &orders,
                     .probe = probe.get()},
                    scaled_order_policy(config)),
      outcome_consumer(ledger, orders, kafka ? &bus : nullptr),
      dispatcher(orders, bus, clock, {}),
      reconciler(is_reservation && config.reconcile.every_ms > 0 ? make_reconciler() : nullptr),
      auditor(
          [this] {
            return audit_role({.office = *means.office,
                               .provider = provider_ledger.get(),
                               .ledger = is_reservation ? redis.get() : nullptr,
                               .loop = server.loop(0)});
          },
          // Of the catalog role nothing can be held against anything.
          Seconds{is_order || is_payment || is_reservation ? config.audit.every_seconds : 0}),
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
             .ledger_admin = ledger_admin,
             .office = *this,
             .token_key = means.token_key,
             .health = [this] { return health(); },
             .metrics = [this](bool open) { return metrics(open); },
             .api = role_options(config, means.internal_token)}),
      refresher({.store = catalogue_store,
                 .catalog = catalog,
                 .loop = server.loop(0),
                 .ledger = redis.get(),
                 .show = [this](EventId event) {
                   if (is_catalog) front.showcase.show(event);
                 }}) {
  if (is_catalog) redis->on_change([this](EventId event) { front.pump.wake(event); });
  if (is_reservation) outcome_consumer.subscribe_to(bus);
  if (is_order) order_service.subscribe_to(bus);
}

std::unique_ptr<Reconciler> ScaledOffice::Parts::make_reconciler() {
  ReconcilerPolicy policy;
  policy.every = ms(config.reconcile.every_ms);
  policy.settle = ms(config.reconcile.settle_ms);
  const ReconcilerPorts ports{orders, orders, *redis, *redis, clock};
  auto events = [this] {
    std::vector<EventId> offered;
    for (const auto& entry : catalog.all()) {
      const bool over = entry.offer->sale_state(clock.now()) == catalog::SaleState::closed;
      if (!over) offered.push_back(entry.offer->event().id);
    }
    return offered;
  };
  auto tell = [](const RepairedSeat& seat) {
    log(LogLevel::warn, "seat set right",
        {{"repair", std::string{name_of(seat.repair)}},
         {"event", std::to_string(seat.event.value)},
         {"seat", std::to_string(seat.seat.value)},
         {"order", seat.order.to_string()}});
  };
  return std::make_unique<Reconciler>(ports, policy, std::move(events), std::move(tell));
}

// A role is ready when it can do its own work: its engines, the peers it asks. Kafka is none of them:
// a sale waits for no event.
api::HealthReport ScaledOffice::Parts::health() const {
  api::HealthReport report{.draining = server.draining(), .components = {}};
  report.components.push_back({"database", means.office->stats().healthy});
  if (is_payment) report.components.push_back({"provider", means.provider->stats().healthy});
  if (redis) {
    report.components.push_back({"redis", redis_up});
  }
  if (is_catalog || is_reservation) {
    report.components.push_back({"catalogue", refresher.in_step()});
  }
  if (is_order && !is_reservation) {
    report.components.push_back({"reservation", reservation_peer.reachable()});
  }
  if (is_order && !is_payment) report.components.push_back({"payment", payment_peer.reachable()});
  return report;
}

std::string ScaledOffice::Parts::metrics(bool open) {
  return render_scaled_metrics({.api = front.api,
                                .server = server,
                                .pump = front.pump,
                                .catalog = catalog,
                                .shows_map = is_catalog,
                                .orders = order_service,
                                .payments = payment_service.get(),
                                .outbox = dispatcher,
                                .consumer = outcome_consumer,
                                .reconciler = reconciler.get(),
                                .office = *means.office,
                                .redis = redis.get(),
                                .kafka = kafka.get(),
                                .reservation = reservation_peer,
                                .payment = payment_peer,
                                .client = client,
                                .redis_up = redis_up,
                                .loops = loops,
                                .auditor = auditor,
                                .probe = probe.get(),
                                .config = config,
                                .clock = clock},
                               open ? MetricsForm::open_metrics : MetricsForm::prometheus);
}

void ScaledOffice::Parts::start_background() {
  if (redis) {
    redis->start();
    watching.spawn(watch_redis());
  }
  if (kafka) {
    if (const Status started = kafka->start(); !started) {
      log(LogLevel::error, "kafka", {{"fault", started.error().detail}});
    }
  }
  refresher.start();
  if (is_order) order_service.start();
  if (is_order || is_reservation) dispatcher.start();
  if (reconciler) reconciler->start();
  auditor.start();
  for (std::size_t i = 0; i < server.loops(); ++i) loops.watch(server.loop(i));
}

Task<void> ScaledOffice::Parts::watch_redis() {
  while (!ending) {
    const auto offered = catalog.all();
    const EventId event = offered.empty() ? EventId{1} : offered.front().offer->event().id;
    auto asking = redis->reachable(event);
    const bool up = co_await std::move(asking);
    if (up != redis_up.exchange(up)) {
      log(LogLevel::info, "redis", {{"reachable", up ? "yes" : "no"}});
    }
    co_await Scheduler::current()->sleep_for(kLookAtRedisEvery);
  }
}

// Asked on loop 0 during the drain: services first, then what they publish by, then the engines,
// whose end may take a moment and has its own thread.
bool ScaledOffice::Parts::still_busy() {
  if (!order_service.idle() || !dispatcher.idle() || importer.busy() || watching.running() > 0 ||
      !auditor.idle() || (reconciler && !reconciler->idle())) {
    return true;
  }
  if (kafka) {
    kafka->stop();
    if (!kafka->idle()) return true;
  }
  if (!closer.joinable()) {
    closer = std::thread([this] {
      refresher.stop();
      if (redis) redis->stop();
      closed = true;
    });
  }
  return !closed;
}

int ScaledOffice::Parts::serve() {
  server.on_signals([this](int) {
    if (!server.draining()) {
      log(LogLevel::info, "draining", {{"next", "a second signal ends it at once"}});
      tell_supervisor("STOPPING=1");
      ending = true;
      watching.close();
      order_service.stop();
      if (payment_service) payment_service->stop();
      peer_payments.stop();
      if (is_order || is_reservation) dispatcher.stop();
      if (reconciler) reconciler->stop();
      front.pump.stop();
      auditor.stop_soon();
    }
    server.stop();
  });
  server.drain_also([this] { return still_busy(); });
  server.run(front.api, [this] {
    start_background();
    const Endpoints endpoints = endpoints_of(config, server);
    if (const Status written = means.folder.write_endpoints(endpoints); !written) {
      log(LogLevel::error, "endpoints", {{"fault", written.error().detail}});
    }
    std::printf("onsale %s is open: %s (internal calls: %s%s%s)\n", config.roles.c_str(),
                endpoints.public_url.c_str(), endpoints.internal_url.c_str(),
                config.node.name.empty() ? "" : "; node: ", config.node.name.c_str());
    std::fflush(stdout);
    tell_supervisor("READY=1");
  });
  importer.join();
  if (probe) probe->stop();
  const bool orderly = closed;
  if (closer.joinable() && orderly) closer.join();
  means.folder.remove_endpoints();
  log(LogLevel::info, "closed", {{"orderly", orderly ? "yes" : "no"}});
  if (!orderly) {
    // Cut short by a second signal or the drain's end: nothing that was acknowledged is here.
    end_log();
    std::_Exit(0);
  }
  return 0;
}

Task<Result<Version>> ScaledOffice::Parts::reset(EventId event) {
  if (catalog.find(event) == nullptr) co_return Result<Version>{Code::event_not_found};
  if (is_order) {
    auto resetting = order_service.reset_event(event);
    const Status done = co_await std::move(resetting);
    if (!done) co_return Result<Version>{done.error()};
  } else {
    // The decision is durable with cancel_all(); the order role's sweep gives the money back.
    auto cancelling = orders.cancel_all(event, clock.now());
    const auto cancelled = co_await std::move(cancelling);
    if (!cancelled) co_return Result<Version>{cancelled.error()};
    auto freeing = ledger_admin.reset(event);
    const Status freed = co_await std::move(freeing);
    if (!freed) co_return Result<Version>{freed.error()};
  }
  auto counting = ledger_admin.counts(event);
  const auto counts = co_await std::move(counting);
  if (!counts) co_return Result<Version>{counts.error()};
  log(LogLevel::info, "event reset", {{"event", std::to_string(event.value)}});
  co_return Result<Version>{counts->version};
}

Task<Result<api::ImportReport>> ScaledOffice::Parts::import_hall(api::ImportWish wish) {
  auto work = [this](const api::ImportWish& wanted) {
    Scheduler& loop = server.loop(0);
    WaitingLedgerAdmin admin(loop, *redis);
    const ImportTools tools{
        .catalog = catalog,
        .ledger = admin,
        .clock = clock,
        .statuses = [this, &loop](EventId event) -> Result<std::vector<seat::WireStatus>> {
          auto snapshot = run_on(loop, [&] { return redis->snapshot(event); });
          if (!snapshot) return snapshot.error();
          return std::move(snapshot->statuses);
        }};
    return app::import_hall(tools, wanted);
  };
  auto imported = [this](EventId event) { front.showcase.show(event); };
  auto importing = importer.run(std::move(wish), std::move(work), std::move(imported));
  auto report = co_await std::move(importing);
  // Whoever imported may ask any node next: by then all of them have looked.
  if (report) co_await Scheduler::current()->sleep_for(2 * kCatalogueLooks);
  co_return report;
}

ScaledOffice::ScaledOffice(Config config) : config_(std::move(config)) {}
ScaledOffice::~ScaledOffice() = default;

Status ScaledOffice::open() {
  const bool payment = plays(config_, "payment");
  auto folder = DataFolder::take(config_.data_dir);
  if (!folder) return folder.error();
  auto key = folder->token_key(config_.secrets.token_key_file);
  if (!key) return key.error();
  auto token = folder->internal_token(config_.secrets.internal_token_file);
  if (!token) return token.error();
  redis::Options redis;
  if (!config_.redis.url.empty()) {
    auto options = redis_options(config_);
    if (!options) return options.error();
    redis = std::move(*options);
  }
  auto reservation = peer_options(config_.peers.reservation, "peers.reservation", *token);
  if (!reservation) return reservation.error();
  auto payments = peer_options(config_.peers.payment, "peers.payment", *token);
  if (!payments) return payments.error();

  mysql::DatabaseOptions database;
  database.writers = static_cast<std::size_t>(config_.db.writers);
  database.readers = static_cast<std::size_t>(config_.db.readers);
  const auto office_endpoint = office_database(config_);
  if (!office_endpoint) return office_endpoint.error();
  auto office = mysql::Database::open(*office_endpoint, mysql::Schema::office, database);
  if (!office) return office.error();
  tell_if_off((*office)->ahead());
  std::unique_ptr<mysql::Database> provider;
  if (payment) {
    const auto provider_endpoint = provider_database(config_);
    if (!provider_endpoint) return provider_endpoint.error();
    auto opened = mysql::Database::open(*provider_endpoint, mysql::Schema::provider, database);
    if (!opened) return opened.error();
    provider = std::move(*opened);
  }
  parts_ = std::make_unique<Parts>(
      config_,
      Means{std::move(*folder), *key, std::move(*token), std::move(*office), std::move(provider),
            std::move(redis), std::move(*reservation), std::move(*payments)});
  if (Status listening = parts_->server.listen(); !listening) return listening;
  if (Status loaded = parts_->catalog.load(); !loaded) return loaded;
  return ok();
}

int ScaledOffice::run() { return parts_->serve(); }

}  // namespace onsale::app
