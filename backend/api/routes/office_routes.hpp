// The office's own calls, on the internal listener only: reset an event, import a hall.
#pragma once

#include "api/call.hpp"
#include "api/codec/import_wish.hpp"
#include "runtime/task.hpp"

namespace onsale::api {

// What the office can do to itself; implemented in app/, where everything is known.
class Office {
 public:
  virtual ~Office() = default;
  // Orders cancelled, money given back, every seat free; the feed's version afterwards.
  virtual Task<Result<Version>> reset(EventId event) = 0;
  // validation_failed with a detail that lists the plan's faults, not_found of the event, …
  virtual Task<Result<ImportReport>> import_hall(ImportWish wish) = 0;
};

class OfficeRoutes {
 public:
  explicit OfficeRoutes(Office& office) : office_(office) {}
  Task<void> reset(Call call) const;
  Task<void> import(Call call) const;

 private:
  Office& office_;
};

}  // namespace onsale::api
