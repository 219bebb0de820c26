// The refresher's thread.
#include "app/catalogue_refresher.hpp"

#include "app/log.hpp"
#include "app/restoring.hpp"
#include "app/run_on.hpp"
#include "app/waiting_ledger_admin.hpp"

namespace onsale::app {

void CatalogueRefresher::start() {
  thread_ = std::thread([this] { run(); });
}

void CatalogueRefresher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CatalogueRefresher::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    in_step_.store(refresh());
    lock.lock();
    wake_.wait_for(lock, kLookEvery, [this] { return stopped_; });
  }
}

// False: the database or the ledger could not be asked; the next look tries again.
bool CatalogueRefresher::refresh() {
  const auto revision = run_on(tools_.loop, [this] { return tools_.store.revision(); });
  if (!revision) return false;
  if (!looked_ever_ || *revision != revision_) {
    auto entries = tools_.store.load();
    if (!entries) return false;
    for (CatalogueEntry& entry : *entries) {
      const EventId id = entry.event.id;
      const auto* offered = tools_.catalog.find(id);
      const bool same = offered != nullptr && offered->offer->event() == entry.event &&
                        offered->offer->hall() == entry.hall;
      if (same) continue;
      if (const Status adopted = tools_.catalog.adopt(std::move(entry)); !adopted) {
        log(LogLevel::error, "catalogue", {{"fault", adopted.error().detail}});
        return false;
      }
      log(LogLevel::info, "event offered", {{"event", std::to_string(id.value)}});
    }
    revision_ = *revision;
    looked_ever_ = true;
  }
  bool all = true;
  for (const auto& entry : tools_.catalog.all()) {
    const catalog::Offer*& opened = opened_[entry.offer->event().id];
    if (opened == entry.offer) continue;
    if (!open_in_ledger(*entry.offer)) {
      all = false;
      continue;
    }
    opened = entry.offer;
    if (tools_.show) tools_.show(entry.offer->event().id);
  }
  return all;
}

bool CatalogueRefresher::open_in_ledger(const catalog::Offer& offer) {
  if (tools_.ledger == nullptr) return true;
  WaitingLedgerAdmin ledger(tools_.loop, *tools_.ledger);
  const HallOnSale on_sale{.event = &offer.event(), .hall = &offer.hall()};
  const Status opened = app::open_in_ledger(ledger, on_sale);
  return opened.has_value();
}

}  // namespace onsale::app
