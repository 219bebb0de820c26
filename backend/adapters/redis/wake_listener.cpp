// Tracking over a connection of its own.
#include "adapters/redis/wake_listener.hpp"

namespace onsale::redis {

WakeListener::WakeListener(AsioScheduler&, const Options&, std::function<void(EventId)>,
                           std::function<void(std::string_view)>) {}
WakeListener::~WakeListener() = default;
void WakeListener::start() {}
void WakeListener::stop() {}

}  // namespace onsale::redis
