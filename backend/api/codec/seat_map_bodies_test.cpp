// The seat map in every form: what is written down in the contract, and that a patched body is the
// body that would have been made anew.
#include "api/codec/seat_map_bodies.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zlib.h>

#include <boost/json.hpp>
#include <random>
#include <thread>

#include "api/codec/layout_json.hpp"
#include "base/mutex.hpp"
#include "tests/support/plain_hall.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_feed.hpp"

namespace onsale::codec {
namespace {

using catalog::Offer;
using catalog::SeatMapView;
using seat::WireStatus;

constexpr std::string_view kHash = "0123456789abcdef0123";

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::uint32_t size = 0;  // the last four bytes say how long it was
  for (std::size_t i = 0; i < 4; ++i) {
    size |= std::uint32_t{static_cast<unsigned char>(bytes[bytes.size() - 4 + i])} << (8 * i);
  }
  std::string out(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int end = inflate(&stream, Z_FINISH);  // checks CRC and length too
  EXPECT_EQ(end, Z_STREAM_END) << (stream.msg != nullptr ? stream.msg : "");
  EXPECT_EQ(stream.avail_in, 0U);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

struct Show {
  explicit Show(int rows, int columns, SeatNumbering numbering = {.first = 1'000'001})
      : offer(event_of(rows, columns, numbering), plain_hall(rows, columns)),
        feed(offer.seat_count()),
        view(EventId{1}, offer.seat_count(), feed) {
    refresh();
  }
  static catalog::Event event_of(int rows, int columns, SeatNumbering numbering) {
    catalog::Event event = plain_event(plain_hall(rows, columns));
    numbering.count = event.numbering.count;
    event.numbering = numbering;
    return event;
  }
  void refresh() { EXPECT_TRUE(run_task(view.refresh())); }
  // What a body made from nothing would be.
  std::string fresh(SeatMapForm form) {
    return *SeatMapBodies(offer, view, kHash).body(form).bytes;
  }

  Offer offer;
  ScriptedFeed feed;
  SeatMapView view;
};

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

TEST(SeatMapBodies, JsonIsTheContractsForm) {
  Show show(1, 3, {.first = 1, .stride = 3});
  show.feed.change(1, WireStatus::held);
  show.feed.change(2, WireStatus::sold);
  show.refresh();
  const auto body = SeatMapBodies(show.offer, show.view, kHash).body(SeatMapForm::json);
  EXPECT_EQ(without_blanks(*body.bytes),
            R"({"rows":1,"cols":3,"version":4294967298,"seats":[)"
            R"({"id":1,"r":0,"c":0,"price":40000,"status":"AVAILABLE"},)"
            R"({"id":4,"r":0,"c":1,"price":40000,"status":"HELD"},)"
            R"({"id":7,"r":0,"c":2,"price":40000,"status":"SOLD"}]})");
  EXPECT_EQ(body.version, show.feed.version_now());
  EXPECT_EQ(body.etag, "\"0123456789abcdef-4294967298-json\"");
}

TEST(SeatMapBodies, BinaryIsTheContractsForm) {
  Show show(1, 3);
  show.feed.change(1, WireStatus::held);
  show.feed.change(2, WireStatus::sold);
  show.refresh();
  SeatMapBodies bodies(show.offer, show.view, kHash);
  const std::string wanted("OSM1\x02\0\0\0\x01\0\0\0\x03\0\0\0\x24", 17);
  EXPECT_EQ(*bodies.body(SeatMapForm::binary).bytes, wanted);
  EXPECT_EQ(gunzip(*bodies.body(SeatMapForm::binary_gzip).bytes), wanted);
}

TEST(SeatMapBodies, DeltaIsTheContractsForm) {
  Show show(1, 3);
  const Version since = show.view.version();
  show.feed.change(2, WireStatus::held);
  show.feed.change(1, WireStatus::held);
  show.feed.change(2, WireStatus::sold);
  show.refresh();
  const auto delta = SeatMapBodies(show.offer, show.view, kHash).delta(since);
  ASSERT_TRUE(delta);
  EXPECT_EQ(*delta->bytes, std::string("OSD1\0\0\0\0\x01\0\0\0\x03\0\0\0\x01\0\0\0\x09\x0a", 22));
  EXPECT_FALSE(SeatMapBodies(show.offer, show.view, kHash).delta(Version{3}));
}

TEST(SeatMapBodies, AnUnchangedMapIsTheSameBytes) {
  Show show(3, 3);
  SeatMapBodies bodies(show.offer, show.view, kHash);
  for (const SeatMapForm form :
       {SeatMapForm::json, SeatMapForm::json_gzip, SeatMapForm::binary, SeatMapForm::binary_gzip}) {
    EXPECT_EQ(bodies.body(form).bytes, bodies.body(form).bytes);
    EXPECT_EQ(bodies.etag(form), bodies.body(form).etag);
  }
}

TEST(SeatMapBodies, ABodyInFlightIsNeverTouched) {
  Show show(3, 3);
  SeatMapBodies bodies(show.offer, show.view, kHash);
  const auto in_flight = bodies.body(SeatMapForm::json).bytes;
  const std::string before = *in_flight;  // NOLINT(performance-unnecessary-copy-initialization)
  for (int i = 0; i < 6; ++i) {
    show.feed.change(4, i % 2 == 0 ? WireStatus::held : WireStatus::available);
    show.refresh();
    bodies.body(SeatMapForm::json);
    EXPECT_EQ(*in_flight, before);
  }
}

TEST(SeatMapBodies, ABodyMayOutliveItsEvent) {
  http::SharedBytes body;
  {
    Show show(2, 2);
    SeatMapBodies bodies(show.offer, show.view, kHash);
    body = bodies.body(SeatMapForm::json).bytes;
  }
  EXPECT_TRUE(body->starts_with("{\"rows\":2"));
}

// Random changes in bursts; after each every form must be what it would be made anew.
void stays_true(int rows, int columns, SeatNumbering numbering, unsigned seed) {
  Show show(rows, columns, numbering);
  SeatMapBodies bodies(show.offer, show.view, kHash);
  std::mt19937 dice(seed);
  std::vector<http::SharedBytes> in_flight;
  Version before = show.view.version();
  std::vector<WireStatus> map_before = show.view.snapshot().statuses;
  for (int step = 0; step < 12; ++step) {
    const unsigned burst = dice() % 3 == 0 ? dice() % 3000 : dice() % 8;
    for (unsigned i = 0; i < burst; ++i) {
      show.feed.change(dice() % show.offer.seat_count(), static_cast<WireStatus>(dice() % 4));
    }
    show.refresh();
    const auto json = bodies.body(SeatMapForm::json);
    if (dice() % 2 == 0) in_flight.push_back(json.bytes);
    ASSERT_EQ(*json.bytes, show.fresh(SeatMapForm::json));
    const auto gz = bodies.body(SeatMapForm::json_gzip);
    ASSERT_EQ(gz.version, json.version);
    ASSERT_EQ(gunzip(*gz.bytes), *json.bytes);
    ASSERT_EQ(*bodies.body(SeatMapForm::binary).bytes, show.fresh(SeatMapForm::binary));

    const auto parsed = boost::json::parse(*json.bytes);
    const auto& seats = parsed.at("seats").as_array();
    const auto truth = show.view.snapshot();
    ASSERT_EQ(seats.size(), truth.statuses.size());
    ASSERT_EQ(parsed.at("version").to_number<std::uint64_t>(), truth.version.value);
    for (std::size_t i = 0; i < seats.size(); ++i) {
      ASSERT_EQ(seats[i].at("status").as_string(), seat::name_of(truth.statuses[i]));
    }

    const auto delta = bodies.delta(before);
    if (delta) {
      std::size_t at = 20;
      std::int64_t index = 0;
      while (at < delta->bytes->size()) {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
          const auto byte = static_cast<unsigned char>((*delta->bytes)[at++]);
          value |= std::uint64_t{byte & 0x7FU} << shift;
          if (byte < 0x80) break;
        }
        const std::uint64_t zigzag = value >> 2U;
        index += static_cast<std::int64_t>(zigzag >> 1U) ^ -static_cast<std::int64_t>(zigzag & 1U);
        map_before.at(static_cast<std::size_t>(index)) = static_cast<WireStatus>(value & 3U);
      }
      ASSERT_EQ(map_before, truth.statuses);
    }
    map_before = truth.statuses;
    before = truth.version;
  }
}

TEST(SeatMapBodies, PatchedFormsEqualFreshOnes) {
  unsigned seed = 1;
  for (const auto& [rows, columns] :
       {std::pair{1, 1}, {1, 2}, {1, 11}, {10, 10}, {20, 30}, {23, 67}, {40, 110}}) {
    stays_true(rows, columns, {.first = 1, .stride = 3}, seed++);
    stays_true(rows, columns, {.first = 5'000'001}, seed++);
    stays_true(rows, columns, {.first = 9'007'199'254'000'000}, seed++);
  }
}

// A feed that a writer changes while loops read it.
class LockedFeed final : public SeatFeed {
 public:
  explicit LockedFeed(std::uint32_t seats) : feed_(seats) {}
  void change(std::uint32_t index, WireStatus status) {
    Lock lock(mutex_);
    feed_.change(index, status);
  }
  std::vector<WireStatus> statuses() {
    Lock lock(mutex_);
    return feed_.statuses();
  }
  Task<Result<FeedBatch>> read(EventId event, Version after, std::size_t max) override {
    Lock lock(mutex_);
    return feed_.read(event, after, max);
  }
  Task<Result<SeatSnapshot>> snapshot(EventId event) override {
    Lock lock(mutex_);
    return feed_.snapshot(event);
  }
  void on_change(std::function<void(EventId)> /*wake*/) override {}

 private:
  Mutex mutex_;
  ScriptedFeed feed_ ONSALE_GUARDED_BY(mutex_);
};

TEST(SeatMapBodies, ManyLoopsReadWhileSeatsChange) {
  const catalog::Hall hall = plain_hall(10, 60);
  const Offer offer(plain_event(hall), hall);
  LockedFeed feed(offer.seat_count());
  SeatMapView view(EventId{1}, offer.seat_count(), feed);
  SeatMapBodies bodies(offer, view, kHash);
  std::vector<std::thread> loops;
  for (unsigned t = 0; t < 3; ++t) {
    loops.emplace_back([&, t] {
      std::mt19937 dice(t);
      Version last;
      for (int i = 0; i < 200; ++i) {
        if (t == 0) {
          feed.change(dice() % offer.seat_count(), static_cast<WireStatus>(dice() % 4));
        }
        ASSERT_TRUE(run_task(view.refresh()));
        const auto body = bodies.body(static_cast<SeatMapForm>(dice() % 3));
        ASSERT_GE(body.version, last);  // a reader never goes back in time
        last = body.version;
        ASSERT_FALSE(body.bytes->empty());
      }
    });
  }
  for (std::thread& loop : loops) loop.join();
  EXPECT_EQ(view.snapshot().statuses, feed.statuses());
  EXPECT_EQ(*bodies.body(SeatMapForm::json).bytes,
            *SeatMapBodies(offer, view, kHash).body(SeatMapForm::json).bytes);
}

TEST(SeatMapBodies, AHallWithoutSeatsIsAMapWithoutSeats) {
  catalog::Event event{.id = EventId{1}};
  const Offer offer(event, catalog::Hall{});
  ScriptedFeed feed(0);
  SeatMapView view(EventId{1}, 0, feed);
  SeatMapBodies bodies(offer, view, kHash);
  const std::string json = *bodies.body(SeatMapForm::json).bytes;
  EXPECT_EQ(without_blanks(json), R"({"rows":0,"cols":0,"version":0,"seats":[]})");
  EXPECT_EQ(gunzip(*bodies.body(SeatMapForm::json_gzip).bytes), json);
}

TEST(SeatMapBodies, KeepsToItsSizes) {
  Show show(200, 250, {.first = 5'000'001});
  std::mt19937 dice(7);
  const double seats = show.offer.seat_count();
  for (std::uint32_t i = 0; i < show.offer.seat_count(); ++i) {
    const unsigned percent = dice() % 100;
    if (percent >= 60) show.feed.change(i, percent < 70 ? WireStatus::held : WireStatus::sold);
  }
  show.refresh();
  SeatMapBodies bodies(show.offer, show.view, kHash);
  EXPECT_LE(static_cast<double>(bodies.body(SeatMapForm::json_gzip).bytes->size()) / seats, 6.0);
  EXPECT_LE(static_cast<double>(bodies.body(SeatMapForm::binary).bytes->size()) / seats, 0.26);
  EXPECT_LE(static_cast<double>(bodies.body(SeatMapForm::binary_gzip).bytes->size()) / seats, 0.21);
  const Version before = show.view.version();
  for (int i = 0; i < 100; ++i) show.feed.change(dice() % 50'000, WireStatus::blocked);
  show.refresh();
  EXPECT_LE(bodies.delta(before)->bytes->size(), 100U * 3);
}

TEST(SeatMapBodies, AMatchOfValidatorsIsWeak) {
  const std::string_view etag = "\"a-1-json\"";
  for (const std::string_view list :
       {"*", "\"a-1-json\"", "W/\"a-1-json\"", "\"x\", \"a-1-json\"", " \"x\" ,W/\"a-1-json\""}) {
    EXPECT_TRUE(SeatMapBodies::none_match_names(list, etag)) << list;
  }
  for (const std::string_view list : {"", "\"x\"", "a-1-json", "\"a-1-json", "**", "\"a-1-jso\""}) {
    EXPECT_FALSE(SeatMapBodies::none_match_names(list, etag)) << list;
  }
}

TEST(Layout, IsTheContractsForm) {
  catalog::Hall hall = plain_hall(1, 2);
  hall.sections[0].rows[0].seats[1].wheelchair = true;
  hall.sections[0].areas.push_back({.shape = "ellipse", .x = 1, .y = 2, .width = 8, .height = 4});
  const LayoutBody body = render_layout(Offer(plain_event(hall), hall));
  EXPECT_EQ(*body.of(LayoutForm::json).bytes,
            "{\"hash\":\"" + body.hash +
                "\",\"name\":\"Plain\",\"width\":1000,\"height\":1000,\"tiers\":["
                R"({"id":1,"name":"Front","color":"#112233","price":50000},)"
                R"({"id":2,"name":"Back","color":"#445566","price":40000}],"sections":[)"
                R"({"name":"Floor","x":10,"y":20,"rows":[{"name":"1","seats":[)"
                R"({"id":1000001,"name":"1","x":10,"y":20,"tier":2},)"
                R"({"id":1000002,"name":"2","x":35,"y":20,"tier":2,"wheelchair":true}]}],"areas":[)"
                R"({"shape":"ellipse","x":1,"y":2,"radiusX":4,"radiusY":2}]}]})");
  EXPECT_EQ(body.hash.size(), 64U);
  EXPECT_EQ(gunzip(*body.of(LayoutForm::json).gzip), *body.of(LayoutForm::json).bytes);
}

TEST(Layout, AnotherPriceIsAnotherHash) {
  catalog::Hall hall = plain_hall(1, 2);
  const std::string before = render_layout(Offer(plain_event(hall), hall)).hash;
  EXPECT_EQ(render_layout(Offer(plain_event(hall), hall)).hash, before);
  hall.tiers[1].price = Money{1};
  EXPECT_NE(render_layout(Offer(plain_event(hall), hall)).hash, before);
}

}  // namespace
}  // namespace onsale::codec
