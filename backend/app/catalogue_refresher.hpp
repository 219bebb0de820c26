// CatalogueRefresher: keeps a node's catalogue like the database's. A thread of its own asks twice a
// second whether anything was stored (one number, whatever the number of events); if so it reads the
// catalogue and takes over what is new or different: offers it, opens it in the ledger where this
// role has one, and shows it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "adapters/mysql/mysql_catalogue.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "runtime/scheduler.hpp"
#include "services/catalog/catalog_service.hpp"

namespace onsale::app {

struct RefreshTools {
  mysql::MysqlCatalogueStore& store;
  catalog::CatalogService& catalog;
  Scheduler& loop;                    // must turn from start() to stop()
  SeatLedgerAdmin* ledger = nullptr;  // events are opened here
  std::function<void(EventId)> show;  // after an event was offered
};

class CatalogueRefresher {
 public:
  static constexpr Milliseconds kLookEvery{500};

  explicit CatalogueRefresher(RefreshTools tools) : tools_(std::move(tools)) {}
  ~CatalogueRefresher() { stop(); }
  CatalogueRefresher(const CatalogueRefresher&) = delete;
  CatalogueRefresher& operator=(const CatalogueRefresher&) = delete;

  void start();
  // Joins; not from the loop.
  void stop();
  // Every event of the last look is offered and open in the ledger.
  [[nodiscard]] bool in_step() const { return in_step_.load(); }

 private:
  void run();
  bool refresh();
  bool open_in_ledger(const catalog::Offer& offer);

  RefreshTools tools_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::atomic<bool> in_step_{false};
  std::uint64_t revision_ = 0;
  bool looked_ever_ = false;
  std::unordered_map<EventId, const catalog::Offer*> opened_;  // as they were opened
};

}  // namespace onsale::app
