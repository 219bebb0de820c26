// P18 and what a change costs: bytes a seat in each form, nanoseconds to bring each form up to date
// after one change and after a burst, at 100 to 50,000 seats. Prints one JSON object.
//
// The mix of statuses is a hall in mid-sale, drawn at random seat by seat: the worst case for every
// form (real halls sell in blocks, which compress better).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "api/codec/gzip.hpp"
#include "api/codec/seat_map_bodies.hpp"
#include "app/demo_halls.hpp"
#include "domain/catalog/plan.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_feed.hpp"

namespace {

using namespace onsale;
using codec::SeatMapForm;
using seat::WireStatus;

double now_ns() {
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                 std::chrono::steady_clock::now().time_since_epoch())
                                 .count());
}

WireStatus any_status(std::mt19937& dice) {
  const unsigned percent = dice() % 100;
  return percent < 60   ? WireStatus::available
         : percent < 70 ? WireStatus::held
         : percent < 98 ? WireStatus::sold
                        : WireStatus::blocked;
}

// The first `seats` seats of the stadium.
catalog::Hall hall_of(std::size_t seats) {
  catalog::Hall hall = app::demo_stadium();
  std::size_t left = seats;
  for (catalog::Section& section : hall.sections) {
    for (catalog::HallRow& row : section.rows) {
      if (row.seats.size() > left) row.seats.resize(left);
      left -= row.seats.size();
    }
  }
  return hall;
}

struct Show {
  explicit Show(std::size_t seats)
      : offer(event_of(seats), hall_of(seats)),
        feed(offer.seat_count()),
        view(EventId{1}, offer.seat_count(), feed) {
    std::vector<WireStatus> wanted(seats);
    for (std::uint32_t i = 0; i < seats; ++i) {
      const WireStatus status = any_status(dice);
      if (status != WireStatus::available) feed.change(i, status);
    }
    feed.forget();
    check(run_task(view.refresh()).has_value(), "the scripted feed answers");
  }
  static catalog::Event event_of(std::size_t seats) {
    catalog::Event event{.id = EventId{1}};
    event.numbering = {.first = 5'000'001, .count = static_cast<std::uint32_t>(seats)};
    return event;
  }
  void change(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      feed.change(dice() % offer.seat_count(), any_status(dice));
    check(run_task(view.refresh()).has_value(), "the scripted feed answers");
    feed.forget();
  }

  std::mt19937 dice{11};
  catalog::Offer offer;
  ScriptedFeed feed;
  catalog::SeatMapView view;
};

// Median nanoseconds of bringing `form` up to date after `changes` changes, nobody else using it.
double patch_ns(Show& show, codec::SeatMapBodies& bodies, SeatMapForm form, std::size_t changes) {
  std::vector<double> samples;
  for (int i = 0; i < 201; ++i) {
    show.change(changes);
    const double begin = now_ns();
    bodies.body(form);
    samples.push_back(now_ns() - begin);
  }
  std::sort(samples.begin(), samples.end());
  return samples[samples.size() / 2];
}

}  // namespace

int main() {
  std::printf("{\"seat_map\":[");
  bool first = true;
  for (const std::size_t seats : {100U, 1'000U, 10'000U, 50'000U}) {
    Show show(seats);
    codec::SeatMapBodies bodies(show.offer, show.view, "0123456789abcdef");
    const auto bytes_a_seat = [&](SeatMapForm form) {
      return static_cast<double>(bodies.body(form).bytes->size()) / static_cast<double>(seats);
    };
    const double begin = now_ns();
    bodies.body(SeatMapForm::json_gzip);
    const double first_ns = now_ns() - begin;
    std::printf(
        "%s\n{\"seats\":%zu,\"bytes_a_seat\":{\"json\":%.2f,\"json_gz\":%.3f,\"binary\":%.4f,"
        "\"binary_gz\":%.4f},\"first_json_gz_us\":%.0f",
        first ? "" : ",", seats, bytes_a_seat(SeatMapForm::json),
        bytes_a_seat(SeatMapForm::json_gzip), bytes_a_seat(SeatMapForm::binary),
        bytes_a_seat(SeatMapForm::binary_gzip), first_ns / 1e3);
    first = false;
    for (const std::size_t changes : {std::size_t{1}, std::size_t{100}}) {
      std::printf(",\"after_%zu_changes_us\":{", changes);
      const char* comma = "";
      for (const auto& [name, form] : {std::pair{"json", SeatMapForm::json},
                                       {"json_gz", SeatMapForm::json_gzip},
                                       {"binary", SeatMapForm::binary},
                                       {"binary_gz", SeatMapForm::binary_gzip}}) {
        std::printf("%s\"%s\":%.2f", comma, name, patch_ns(show, bodies, form, changes) / 1e3);
        comma = ",";
      }
      const Version since = show.view.version();
      show.change(changes);
      const std::size_t size = bodies.delta(since)->bytes->size() - 20;
      std::printf("},\"delta_bytes_a_change_of_%zu\":%.2f", changes,
                  static_cast<double>(size) / static_cast<double>(changes));
    }
    // What a general compressor would spend on the same text, and how far it would get.
    const std::string json = *bodies.body(SeatMapForm::json).bytes;
    const double zlib_begin = now_ns();
    const std::string best = codec::gzip(json, codec::GzipEffort::best);
    std::printf(",\"zlib_9\":{\"bytes_a_seat\":%.3f,\"us\":%.0f}}",
                static_cast<double>(best.size()) / static_cast<double>(seats),
                (now_ns() - zlib_begin) / 1e3);
  }
  std::printf("\n]}\n");
  return 0;
}
