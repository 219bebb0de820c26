// The director: steps the office, changes the weather, kills it, lets it rest and looks.
#include "tests/simulation/simulation.hpp"

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>

#include "tests/simulation/crowd.hpp"
#include "tests/simulation/office.hpp"
#include "tests/support/run_task.hpp"

namespace onsale::simulation {
namespace {

constexpr Instant kStart = instant_of_ms(1'800'000'000'000);
constexpr Milliseconds kCalm{10'000};  // I12
constexpr Milliseconds kLookEvery{250};
constexpr std::uint64_t kStepsBetweenCalms = 6'000;

class Director {
 public:
  explicit Director(const RunOptions& options)
      : options_(options),
        world_(options.seed, kStart),
        office_(std::make_unique<Office>(world_, kStart, options.bug)),
        crowd_(world_, options.buyers) {
    world_.witness.watch(options.watched);
    crowd_.enter(*office_);
    change_weather_at_ = kStart;
    look_at_ = kStart;
  }
  ~Director() { office_->die(); }

  RunReport direct() {
    std::uint64_t next_calm = kStepsBetweenCalms;
    while (steps_ < options_.steps && world_.witness.clean()) {
      step();
      // Between a pin and its order there is little time: a crash goes there more often.
      if (world_.dice.chance(world_.witness.ordering() ? 1.0 / 500 : 1.0 / 2500)) {
        crash();
      } else if (world_.dice.chance(1.0 / 20'000)) {
        restart();
      } else if (steps_ >= next_calm) {
        calm();
        next_calm = steps_ + kStepsBetweenCalms;
      }
    }
    if (world_.witness.clean()) calm();
    RunReport report;
    report.seed = options_.seed;
    report.steps = steps_;
    report.trace = world_.witness.trace.hash();
    report.virtual_seconds = (office_->now() - kStart).count() / 1000;
    report.counters = world_.witness.counters;
    report.violations = world_.witness.violations();
    return report;
  }

 private:
  void step() {
    office_->loop.run_next();
    ++steps_;
    if (office_->now() >= look_at_) look();
    if (!calm_ && office_->now() >= change_weather_at_) change_weather();
  }

  void look() {
    look_at_ = office_->now() + kLookEvery;
    for (const CatalogueEntry& entry : world_.catalogue.entries()) {
      const EventId event = entry.event.id;
      const auto counts = run_task(office_->embedded.counts(event));
      world_.witness.look(event, office_->records(event), *counts, office_->now());
    }
  }

  void change_weather() {
    Dice& dice = world_.dice;
    Weather& weather = office_->weather;
    change_weather_at_ = office_->now() + dice.ms(100, 2'000);
    const bool fine = dice.chance(0.4);
    weather.store_refuses = !fine && dice.chance(0.4) ? 0.3 : 0;
    weather.consumer_refuses = !fine && dice.chance(0.4) ? 0.3 : 0;
    weather.store_delay_max = Milliseconds{dice.chance(0.1) ? 200 : 3};
    office_->provider.set_unavailable(!fine && dice.chance(0.15));
    office_->provider.set_refuse_captures(!fine && dice.chance(0.1));
    world_.files.disk_space(!fine && dice.chance(0.15) ? std::optional{dice.below(2'000)}
                                                       : std::nullopt);
  }

  void fair_weather() {
    office_->weather = Weather{};
    office_->provider.set_unavailable(false);
    office_->provider.set_refuse_captures(false);
    world_.files.disk_space(std::nullopt);
  }

  // kill -9 between two steps, perhaps in the middle of a write, perhaps with damage to what was
  // written last.
  void crash() {
    ++world_.witness.counters.crashes;
    bool damaged = false;
    const std::uint64_t how = world_.dice.below(10);
    tell("crash of kind " + std::to_string(how));
    if (how < 4) {
      world_.files.crash_after(world_.dice.below(400));
      if (office_->journal.flush()) world_.witness.journal_flushed();
    } else if (how == 4) {
      world_.files.crash_after(world_.dice.below(2'000));
      (void)office_->journal.write_snapshot();
    } else if (how == 5) {
      damaged = damage_the_tail();
    }
    const Instant at = office_->now();
    office_->die();
    world_.files.revive();
    world_.files.disk_space(std::nullopt);
    world_.witness.office_ended(damaged);
    reopen(at + world_.dice.ms(1, 3'000));
  }

  bool damage_the_tail() {
    auto& files = world_.files.files();
    const auto newest = std::find_if(files.rbegin(), files.rend(), [](const auto& file) {
      return file.first.find("/journal-") != std::string::npos && !file.second.empty();
    });
    if (newest == files.rend()) return false;
    std::string& bytes = newest->second;
    const std::size_t tail = std::min<std::size_t>(bytes.size(), 300);
    const std::size_t place = bytes.size() - 1 - world_.dice.below(tail);
    if (world_.dice.chance(0.5)) {
      bytes[place] = static_cast<char>(bytes[place] ^ (1 << world_.dice.below(8)));
    } else {
      bytes.resize(place);
    }
    return true;
  }

  // For whoever watches a seat.
  void tell(const std::string& what) const {
    if (options_.watched.value != 0) std::cerr << ms_of(office_->now()) << " " << what << "\n";
  }

  void restart() {
    tell("orderly restart");
    ++world_.witness.counters.restarts;
    world_.files.disk_space(std::nullopt);
    office_->close();
    world_.witness.office_ended(false);
    reopen(office_->now() + world_.dice.ms(1, 3'000));
  }

  void reopen(Instant at) {
    office_.reset();
    office_ = std::make_unique<Office>(world_, at, options_.bug);
    tell("open again: " + office_->recovery);
    crowd_.enter(*office_);
    change_weather_at_ = at;
    look_at_ = at + Milliseconds{1100};  // what lapsed while it was closed is swept first
    if (calm_) fair_weather();
  }

  // Faults and buyers stop; within ten seconds all must be at its end. Then the events start anew, so
  // that there is something to sell.
  void calm() {
    calm_ = true;
    crowd_.rest(true);
    fair_weather();
    run_for(kCalm);
    judge();
    for (const CatalogueEntry& entry : world_.catalogue.entries()) {
      office_->loop.post([this, event = entry.event.id] { office_->calls.spawn(reset(event)); });
    }
    run_for(kCalm);
    judge();
    crowd_.rest(false);
    calm_ = false;
  }

  Task<void> reset(EventId event) {
    Status done = co_await office_->orders.reset_event(event);
    if (!done) world_.witness.fail("an event could not be reset in fair weather", office_->now());
  }

  void run_for(Milliseconds time) {
    const Instant until = office_->now() + time;
    while (world_.witness.clean() && !office_->loop.empty() && office_->loop.next_at() <= until)
      step();
  }

  void judge() {
    if (!world_.witness.clean()) return;
    for (const CatalogueEntry& entry : world_.catalogue.entries()) {
      world_.witness.calm(entry.event.id, office_->records(entry.event.id));
    }
    const auto backlog = run_task(world_.orders.backlog());
    world_.witness.calm_orders(world_.orders, backlog->unsent, world_.book);
  }

  const RunOptions options_;
  World world_;
  std::unique_ptr<Office> office_;
  Crowd crowd_;
  std::uint64_t steps_ = 0;
  bool calm_ = false;
  Instant change_weather_at_;
  Instant look_at_;
};

}  // namespace

RunReport run(const RunOptions& options) {
  Director director{options};
  return director.direct();
}

std::string describe(const RunReport& report) {
  std::ostringstream text;
  const Counters& c = report.counters;
  text << "seed " << report.seed << ": " << report.steps << " steps, " << report.virtual_seconds
       << " virtual s, trace " << std::hex << report.trace << std::dec << "; " << c.holds
       << " holds, " << c.refusals << " refusals, " << c.orders << " orders, " << c.replays
       << " replays, " << c.confirmed << " CONFIRMED, " << c.cancelled << " CANCELLED, "
       << c.messages << " messages, " << c.crashes << " crashes, " << c.restarts << " restarts, "
       << c.holds_kept << " holds kept, " << c.resets << " resets, " << c.calms << " calms";
  for (const std::string& violation : report.violations) text << "\n  " << violation;
  if (!report.violations.empty()) {
    text << "\n  replay: ONSALE_SIM_SEED=" << report.seed << " ONSALE_SIM_STEPS=" << report.steps
         << " simulation --gtest_filter='Simulation.*'";
  }
  return text.str();
}

}  // namespace onsale::simulation
