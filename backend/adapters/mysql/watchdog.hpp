// Watchdog: Connector/C's time-outs begin anew with each byte, so a server (or a network) that lets
// one byte through a second keeps a caller for minutes. The watchdog cuts a connection whose call has
// not ended when it should have; the call then fails as `lost`, like any other.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.hpp"

namespace onsale::mysql {

// Of one connection; owned by it. Cutting never meets another's socket: it has a descriptor of its
// own. One call at a time.
class Watched {
 public:
  explicit Watched(int socket);
  ~Watched();
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  // While it lives a call is under way, which may take `within`; 0: as long as it likes.
  class Call {
   public:
    Call(Watched* watched, Milliseconds within);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Watched* watched_;
  };

 private:
  friend class Watchdog;
  const int socket_;
  std::atomic<std::int64_t> over_at_ms_{0};  // steady clock; 0: no call, or one without an end
};

}  // namespace onsale::mysql
