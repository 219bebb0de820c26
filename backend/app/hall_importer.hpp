// HallImporter: imports for a running office, one at a time, on a thread of its own: an import reads
// files and writes the store, and no loop may wait for either.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "api/codec/import_wish.hpp"
#include "app/importing.hpp"
#include "runtime/task.hpp"

namespace onsale::app {

class HallImporter {
 public:
  ~HallImporter() { join(); }

  // `work` runs on the importer's thread; `imported` there too, after a success. unavailable while
  // another import is running.
  using Work = std::function<Result<api::ImportReport>(const api::ImportWish&)>;
  using Imported = std::function<void(EventId)>;
  Task<Result<api::ImportReport>> run(api::ImportWish wish, Work work, Imported imported);

  [[nodiscard]] bool busy() const { return busy_; }
  // Not from a loop that an import may wait for.
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
  std::atomic<bool> busy_{false};
};

}  // namespace onsale::app
