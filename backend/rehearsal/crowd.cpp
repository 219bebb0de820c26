// Buyers are made when they are due, so that a hundred thousand of them need the memory of those
// inside only.
#include "rehearsal/crowd.hpp"

#include <algorithm>
#include <utility>

#include "rehearsal/arrivals.hpp"

namespace onsale::rehearsal {

namespace {
constexpr Nanos tick = 50 * nanos_per_ms;
constexpr Nanos opening_patience = 10 * nanos_per_second;
constexpr Nanos viewers_patience = 60 * nanos_per_second;
constexpr Nanos quiet_patience = 15 * nanos_per_second;
constexpr std::size_t reviews_at_once = 64;
constexpr std::size_t latecomers_at_once = 64;
}  // namespace

Crowd::Crowd(Stage& stage)
    : stage_(stage),
      connection_(stage.loop, stage.target),
      referee_(stage),
      expected_(stage.options.buyers),
      curfew_(stage.loop, [this](Nanos due) {
        ask_to_close();
        // Orders under way get their time; then it is over.
        const double grace = stage_.options.order_seconds_max + stage_.options.patience_seconds;
        curfew_.set(due + static_cast<Nanos>(grace * 1e9));
      }) {}

Crowd::~Crowd() = default;

void Crowd::begin() {
  script_ = play();
  script_.begin();
}

void Crowd::ask_to_close() {
  if (stage_.closing) {
    cut_short_ = true;
    stage_.loop.stop();
  }
  stage_.closing = true;
}

Script<> Crowd::play() {
  curfew_.set(Loop::now() + static_cast<Nanos>(stage_.options.duration_seconds_max * 1e9));
  const bool open = co_await open_doors();
  if (open) {
    phase_ = "selling";
    co_await let_in();
    if (stage_.options.until_sold_out) {
      phase_ = "selling the rest";
      co_await sell_the_rest();
    }
    crowd_ended_ = Loop::now();
    phase_ = "reviewing orders";
    co_await review();
    phase_ = "comparing maps";
    co_await compare_maps();
  }
  phase_ = "done";
  stage_.loop.stop();
}

Script<bool> Crowd::open_doors() {
  const std::string path =
      stage_.target.catalog() + "/events/" + std::to_string(stage_.options.event_id) + "/seats";
  std::string request = request_bytes("GET", path, stage_.target.host(), "");
  auto exchange = connection_.exchange(std::move(request), Loop::now() + opening_patience);
  const Answer answer = co_await exchange;
  if (answer.fate != Fate::answered) {
    trouble_ = "no office answers at " + stage_.options.url;
    co_return false;
  }
  std::string why;
  if (answer.response.status != 200) {
    why = "answered " + std::to_string(answer.response.status) + " " +
          read_problem(answer.response.body).code;
  }
  if (!why.empty() || !read_seat_map(answer.response, stage_.seats, why)) {
    trouble_ = "no seat map of event " + std::to_string(stage_.options.event_id) + " at " +
               stage_.options.url + ": " + why;
    co_return false;
  }
  referee_.open();
  const Nanos begun = Loop::now();
  while (!referee_.viewer().in_step()) {
    if (Loop::now() - begun > opening_patience) {
      trouble_ = "the seat stream of event " + std::to_string(stage_.options.event_id) +
                 " cannot be followed";
      co_return false;
    }
    Pause pause(stage_.loop, Loop::now() + tick / 5);
    co_await pause;
  }
  phase_ = "viewers connecting";
  for (std::uint32_t i = 0; i < stage_.options.viewers; ++i) {
    viewers_.push_back(std::make_unique<Viewer>(stage_.audience));
    viewers_.back()->open();
  }
  const Nanos waiting_since = Loop::now();
  const auto ready = [](const auto& viewer) { return viewer->in_step() || viewer->was_refused(); };
  while (!std::all_of(viewers_.begin(), viewers_.end(), ready) && !stage_.closing &&
         Loop::now() - waiting_since < viewers_patience) {
    Pause pause(stage_.loop, Loop::now() + tick);
    co_await pause;
  }
  co_return true;
}

void Crowd::admit(Nanos arrival, bool determined) {
  inside_.push_back(std::make_unique<Buyer>(stage_, admitted_++, arrival, determined));
  inside_.back()->begin();
}

// Those who left are forgotten, but for those who have orders.
void Crowd::see_out() {
  for (auto buyer = inside_.begin(); buyer != inside_.end();) {
    if (!(*buyer)->is_gone()) {
      ++buyer;
      continue;
    }
    if ((*buyer)->has_something_to_review()) customers_.push_back(std::move(*buyer));
    buyer = inside_.erase(buyer);
  }
}

bool Crowd::look_for_sold_out() {
  const Board& seen = board();
  const bool none_left = referee_.viewer().in_step() && seen.count(SeatStatus::available) == 0 &&
                         seen.count(SeatStatus::held) == 0;
  if (none_left && sold_out_ == 0) sold_out_ = Loop::now();
  return none_left;
}

Script<> Crowd::let_in() {
  const std::vector<std::int64_t> times =
      arrival_times(stage_.options.arrival, stage_.options.buyers, stage_.options.seed);
  opened_ = Loop::now();
  std::size_t next = 0;
  while (next < times.size() || !inside_.empty()) {
    if (stage_.closing) next = times.size();
    const Nanos now = Loop::now();
    // A little ahead of time: the buyer waits for its own moment.
    while (next < times.size() && opened_ + times[next] <= now + 2 * tick) {
      admit(opened_ + times[next], false);
      ++next;
    }
    see_out();
    look_for_sold_out();
    Pause pause(stage_.loop, now + tick);
    co_await pause;
  }
}

Script<> Crowd::sell_the_rest() {
  while (!stage_.closing && !look_for_sold_out()) {
    const std::size_t wanted =
        std::min<std::size_t>(board().count(SeatStatus::available), latecomers_at_once);
    while (inside_.size() < wanted) {
      ++expected_;
      admit(Loop::now(), true);
    }
    Pause pause(stage_.loop, Loop::now() + 2 * tick);
    co_await pause;
    see_out();
  }
  while (!inside_.empty()) {
    Pause pause(stage_.loop, Loop::now() + tick);
    co_await pause;
    see_out();
  }
}

Script<> Crowd::review() {
  std::size_t begun = 0;
  while (true) {
    std::size_t finished = 0;
    for (std::size_t i = 0; i < begun; ++i) finished += customers_[i]->is_reviewed() ? 1 : 0;
    if (finished == customers_.size()) break;
    while (begun < customers_.size() && begun < finished + reviews_at_once) {
      customers_[begun++]->begin_review();
    }
    Pause pause(stage_.loop, Loop::now() + tick / 5);
    co_await pause;
  }
}

// Each viewer must come to show exactly the office's map of some moment after the last sale.
Script<> Crowd::compare_maps() {
  const std::string path =
      stage_.target.catalog() + "/events/" + std::to_string(stage_.options.event_id) + "/seats";
  std::vector<const Viewer*> unchecked{&referee_.viewer()};
  for (const auto& viewer : viewers_) unchecked.push_back(viewer.get());
  const Nanos begun = Loop::now();
  std::string why;
  while (true) {
    std::string request = request_bytes("GET", path, stage_.target.host(), "");
    auto exchange = connection_.exchange(std::move(request), Loop::now() + opening_patience);
    const Answer answer = co_await exchange;
    const auto map =
        answer.is(200) ? read_seat_map(answer.response, stage_.seats, why) : std::nullopt;
    if (map) {
      stage_.history.closing = map;
      std::erase_if(unchecked, [&](const Viewer* viewer) {
        if (!viewer->has_board() || viewer->version() != map->version) return false;
        ++viewers_checked_;
        if (viewer->board() != map->board) {
          ++stage_.history.stale_viewers;
          stage_.history.remarks.push_back("a viewer at version " + std::to_string(map->version) +
                                           " shows another map than the office");
        }
        return true;
      });
    }
    if (unchecked.empty() || Loop::now() - begun > quiet_patience) break;
    Pause pause(stage_.loop, Loop::now() + 4 * tick);
    co_await pause;
  }
  for (const Viewer* viewer : unchecked) {
    if (!viewer->is_following() && !viewer->sale_over()) {
      ++viewers_absent_;  // refused or cut off: it knows that it does not know
      continue;
    }
    ++viewers_checked_;
    ++stage_.history.stale_viewers;
    stage_.history.remarks.push_back(
        "a viewer stays at version " + std::to_string(viewer->version()) + ", the office is at " +
        std::to_string(stage_.history.closing ? stage_.history.closing->version : 0));
  }
}

}  // namespace onsale::rehearsal
