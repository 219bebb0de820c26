// Closed loop: every connection keeps `pipeline` requests in flight; as answers come, as many new
// requests leave in one write. Open loop: request i is due at start + i / rate, whatever happened to
// the ones before, and its latency counts from then (coordinated omission avoided).
#include "rehearsal/hammer.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "rehearsal/closing_bell.hpp"
#include "rehearsal/hammer_lane.hpp"
#include "rehearsal/rehearsal.hpp"
#include "rehearsal/report.hpp"

namespace onsale::rehearsal {

namespace {

constexpr Nanos last_answers_patience = 5 * nanos_per_second;

class Hammer final : public LaneOwner {
 public:
  Hammer(const Options& options, const Target& where)
      : LaneOwner(where, options),
        options_(options),
        wishes_(options.hammer),
        schedule_(loop, [this](Nanos) { fire_due(); }),
        clock_(loop, [this](Nanos due) { on_clock(due); }),
        bell_(loop, [this] { loop.stop(); }) {}

  int run();

 private:
  Script<> play();
  void start();
  void fire_due();
  void on_clock(Nanos due);
  void refill(Lane& lane, std::size_t answered, Nanos now) override;
  void give_up(const char* why) override {
    trouble_ = why;
    loop.stop();
  }
  void begin_measuring(Nanos now);
  void report();
  [[nodiscard]] static double cpu_seconds();
  [[nodiscard]] bool is_open_loop() const { return wishes_.rate_per_second > 0; }
  [[nodiscard]] bool is_finite() const {
    return wishes_.shot == Shot::hold || wishes_.shot == Shot::order;
  }

