// Building and swapping of what is shown.
#include "api/showcase.hpp"

namespace onsale::api {

Shown::Shown(const catalog::Offer& the_offer, catalog::SeatMapView& view)
    : offer(the_offer),
      seat_map(view),
      layout(codec::render_layout(the_offer, codec::Compress::large_ones_later)),
      bodies(the_offer, view, layout.hash),
      channel(std::make_shared<sse::SeatStreamChannel>(the_offer.event().id,
                                                       the_offer.event().numbering, view)),
      layout_gzip_(layout.json_gzip) {}

http::SharedBytes Shown::layout_gzip() const {
  const Lock lock(mutex_);
  return layout_gzip_;
}

void Shown::compress_layout() {
  http::SharedBytes compressed = codec::compress_layout(layout);
  const Lock lock(mutex_);
  layout_gzip_ = std::move(compressed);
}

Showcase::Showcase(const catalog::CatalogService& catalog, sse::FanOutPump& pump)
    : catalog_(catalog), pump_(pump) {
  const Lock lock(mutex_);
  tables_.push_back(std::make_unique<const Table>());
  table_.store(tables_.back().get(), std::memory_order_release);
}

Showcase::~Showcase() {
  std::thread compressor;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    compressor = std::move(compressor_);
  }
  if (compressor.joinable()) compressor.join();  // waits for one layout at most
}

void Showcase::show(EventId event) {
  const auto* entry = catalog_.find(event);
  check(entry != nullptr, "an event is shown that the catalogue does not offer");
  auto shown = std::make_unique<Shown>(*entry->offer, *entry->seat_map);
  const Lock lock(mutex_);
  auto table = std::make_unique<Table>(*table_.load(std::memory_order_acquire));
  (*table)[event] = shown.get();
  pump_.attach(shown->channel, shown->seat_map);
  if (shown->layout_gzip() == nullptr) compress_later(*shown);
  shown_.push_back(std::move(shown));
  table_.store(table.get(), std::memory_order_release);
  tables_.push_back(std::move(table));
}

Shown* Showcase::find(EventId event) const {
  const Table* table = table_.load(std::memory_order_acquire);
  const auto found = table->find(event);
  return found == table->end() ? nullptr : found->second;
}

void Showcase::compress_later(Shown& shown) {
  to_compress_.push_back(&shown);
  if (compressing_) return;
  if (compressor_.joinable()) compressor_.join();  // it has nothing more to do
  compressing_ = true;
  compressor_ = std::thread([this] { compress_all(); });
}

void Showcase::compress_all() {
  while (true) {
    Shown* next = nullptr;
    {
      const Lock lock(mutex_);
      if (stopping_ || to_compress_.empty()) {
        compressing_ = false;
        return;
      }
      next = to_compress_.front();
      to_compress_.pop_front();
    }
    next->compress_layout();
  }
}

}  // namespace onsale::api
