// What buyers and viewers do.
#include "tests/simulation/crowd.hpp"

#include <algorithm>

#include "tests/support/run_task.hpp"

namespace onsale::simulation {
namespace {

std::string hash_of(EventId event, const SeatIds& seats) {
  std::string text = std::to_string(event.value);
  for (const SeatId seat : seats) text += "," + std::to_string(seat.value);
  return text;
}

}  // namespace

Crowd::Crowd(World& world, std::size_t buyers) : world_(world) {
  const auto events = world.catalogue.entries().size();
  for (std::size_t number = 0; number < buyers; ++number) {
    Buyer buyer;
    buyer.id = BuyerId{{number + 1, 0xB0}};
    buyer.event = EventId{number % events + 1};
    buyers_.push_back(buyer);
  }
  for (std::size_t number = 0; number < 2 * events; ++number) {
    Viewer viewer;
    viewer.event = EventId{number % events + 1};
    viewers_.push_back(viewer);
  }
}

void Crowd::enter(Office& office) {
  for (Buyer& buyer : buyers_) next_deed(office, buyer);
  for (Viewer& viewer : viewers_) next_look(office, viewer);
}

void Crowd::next_deed(Office& office, Buyer& buyer) {
  office.loop.post_after(world_.dice.ms(1, 400), [this, &office, &buyer] {
    if (office.weather.dead) return;
    if (!resting_) office.calls.spawn(act(office, buyer));
    next_deed(office, buyer);
  });
}

void Crowd::next_look(Office& office, Viewer& viewer) {
  office.loop.post_after(world_.dice.ms(20, 600), [this, &office, &viewer] {
    if (office.weather.dead) return;
    office.calls.spawn(look(office, viewer));
    next_look(office, viewer);
  });
}

SeatId Crowd::any_seat(EventId event) {
  const SeatNumbering& numbering = world_.catalogue.entries()[event.value - 1].event.numbering;
  // Many wishes are for the first few seats: that is where the fights are.
  const std::uint64_t most = world_.dice.chance(0.3) ? 4 : numbering.count;
  return numbering.id_of(static_cast<std::uint32_t>(world_.dice.below(most)));
}

SeatIds Crowd::any_seats(EventId event, std::size_t count) {
  SeatIds seats;
  while (seats.size() < count) {
    const SeatId seat = any_seat(event);
    if (std::ranges::find(seats, seat) == seats.end()) seats.push_back(seat);
  }
  return seats;
}

SeatId Crowd::mostly_mine(const Buyer& buyer) {
  if (buyer.mine.empty() || world_.dice.chance(0.2)) return any_seat(buyer.event);
  return buyer.mine[world_.dice.below(buyer.mine.size())];
}

Task<void> Crowd::act(Office& office, Buyer& buyer) {
  const std::uint64_t what = world_.dice.below(100);
  if (what < 40) {
    co_await hold(office, buyer);
  } else if (what < 50) {
    co_await extend(office, buyer);
  } else if (what < 60) {
    co_await release(office, buyer);
  } else if (what < 85) {
    Wish wish;
    if (buyer.wish && world_.dice.chance(0.3)) {
      wish = *buyer.wish;  // once more, or something else under the same key
      if (world_.dice.chance(0.15)) {
        wish.seats = any_seats(wish.event, 1);
        wish.body_hash = hash_of(wish.event, wish.seats);
      }
    } else {
      wish.event = buyer.event;
      const std::size_t count = 1 + world_.dice.below(2);
      if (buyer.mine.size() >= count && world_.dice.chance(0.9)) {
        for (std::size_t i = 0; i < count; ++i)
          wish.seats.push_back(buyer.mine[buyer.mine.size() - 1 - i]);
      } else {
        wish.seats = any_seats(buyer.event, count);
      }
      wish.key = "k" + std::to_string(buyer.keys++);
      wish.body_hash = hash_of(wish.event, wish.seats);
      buyer.wish = wish;
    }
    if (world_.dice.chance(0.2))
      office.calls.spawn(order(office, buyer, wish));  // an impatient twin
    co_await order(office, buyer, std::move(wish));
  } else if (what < 92) {
    co_await read(office, buyer);
  } else if (what < 98) {
    co_await list_holds(office, buyer);
  } else {
    buyer.event = EventId{world_.dice.below(world_.catalogue.entries().size()) + 1};
    buyer.mine.clear();
  }
}

Task<void> Crowd::hold(Office& office, Buyer& buyer) {
  const EventId event = buyer.event;
  const SeatIds seats = any_seats(event, 1 + world_.dice.below(3));
  const Seconds wanted{world_.dice.between(1, world_.dice.chance(0.8) ? 4 : 60)};
  LedgerAnswer<HoldGranted> answer =
      co_await office.reservation.hold(event, seats, buyer.id, wanted);
  if (office.weather.dead) co_return;
  if (answer.granted()) {
    world_.witness.hold_granted(buyer.id, event, seats, wanted, answer.value(), office.now());
    for (const SeatId seat : seats) {
      std::erase(buyer.mine, seat);
      buyer.mine.push_back(seat);
    }
    if (buyer.mine.size() > 6) buyer.mine.erase(buyer.mine.begin());
  } else {
    world_.witness.hold_refused(buyer.id, event, seats, answer.refused(), office.now());
  }
}

Task<void> Crowd::extend(Office& office, Buyer& buyer) {
  const SeatId seat = mostly_mine(buyer);
  const Seconds by{world_.dice.between(1, 30)};
  LedgerAnswer<Instant> answer =
      co_await office.reservation.extend(buyer.event, seat, buyer.id, by);
  if (office.weather.dead) co_return;
  if (answer.granted()) {
    world_.witness.extended(buyer.id, seat, answer.value(), office.now());
  } else {
    world_.witness.extend_refused(buyer.id, seat, answer.refused().code, office.now());
  }
}

Task<void> Crowd::release(Office& office, Buyer& buyer) {
  const SeatId seat = mostly_mine(buyer);
  LedgerAnswer<Unit> answer = co_await office.reservation.release(buyer.event, seat, buyer.id);
  if (office.weather.dead) co_return;
  if (answer.granted()) {
    world_.witness.released(buyer.id, seat, office.now());
  } else {
    world_.witness.release_refused(buyer.id, seat, answer.refused().code, office.now());
  }
}

Task<void> Crowd::order(Office& office, Buyer& buyer, Wish wish) {
  PlaceRequest request;
  request.buyer = buyer.id;
  request.event = wish.event;
  request.seats = wish.seats;
  request.key = wish.key;
  request.body_hash = wish.body_hash;
  request.trace_id = TraceId{world_.ids.random_bits()};
  AnswerRenderer render = [this](const Order& order) {
    return RenderedAnswer{201, order.id.to_string(),
                          order.id.to_string() + " made " + std::to_string(world_.dice.bits())};
  };
  const Witness::OrderCall call = world_.witness.order_begins(
      buyer.id, wish.event, wish.seats, wish.key, wish.body_hash, office.now());
  PlaceAnswer answer = co_await office.orders.place(std::move(request), std::move(render));
  if (office.weather.dead) co_return;
  if (answer.granted()) {
    world_.witness.order_placed(call, answer.value().answer, answer.value().replayed, office.now());
    if (const auto id = OrderId::parse(answer.value().answer.location)) {
      if (std::ranges::find(buyer.orders, *id) == buyer.orders.end()) buyer.orders.push_back(*id);
    }
  } else {
    world_.witness.order_refused(call, answer.refused(), office.now());
  }
}

Task<void> Crowd::read(Office& office, Buyer& buyer) {
  if (buyer.orders.empty()) co_return;
  const OrderId id = buyer.orders[world_.dice.below(buyer.orders.size())];
  Result<Order> answer = co_await office.orders.find(buyer.id, id);
  if (office.weather.dead) co_return;
  world_.witness.order_read(id, answer);
  const BuyerId stranger{{buyer.id.bits.hi + 1, buyer.id.bits.lo}};
  Result<Order> theirs = co_await office.orders.find(stranger, id);
  if (!office.weather.dead &&
      (theirs || (theirs.code() != Code::order_not_found && theirs.code() != Code::unavailable))) {
    world_.witness.fail("I7: a stranger read an order", office.now());
  }
}

Task<void> Crowd::list_holds(Office& office, Buyer& buyer) {
  const EventId event = buyer.event;
  Result<BuyerHolds> answer = co_await office.reservation.holds_of(event, buyer.id);
  if (office.weather.dead || !answer) co_return;
  world_.witness.holds_listed(buyer.id, event, *answer, office.now());
}

Task<void> Crowd::look(Office& office, Viewer& viewer) {
  const bool wrong_key = office.bug == PlantedBug::map_read_under_another_key;
  const EventId key{wrong_key ? viewer.event.value % 3 + 1 : viewer.event.value};
  catalog::SeatMapView& map = *office.catalog.find(key)->seat_map;
  Status refreshed = co_await map.refresh();
  if (office.weather.dead || !refreshed) co_return;
  bool consecutive = true;
  if (viewer.has_map) {
    const catalog::SeatMapView::News news = map.since(viewer.version);
    viewer.has_map = !news.too_old;
    for (SeatChange change : news.changes) {
      if (office.bug == PlantedBug::stream_ids_from_the_clock) {
        change.version = Version{static_cast<std::uint64_t>(ms_of(office.now()))};
      }
      consecutive = consecutive && change.version == viewer.version.next();
      viewer.version = change.version;
      if (change.seat_index < viewer.picture.size())
        viewer.picture[change.seat_index] = change.status;
    }
  }
  if (!viewer.has_map) {
    SeatSnapshot snapshot = map.snapshot();
    viewer.version = snapshot.version;
    viewer.picture = std::move(snapshot.statuses);
    viewer.has_map = true;
  }
  const auto truth = run_task(office.embedded.snapshot(viewer.event));
  world_.witness.viewer_saw(viewer.event, consecutive,
                            viewer.version == truth->version && viewer.picture == truth->statuses);
  world_.witness.trace.add(viewer.version.value);
}

}  // namespace onsale::simulation