  const Options& options_;
  const HammerOptions& wishes_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  bool started_ = false;
  bool issuing_ = true;
  Nanos start_ = 0;
  Nanos measured_from_ = 0;
  Nanos last_answer_ = 0;
  Nanos finished_ = 0;
  double cpu_from_ = 0;
  double cpu_to_ = 0;
  std::uint64_t due_ = 0;  // open loop: requests that have left
  std::size_t next_lane_ = 0;
  std::string trouble_;
  Timer schedule_;
  Timer clock_;
  ClosingBell bell_;
  Script<> script_;
};

void Hammer::refill(Lane& lane, std::size_t answered, Nanos now) {
  if (!started_) return;
  if (answered > 0) last_answer_ = now;
  if (!is_open_loop() && issuing_) {
    while (lane.in_flight() < wishes_.pipeline) {
      if (!lane.load(now)) {
        issuing_ = false;
        break;
      }
    }
    lane.fire();
  }
  if (issuing_) return;
  const bool idle = std::all_of(lanes_.begin(), lanes_.end(),
                                [](const auto& each) { return each->in_flight() == 0; });
  if (idle && started_) {
    finished_ = last_answer_;
    loop.stop();
  }
}

void Hammer::fire_due() {
  const Nanos now = Loop::now();
  const double interval = 1e9 / wishes_.rate_per_second;
  const auto due_at = [&](std::uint64_t number) {
    return start_ + static_cast<Nanos>(static_cast<double>(number) * interval);
  };
  while (issuing_ && due_at(due_) <= now) {
    std::size_t tried = 0;
    while (!lanes_[next_lane_]->is_open() && tried++ < lanes_.size()) {
      next_lane_ = (next_lane_ + 1) % lanes_.size();
    }
    Lane& lane = *lanes_[next_lane_];
    next_lane_ = (next_lane_ + 1) % lanes_.size();
    if (!lane.load(due_at(due_))) {
      issuing_ = false;
      break;
    }
    ++due_;
    lane.fire();
  }
  if (issuing_) schedule_.set(due_at(due_));
}

void Hammer::begin_measuring(Nanos now) {
  results = Results{};
  measuring = true;
  measured_from_ = now;
  cpu_from_ = cpu_seconds();
}

void Hammer::on_clock(Nanos due) {
  const auto length = static_cast<Nanos>(wishes_.seconds * 1e9);
  if (!measuring) {
    begin_measuring(Loop::now());
    clock_.set(due + length);
    return;
  }
  if (issuing_ && !is_finite()) {
    issuing_ = false;
    finished_ = Loop::now();
    loop.stop();
    return;
  }
  if (!issuing_) {  // the last answers did not come
    finished_ = Loop::now();
    loop.stop();
    return;
  }
  issuing_ = false;
  clock_.set(due + last_answers_patience);
}

void Hammer::start() {
  start_ = Loop::now();
  last_answer_ = start_;
  started_ = true;
  if (is_finite() || wishes_.warm_up_seconds <= 0) {
    begin_measuring(start_);
    clock_.set(start_ + static_cast<Nanos>(wishes_.seconds * 1e9));
  } else {
    clock_.set(start_ + static_cast<Nanos>(wishes_.warm_up_seconds * 1e9));
  }
  if (is_open_loop()) {
    fire_due();
  } else {
    for (const auto& lane : lanes_) {
      if (lane->is_open()) refill(*lane, 0, start_);
    }
  }
}

Script<> Hammer::play() {
  const bool ready = co_await magazine.prepare();
  if (!ready) {
    trouble_ =
        magazine.trouble().empty() ? "no office answers at " + options_.url : magazine.trouble();
    loop.stop();
    co_return;
  }
  for (std::uint32_t i = 0; i < wishes_.connections; ++i) {
    lanes_.push_back(std::make_unique<Lane>(*this, i));
    lanes_.back()->open();
  }
  const auto open = [](const auto& lane) { return lane->is_open(); };
  const Nanos begun = Loop::now();
  while (!std::all_of(lanes_.begin(), lanes_.end(), open)) {
    if (Loop::now() - begun > last_answers_patience) {
      trouble_ = "not all connections were accepted";
      loop.stop();
      co_return;
    }
    Pause pause(loop, Loop::now() + nanos_per_ms);
    co_await pause;
  }
  start();
}

double Hammer::cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void Hammer::report() {
  namespace bj = boost::json;
  constexpr std::array<std::string_view, 6> names = {"plain",   "hold",   "hold_release",
                                                     "refused", "lapsed", "order"};
  const double seconds = std::max(1e-9, static_cast<double>(finished_ - measured_from_) / 1e9);
  bj::object by_class;
  bj::object by_status;
  for (std::size_t i = 100; i < results.by_status.size(); ++i) {
    if (results.by_status[i] == 0) continue;
    by_status[std::to_string(i)] = results.by_status[i];
    const std::string name = std::to_string(i / 100) + "xx";
    const auto before = by_class.contains(name) ? by_class[name].to_number<std::uint64_t>() : 0;
    by_class[name] = before + results.by_status[i];
  }
  const auto answers = static_cast<double>(std::max<std::uint64_t>(1, results.answers));
  const bj::object json{
      {"kind", "hammer"},
      {"shot", names[static_cast<std::size_t>(wishes_.shot)]},
      {"connections", wishes_.connections},
      {"pipeline", wishes_.pipeline},
      {"rate_per_second", wishes_.rate_per_second},
      {"requests", results.answers},
      {"timed_requests", results.answers - results.untimed},
      {"seconds", seconds},
      {"from_monotonic_ns", measured_from_},
      {"to_monotonic_ns", finished_},
      {"per_second", static_cast<double>(results.answers) / seconds},
      {"timed_per_second", static_cast<double>(results.answers - results.untimed) / seconds},
      {"by_class", std::move(by_class)},
      {"by_status", std::move(by_status)},
      {"resets", results.resets},
      {"latency_us", bj::parse(latency_us_json(results.latency))},
      {"client_cpu_us_per_request", (cpu_to_ - cpu_from_) * 1e6 / answers},
      {"bytes_received", results.bytes},
  };
  write_report(options_.report_path.empty() ? "-" : options_.report_path, bj::serialize(json));
}

int Hammer::run() {
  std::string why;
  if (!allow_descriptors(wishes_.connections + 128UL, why)) {
    trouble_ = why;
  } else {
    script_ = play();
    script_.begin();
    loop.run();
  }
  cpu_to_ = cpu_seconds();
  if (finished_ == 0) finished_ = Loop::now();
  if (!trouble_.empty() || !measuring) {
    std::fprintf(stderr, "onsale rehearse: %s\n",
                 trouble_.empty() ? "interrupted before it began" : trouble_.c_str());
    return exit_could_not_run;
  }
  report();
  return exit_clean;
}

}  // namespace

int run_hammer(const Options& options, const Target& target) {
  if (options.hammer.connections == 0 || options.hammer.pipeline == 0) {
    std::fprintf(stderr, "onsale rehearse: at least one connection and one request in flight\n");
    return exit_could_not_run;
  }
  Hammer hammer(options, target);
  return hammer.run();
}

}  // namespace onsale::rehearsal
