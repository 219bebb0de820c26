// Tasks over the lane's errands.
#include "adapters/redis/errands.hpp"

#include <utility>

namespace onsale::redis {

Task<Result<Errand::Found>> ask(Lane& lane, const Options& options, EventId event,
                                std::function<std::string(const Binding&)> command, Needs needs,
                                std::string fence) {
  Errand errand;
  errand.event = event;
  errand.command = std::move(command);
  errand.needs_open = needs == Needs::open_event;
  errand.fence = std::move(fence);
  errand.give_up = std::chrono::steady_clock::now() + options.call_within;
  lane.ask(errand);
  Result<Errand::Found> found = co_await errand.done;
  co_return found;
}

Task<void> pause(Lane& lane, Milliseconds time) {
  Completion<Unit> over;
  lane.loop().post_after(time, [&over] { over.complete(Unit{}); });
  co_await over;
}

}  // namespace onsale::redis
