// TcpLink: one outgoing TCP connection as a stream of bytes on a loop, for drivers that speak their
// own protocol (Redis). Knows nothing of what the bytes mean.
//
// All that is written within one turn of the loop leaves in one send: commands of all the requests
// that wait at this moment share a packet and a system call.
//
// Belongs to one loop: made, used and destroyed on the thread that turns it (or before it turns).
// A link is used once: after on_closed, or close(), make a new one. No callback comes after close()
// or after the destructor; on_closed comes at most once. A callback may destroy the link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "runtime/loop.hpp"

namespace onsale {

struct TcpLinkCallbacks {
  std::function<void()> on_open;
  std::function<void(std::string_view)> on_bytes;  // valid for the call only
  // Refused, reset, ended by the other side, not connected in time; `why` is for a person.
  std::function<void(std::string_view why)> on_closed;
};

class TcpLink {
 public:
  TcpLink(AsioScheduler& loop, TcpLinkCallbacks callbacks);
  ~TcpLink();
  TcpLink(const TcpLink&) = delete;
  TcpLink& operator=(const TcpLink&) = delete;

  // Once. `host`: an address or a name. Not open within `within`: on_closed.
  void connect(const std::string& host, std::uint16_t port, Milliseconds within);
  // Before on_open the bytes wait; after on_closed they are dropped.
  void write(std::string_view bytes);
  // Drops the connection at once, whatever is still unsent.
  void close();
  // Bytes written and not yet taken by the kernel.
  [[nodiscard]] std::size_t unsent() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace onsale
