// Each seat that changes is used again only much later, so (seat, status) names the change.
#include "rehearsal/fan_out.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rehearsal/closing_bell.hpp"
#include "rehearsal/office_client.hpp"
#include "rehearsal/rehearsal.hpp"
#include "rehearsal/report.hpp"
#include "rehearsal/stage.hpp"

namespace onsale::rehearsal {

namespace {

constexpr std::uint32_t hands_max = 16;  // connections that cause the changes
constexpr Nanos connect_patience = 120 * nanos_per_second;
constexpr Nanos last_deliveries_patience = 2 * nanos_per_second;

class FanOut final : private ViewerListener {
 public:
  FanOut(const Options& options, Target target)
      : stage_(options, std::move(target)),
        random_(options.seed),
        connection_(stage_.loop, stage_.target),
        bell_(stage_.loop, [this] { stage_.loop.stop(); }) {}

  int run();

 private:
  struct Hand {
    explicit Hand(FanOut& show) : office(show.stage_, show.random_, OfficeClient::Proof::bearer) {}
    OfficeClient office;
    std::vector<std::uint32_t> seats;
    Script<> script;
    bool done = false;
  };

  Script<> play();
  Script<bool> open_doors();
  Script<> cause_changes(Hand& hand, std::uint64_t first, std::uint64_t step, std::uint64_t all);
  Script<> change(Hand& hand, std::uint32_t seat, bool hold);
  void on_change(std::uint64_t version, std::uint64_t after, std::uint32_t seat, SeatStatus status,
                 Nanos seen) override;
  void on_snapshot(const Snapshot&, Nanos, Nanos) override {}
  void report();

