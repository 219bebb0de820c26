// An import runs on its own thread while the loops turn.
#include "app/hall_importer.hpp"

#include <string>
#include <utility>

#include "app/log.hpp"
#include "runtime/completion.hpp"

namespace onsale::app {

Task<Result<api::ImportReport>> HallImporter::run(api::ImportWish wish, Work work,
                                                  Imported imported) {
  if (busy_.exchange(true)) {
    co_return Result<api::ImportReport>{
        Failure{Code::unavailable, "another import is running; try again in a moment"}};
  }
  join();
  Completion<Result<api::ImportReport>> done;
  thread_ = std::thread([this, &done, &work, &imported, wish = std::move(wish)] {
    auto report = work(wish);
    if (report) {
      imported({report->event});
      log(LogLevel::info, "hall imported",
          {{"event", std::to_string(report->event)}, {"seats", std::to_string(report->seats)}});
    }
    busy_ = false;
    done.complete(std::move(report));
  });
  co_return co_await done;
}

}  // namespace onsale::app
