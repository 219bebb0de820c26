// What the office tells whoever watches over its process (systemd's notification socket).
#pragma once

#include <string_view>

namespace onsale::app {

// One datagram to the socket that NOTIFY_SOCKET names, "READY=1" or "STOPPING=1". Does nothing when
// nobody listens: an office that was started by hand, a supervisor that has gone.
void tell_supervisor(std::string_view state);

}  // namespace onsale::app
