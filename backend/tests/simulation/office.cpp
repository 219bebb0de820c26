// Opening, running and ending a simulated office.
#include "tests/simulation/office.hpp"

#include <string>

#include "tests/support/run_task.hpp"

namespace onsale::simulation {
namespace {

constexpr Milliseconds kPaymentsDeadline{6'000};
constexpr Milliseconds kSweepEvery{100};

JournalOptions journal_options() {
  JournalOptions options;
  options.folder = "journal";
  options.background = false;
  return options;
}

MockProviderOptions provider_options(World& world) {
  MockProviderOptions options;
  options.delay_shape = DelayShape::exponential;
  options.delay_mean_ms = 40;
  options.success_share = 0.75;
  options.timeout_share = 0.05;
  options.seed = world.dice.bits();
  return options;
}

PaymentPolicy payment_policy() {
  PaymentPolicy policy;
  policy.call_deadline = Milliseconds{1'000};
  return policy;
}

OrderPolicy order_policy(const Rules& rules) {
  OrderPolicy policy;
  policy.payments_deadline = kPaymentsDeadline;
  policy.pin_margin = rules.pin_margin;
  return policy;
}

HoldPolicy hold_policy(const Rules& rules) {
  HoldPolicy policy;
  policy.seconds_min = Seconds{1};
  policy.seconds_max = Seconds{60};
  policy.life_max = std::chrono::duration_cast<Seconds>(rules.life_max);
  policy.seats_per_buyer_max = rules.seats_per_buyer_max;
  return policy;
}

EmbeddedLedgerOptions ledger_options(Journal& journal) {
  EmbeddedLedgerOptions options;
  options.journal = &journal;
  options.feed_capacity = 64;  // small, so that viewers meet gaps
  return options;
}

}  // namespace

FixedCatalogue::FixedCatalogue(std::uint32_t events, std::uint32_t seats, Instant opened) {
  for (std::uint32_t number = 1; number <= events; ++number) {
    CatalogueEntry entry;
    entry.event.id = EventId{number};
    entry.event.title = "Event " + std::to_string(number);
    entry.event.on_sale_at = opened - Milliseconds{1};
    entry.event.starts_at = opened + std::chrono::hours{24 * 3650};
    entry.event.numbering = {.first = number, .stride = events, .count = seats};
    entry.hall.name = "Hall";
    entry.hall.tiers = {{.name = "All", .color = "#000000", .price = Money{1000}}};
    catalog::Section section{.name = "Stalls", .x = 0, .y = 0, .rows = {}, .areas = {}};
    catalog::HallRow row{.name = "A", .seats = {}};
    for (std::uint32_t index = 0; index < seats; ++index) {
      catalog::HallSeat seat;
      seat.guid = "g" + std::to_string(index);
      seat.number = std::to_string(index + 1);
      seat.index = index;
      row.seats.push_back(seat);
    }
    section.rows.push_back(row);
    entry.hall.sections.push_back(section);
    entries_.push_back(entry);
  }
}

Task<PaymentAnswer> WatchedGateway::authorise(PaymentAttempt attempt, Milliseconds deadline) {
  if (weather_.dead) return PaymentAnswer::unknown;
  return gateway_.authorise(std::move(attempt), deadline);
}
Task<PaymentAnswer> WatchedGateway::capture(PaymentAttempt attempt, Milliseconds deadline) {
  if (weather_.dead) return PaymentAnswer::unknown;
  const Result<Order> order = run_task(world_.orders.find(attempt.order));
  if (order) {
    const auto records = run_task(ledger_.records(order->event));
    world_.witness.captured(attempt, *records);
  }
  return gateway_.capture(std::move(attempt), deadline);
}
Task<PaymentAnswer> WatchedGateway::void_authorisation(PaymentAttempt attempt,
                                                       Milliseconds deadline) {
  if (weather_.dead) return PaymentAnswer::unknown;
  return gateway_.void_authorisation(std::move(attempt), deadline);
}
Task<AttemptState> WatchedGateway::lookup(AttemptId attempt, Milliseconds deadline) {
  if (weather_.dead) return AttemptState::unknown;
  return gateway_.lookup(attempt, deadline);
}

Office::Office(World& the_world, Instant now, PlantedBug planted_bug)
    : world(the_world),
      bug(planted_bug),
      clock(now),
      journal(world.files, journal_options()),
      embedded(clock, ledger_options(journal)),
      slow(world.orders, world.orders, world.orders, loop, weather, world.dice, world.witness),
      line(world.book, weather, world.dice,
           [this](ProviderEntry entry) {
             world.on_the_way.emplace_back(world.dice.ms(0, 3'000), std::move(entry));
           }),
      provider(line, clock, provider_options(world)),
      watched(provider, embedded, world, weather),
      planted(bug, embedded, slow, slow, watched, clock, world.ids, loop),
      payments(planted.gateway(), clock, world.ids, payment_policy()),
      catalog(world.catalogue, embedded),
      reservation(planted.ledger(), catalog, clock, hold_policy(Rules{})),
      orders(OrderPorts{planted.orders(), planted.ledger(), embedded, catalog, payments, clock,
                        world.ids},
             order_policy(Rules{})),
      consumer(planted.ledger(), slow),
      dispatcher(planted.outbox(), bus, clock, DispatcherPolicy{}) {
  open();
}

Office::~Office() = default;

std::vector<SeatRecord> Office::records(EventId event) {
  return *run_task(embedded.records(event));
}

void Office::open() {
  const Result<RecoveryReport> recovered = embedded.start();
  check(recovered.has_value(), "the simulated disk can be read at a start");
  recovery = "epoch " + std::to_string(recovered->epoch) + ", " +
             std::to_string(recovered->snapshot_seats) + " seats of a snapshot, " +
             std::to_string(recovered->segments) + " segments, " +
             std::to_string(recovered->changes) + " changes, " +
             std::to_string(recovered->bytes_ignored) + " bytes ignored";
  for (const std::string& fault : recovered->faults) recovery += "; " + fault;
  for (const CatalogueEntry& entry : world.catalogue.entries()) {
    const Status opened = run_task(embedded.open_event(entry.event.id, entry.event.numbering, {}));
    check(opened.has_value(), "an event can be opened");
  }
  if (bug != PlantedBug::restart_without_the_orders) {
    auto claims = run_task(world.orders.claims());
    const Status restored =
        run_task(embedded.restore(*claims, now() + kPaymentsDeadline + Rules{}.pin_margin));
    check(restored.has_value(), "the orders' truth can be restored");
  }
  const Status loaded = catalog.load();
  check(loaded.has_value(), "the catalogue can be read");
  for (const CatalogueEntry& entry : world.catalogue.entries()) {
    world.witness.office_back(entry.event.id, records(entry.event.id), now());
  }
  consumer.subscribe_to(bus);
  for (const char* topic : {"order.events", "seat.events"}) {
    bus.subscribe("downstream", topic,
                  [this](Message message) { return downstream(std::move(message)); });
  }
  for (auto& [delay, entry] : world.on_the_way) {  // what the dead office had sent arrives now
    loop.post_after(delay, [this, late = entry] { (void)run_task(world.book.apply(late)); });
  }
  world.on_the_way.clear();
  loop.post([this] {
    orders.start();
    dispatcher.start();
  });
  flush_soon();
  sweep_soon();
}

void Office::flush_soon() {
  loop.post_after(world.dice.ms(5, 20), [this] {
    if (weather.dead) return;
    if (bug == PlantedBug::journal_never_flushed || journal.flush())
      world.witness.journal_flushed();
    if (world.dice.chance(0.002)) (void)journal.write_snapshot();
    flush_soon();
  });
}

void Office::sweep_soon() {
  if (bug == PlantedBug::expiry_that_tells_nobody) return;
  loop.post_after(kSweepEvery, [this] {
    if (weather.dead) return;
    embedded.sweep(clock.now());
    sweep_soon();
  });
}

Task<Status> Office::downstream(Message message) {
  if (weather.dead) return Status{Code::unavailable};
  const bool swallow = bug == PlantedBug::consumer_that_swallows;
  if (world.dice.chance(weather.consumer_refuses)) {
    return swallow ? ok() : Status{Code::unavailable};
  }
  world.witness.delivered(message, world.downstream.insert(message.id).second);
  return ok();
}

void Office::wind_up() {
  payments.stop();
  orders.stop();
  dispatcher.stop();
  std::uint64_t steps = 0;
  while (!orders.idle() || !dispatcher.idle() || calls.running() > 0) {
    check(!loop.empty() && ++steps < 1'000'000, "a stopped office comes to rest");
    loop.run_next();
  }
}

void Office::die() {
  weather.dead = true;
  wind_up();
}

void Office::close() {
  wind_up();
  if (embedded.stop()) world.witness.journal_flushed();
}

}  // namespace onsale::simulation
