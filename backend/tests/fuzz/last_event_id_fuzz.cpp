// What a viewer or a cache sends back to us: Last-Event-ID and If-None-Match. No crash; an id is
// taken only in the one form we send; a stream opens whatever was sent.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/codec/seat_map_bodies.hpp"
#include "api/sse/seat_stream.hpp"
#include "base/assert.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_feed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace onsale;
  static ScriptedFeed feed(4);
  static catalog::SeatMapView view(EventId{1}, 4, feed, {.history_changes_max = 4});
  static const bool ready = [] {
    for (std::uint32_t i = 0; i < 10; ++i) feed.change(i % 4, static_cast<seat::WireStatus>(i % 3));
    return run_task(view.refresh()).has_value();
  }();
  check(ready, "the scripted feed answers");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto id = sse::parse_event_id(text)) {
    check(std::to_string(id->value) == text, "an id in another form than ours");
  }
  const sse::SeatStreamChannel channel(EventId{1}, {.first = 1, .count = 4}, view);
  const auto opening = channel.open(text, size);
  check(opening.cursor == view.version().value, "a stream that does not end at the present");
  check(opening.first.starts_with("retry: ") && opening.first.ends_with("\n\n"), "a broken event");
  (void)codec::SeatMapBodies::none_match_names(text, "\"0123456789abcdef-5-json\"");
  return 0;
}
