// Showcase: for each event on offer, what its pages are made of: layout body, seat map bodies,
// stream channel. Built when the event is offered, replaced as a whole by a re-import; readers follow
// one atomic pointer. What was replaced is kept, since an answer may still be using it (imports are
// rare and bounded by CatalogLimits::imports_max). Thread-safe.
//
// The layouts of large halls are compressed by a thread of the showcase's own: a stadium's takes a
// quarter of a second, and nobody should wait for that at the opening. Until then they are sent as
// they are.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
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

struct Shown {
  Shown(const catalog::Offer& the_offer, catalog::SeatMapView& view);

  const catalog::Offer& offer;
  catalog::SeatMapView& seat_map;
  codec::LayoutBody layout;
  codec::SeatMapBodies bodies;
  std::shared_ptr<sse::SeatStreamChannel> channel;

  // nullptr: not compressed yet.
  [[nodiscard]] http::SharedBytes layout_gzip() const;
  void compress_layout();

 private:
  mutable Mutex mutex_;
  http::SharedBytes layout_gzip_ ONSALE_GUARDED_BY(mutex_);
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

  void compress_later(Shown& shown) ONSALE_REQUIRES(mutex_);
  void compress_all();

  const catalog::CatalogService& catalog_;
  sse::FanOutPump& pump_;
  std::atomic<const Table*> table_;
  Mutex mutex_;
  std::vector<std::unique_ptr<const Table>> tables_ ONSALE_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Shown>> shown_ ONSALE_GUARDED_BY(mutex_);
  std::deque<Shown*> to_compress_ ONSALE_GUARDED_BY(mutex_);
  bool compressing_ ONSALE_GUARDED_BY(mutex_) = false;
  bool stopping_ ONSALE_GUARDED_BY(mutex_) = false;
  std::thread compressor_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale::api
