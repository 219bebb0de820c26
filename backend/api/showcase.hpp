// Showcase: for each event on offer, what its pages are made of: layout body, seat map bodies,
// stream channel. Built when the event is offered, replaced as a whole by a re-import; readers follow
// one atomic pointer. What was replaced is kept, since an answer may still be using it (imports are
// rare and bounded by CatalogLimits::imports_max). Thread-safe.
//
// A hold needs none of these pages, so nobody waits for them at the opening: a thread of the
// showcase's own writes them, one event after the other, and compresses the layouts. Who asks for a
// page before its turn has it written at once and gets it complete; a large layout (a quarter of a
// second to compress) is sent as it is until it is compressed.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "api/codec/layout_json.hpp"
#include "api/codec/seat_map_bodies.hpp"
#include "api/sse/fan_out_pump.hpp"
#include "api/sse/seat_stream.hpp"
#include "base/mutex.hpp"
#include "services/catalog/catalog_service.hpp"

namespace onsale::api {

// Thread-safe.
class Shown {
 public:
  Shown(const catalog::Offer& the_offer, catalog::SeatMapView& view);

  const catalog::Offer& offer;
  catalog::SeatMapView& seat_map;
  std::shared_ptr<sse::SeatStreamChannel> channel;

  // Written by the first who asks; others wait for it meanwhile.
  const codec::LayoutBody& layout() { return pages().layout; }
  codec::SeatMapBodies& bodies() { return pages().bodies; }

  // nullptr: not compressed yet.
  [[nodiscard]] http::SharedBytes layout_gzip(codec::LayoutForm form);
  void compress_layout();

 private:
  struct Pages {
    Pages(const catalog::Offer& offer, const catalog::SeatMapView& view);
    codec::LayoutBody layout;
    codec::SeatMapBodies bodies;
  };
  Pages& pages();

  std::once_flag once_;
  std::optional<Pages> pages_;  // behind once_
  Mutex mutex_;
  std::array<http::SharedBytes, codec::kLayoutForms.size()> layout_gzip_ ONSALE_GUARDED_BY(mutex_);
};

class Showcase {
 public:
  Showcase(const catalog::CatalogService& catalog, sse::FanOutPump& pump);
  ~Showcase();

  // Shows what the catalogue offers for this event now, and fans its changes out. The event's feed
  // must exist.
  void show(EventId event);

  // nullptr: no such event. Good for the showcase's life.
  [[nodiscard]] Shown* find(EventId event) const;

 private:
  using Table = std::unordered_map<EventId, Shown*>;

  void prepare_later(Shown& shown) ONSALE_REQUIRES(mutex_);
  void prepare_all();

  const catalog::CatalogService& catalog_;
  sse::FanOutPump& pump_;
  std::atomic<const Table*> table_;
  Mutex mutex_;
  std::vector<std::unique_ptr<const Table>> tables_ ONSALE_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Shown>> shown_ ONSALE_GUARDED_BY(mutex_);
  std::deque<Shown*> to_prepare_ ONSALE_GUARDED_BY(mutex_);
  bool preparing_ ONSALE_GUARDED_BY(mutex_) = false;
  bool stopping_ ONSALE_GUARDED_BY(mutex_) = false;
  std::thread preparer_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale::api