  Stage stage_;
  std::mt19937_64 random_;
  Connection connection_;
  ClosingBell bell_;
  std::vector<std::unique_ptr<Viewer>> viewers_;
  std::vector<std::unique_ptr<Hand>> hands_;
  std::vector<std::array<Nanos, 4>> caused_;  // by seat and status: when the request left
  Histogram delivery_;
  std::uint64_t changes_ = 0;
  std::uint64_t connected_ = 0;
  Nanos connect_begun_ = 0;
  Nanos connected_at_ = 0;
  Nanos started_ = 0;
  Nanos ended_ = 0;
  std::uint64_t reads_before_ = 0;
  std::uint64_t bytes_before_ = 0;
  double cpu_before_ = 0;
  std::string trouble_;
  Script<> script_;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void FanOut::on_change(std::uint64_t, std::uint64_t, std::uint32_t seat, SeatStatus status,
                       Nanos seen) {
  if (seat >= caused_.size()) return;
  const Nanos cause = caused_[seat][static_cast<std::size_t>(status)];
  if (cause != 0) delivery_.record(seen - cause);
}

Script<bool> FanOut::open_doors() {
  std::string request = request_bytes(
      "GET",
      stage_.target.catalog() + "/events/" + std::to_string(stage_.options.event_id) + "/seats",
      stage_.target.host(), "");
  auto exchange = connection_.exchange(std::move(request), Loop::now() + connect_patience);
  const Answer answer = co_await exchange;
  if (answer.fate != Fate::answered) {
    trouble_ = "no office answers at " + stage_.options.url;
    co_return false;
  }
  const auto map =
      answer.is(200) ? read_seat_map(answer.response, stage_.seats, trouble_) : std::nullopt;
  if (!map) {
    if (trouble_.empty()) trouble_ = "no seat map of this event";
    co_return false;
  }
  std::vector<std::uint32_t> free;
  for (std::uint32_t seat = 0; seat < map->board.size(); ++seat) {
    if (map->board.at(seat) == SeatStatus::available) free.push_back(seat);
  }
  const std::size_t count = std::min<std::size_t>(hands_max, free.size());
  if (count == 0) {
    trouble_ = "no seat is available to be changed";
    co_return false;
  }
  for (std::size_t i = 0; i < count; ++i) hands_.push_back(std::make_unique<Hand>(*this));
  for (std::size_t i = 0; i < free.size(); ++i) hands_[i % count]->seats.push_back(free[i]);
  caused_.resize(map->board.size());

  ViewerListener& listener = *this;
  connect_begun_ = Loop::now();
  for (std::uint32_t i = 0; i < stage_.options.viewers; ++i) {
    viewers_.push_back(std::make_unique<Viewer>(stage_.audience, &listener));
    viewers_.back()->open();
  }
  const auto ready = [](const auto& viewer) { return viewer->in_step() || viewer->was_refused(); };
  while (!std::all_of(viewers_.begin(), viewers_.end(), ready) &&
         Loop::now() - connect_begun_ < connect_patience) {
    Pause pause(stage_.loop, Loop::now() + 10 * nanos_per_ms);
    co_await pause;
  }
  connected_at_ = Loop::now();
  connected_ = static_cast<std::uint64_t>(std::count_if(
      viewers_.begin(), viewers_.end(), [](const auto& viewer) { return viewer->in_step(); }));
  co_return true;
}

Script<> FanOut::change(Hand& hand, std::uint32_t seat, bool hold) {
  Request request{.call = hold ? Call::hold : Call::release};
  request.method = hold ? "POST" : "DELETE";
  request.path = stage_.target.reservation() + "/reservations";
  const std::string event = std::to_string(stage_.options.event_id);
  const std::string id = std::to_string(stage_.seats.id(seat));
  if (hold) {
    request.body = "{\"eventId\":" + event + ",\"seatId\":" + id + ",\"holdSeconds\":600}";
  } else {
    request.path += "/" + event + "/" + id;
  }
  const auto status = hold ? SeatStatus::held : SeatStatus::available;
  caused_[seat][static_cast<std::size_t>(status)] = Loop::now();
  const Answer answer = co_await hand.office.ask(std::move(request));
  if (answer.fate == Fate::answered && answer.response.status < 300) {
    ++changes_;
  } else if (trouble_.empty()) {
    trouble_ = "a change was answered " + std::to_string(answer.response.status) + " " +
               answer.response.body;
  }
}

// Changes first, first + step, … of `all`; each seat is held and, at this hand's next turn, released.
Script<> FanOut::cause_changes(Hand& hand, std::uint64_t first, std::uint64_t step,
                               std::uint64_t all) {
  const double interval = 1e9 / stage_.options.fan_out.changes_per_second;
  std::uint64_t turn = 0;
  for (std::uint64_t number = first; number < all; number += step, ++turn) {
    Pause due(stage_.loop, started_ + static_cast<Nanos>(static_cast<double>(number) * interval));
    co_await due;
    co_await change(hand, hand.seats[turn / 2 % hand.seats.size()], turn % 2 == 0);
  }
  hand.done = true;
}

Script<> FanOut::play() {
  const FanOutOptions& wishes = stage_.options.fan_out;
  const bool open = co_await open_doors();
  if (!open) {
    stage_.loop.stop();
    co_return;
  }
  Pause settle(stage_.loop, Loop::now() + static_cast<Nanos>(wishes.settle_seconds * 1e9));
  co_await settle;
  started_ = Loop::now();
  reads_before_ = stage_.audience.tally.reads;
  bytes_before_ = stage_.audience.tally.bytes;
  cpu_before_ = cpu_seconds();
  const auto all = static_cast<std::uint64_t>(wishes.changes_per_second * wishes.seconds);
  for (std::size_t i = 0; i < hands_.size(); ++i) {
    hands_[i]->script = cause_changes(*hands_[i], i, hands_.size(), all);
    hands_[i]->script.begin();
  }
  const auto done = [](const auto& hand) { return hand->done; };
  while (!std::all_of(hands_.begin(), hands_.end(), done)) {
    Pause pause(stage_.loop, Loop::now() + 5 * nanos_per_ms);
    co_await pause;
  }
  const Nanos last_cause = Loop::now();
  while (delivery_.count() < changes_ * connected_ &&
         Loop::now() - last_cause < last_deliveries_patience) {
    Pause pause(stage_.loop, Loop::now() + 5 * nanos_per_ms);
    co_await pause;
  }
  ended_ = Loop::now();
  stage_.loop.stop();
}

void FanOut::report() {
  namespace bj = boost::json;
  const AudienceTally& audience = stage_.audience.tally;
  const double seconds = static_cast<double>(ended_ - started_) / 1e9;
  const std::uint64_t reads = audience.reads - reads_before_;
  const bj::object json{
      {"kind", "viewers"},
      {"viewers", stage_.options.viewers},
      {"connected", connected_},
      {"connect_seconds", static_cast<double>(connected_at_ - connect_begun_) / 1e9},
      {"changes", changes_},
      {"changes_per_second", stage_.options.fan_out.changes_per_second},
      {"seconds", seconds},
      {"from_monotonic_ns", started_},
      {"to_monotonic_ns", ended_},
      {"expected_deliveries", changes_ * connected_},
      {"deliveries", delivery_.count()},
      {"reads", reads},
      {"reads_per_second", static_cast<double>(reads) / seconds},
      {"bytes", audience.bytes - bytes_before_},
      {"latency_us", bj::parse(latency_us_json(delivery_))},
      {"client_cpu_seconds", cpu_seconds() - cpu_before_},
      {"gaps", audience.gaps},
      {"missing", audience.missing},
      {"repeats", audience.repeats},
      {"resets", audience.resets},
      {"reconnects", audience.reconnects},
  };
  write_report(stage_.options.report_path.empty() ? "-" : stage_.options.report_path,
               bj::serialize(json));
}

int FanOut::run() {
  std::string why;
  if (!allow_descriptors(stage_.options.viewers + 128UL, why)) {
    trouble_ = why;
  } else {
    script_ = play();
    script_.begin();
    stage_.loop.run();
  }
  if (started_ == 0 || !trouble_.empty() || ended_ == 0) {
    std::fprintf(stderr, "onsale rehearse: %s\n",
                 trouble_.empty() ? "interrupted" : trouble_.c_str());
    return exit_could_not_run;
  }
  report();
  return exit_clean;
}

}  // namespace

int run_fan_out(const Options& options, const Target& target) {
  if (!(options.fan_out.changes_per_second > 0)) {
    std::fprintf(stderr, "onsale rehearse: changes a second must be above zero\n");
    return exit_could_not_run;
  }
  FanOut show(options, target);
  return show.run();
}

}  // namespace onsale::rehearsal
