// Building and swapping of what is shown.
#include "api/showcase.hpp"

namespace onsale::api {

Shown::Pages::Pages(const catalog::Offer& offer, const catalog::SeatMapView& view)
    : layout(codec::render_layout(offer, codec::Compress::large_ones_later)),
      bodies(offer, view, layout.hash) {}

Shown::Shown(const catalog::Offer& the_offer, catalog::SeatMapView& view)
    : offer(the_offer),
      seat_map(view),
      channel(std::make_shared<sse::SeatStreamChannel>(the_offer.event().id,
                                                       the_offer.event().numbering, view)) {}

Shown::Pages& Shown::pages() {
  std::call_once(once_, [this] { pages_.emplace(offer, seat_map); });
  return *pages_;
}

http::SharedBytes Shown::layout_gzip(codec::LayoutForm form) {
  if (const http::SharedBytes& with_it = layout().of(form).gzip; with_it != nullptr) return with_it;
  const Lock lock(mutex_);
  return layout_gzip_[static_cast<std::size_t>(form)];
}

void Shown::compress_layout() {
  // The form that the page asks for first.
  for (const codec::LayoutForm form : {codec::LayoutForm::compact, codec::LayoutForm::json}) {
    if (layout().of(form).gzip != nullptr) continue;
    http::SharedBytes compressed = codec::compress_layout(layout().of(form));
    const Lock lock(mutex_);
    layout_gzip_[static_cast<std::size_t>(form)] = std::move(compressed);
  }
}

Showcase::Showcase(const catalog::CatalogService& catalog, sse::FanOutPump& pump)
    : catalog_(catalog), pump_(pump) {
  const Lock lock(mutex_);
  tables_.push_back(std::make_unique<const Table>());
  table_.store(tables_.back().get(), std::memory_order_release);
}

Showcase::~Showcase() {
  std::thread preparer;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    preparer = std::move(preparer_);
  }
  if (preparer.joinable()) preparer.join();  // waits for one layout at most
}

void Showcase::show(EventId event) {
  const auto* entry = catalog_.find(event);
  check(entry != nullptr, "an event is shown that the catalogue does not offer");
  auto shown = std::make_unique<Shown>(*entry->offer, *entry->seat_map);
  const Lock lock(mutex_);
  auto table = std::make_unique<Table>(*table_.load(std::memory_order_acquire));
  (*table)[event] = shown.get();
  pump_.attach(shown->channel, shown->seat_map);
  prepare_later(*shown);
  shown_.push_back(std::move(shown));
  table_.store(table.get(), std::memory_order_release);
  tables_.push_back(std::move(table));
}

Shown* Showcase::find(EventId event) const {
  const Table* table = table_.load(std::memory_order_acquire);
  const auto found = table->find(event);
  return found == table->end() ? nullptr : found->second;
}

void Showcase::prepare_later(Shown& shown) {
  to_prepare_.push_back(&shown);
  if (preparing_) return;
  if (preparer_.joinable()) preparer_.join();  // it has nothing more to do
  preparing_ = true;
  preparer_ = std::thread([this] { prepare_all(); });
}

void Showcase::prepare_all() {
  while (true) {
    Shown* next = nullptr;
    {
      const Lock lock(mutex_);
      if (stopping_ || to_prepare_.empty()) {
        preparing_ = false;
        return;
      }
      next = to_prepare_.front();
      to_prepare_.pop_front();
    }
    next->compress_layout();
  }
}

}  // namespace onsale::api
