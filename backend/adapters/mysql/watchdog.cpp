// One thread for all connections of the process, begun with the first of them.
#include "adapters/mysql/watchdog.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
#include "base/steady.hpp"

namespace onsale::mysql {
namespace {

constexpr Milliseconds kLookEvery{250};

}  // namespace

class Watchdog {
 public:
  static Watchdog& of_process() {
    static Watchdog one;
    return one;
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void watch(Watched& one) {
    const Lock lock(mutex_);
    watched_.push_back(&one);
  }
  void leave(Watched& one) {
    const Lock lock(mutex_);
    std::erase(watched_, &one);
  }

 private:
  Watchdog() : thread_([this] { run(); }) {}
  ~Watchdog() {
    {
      const Lock lock(mutex_);
      closing_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  void run() ONSALE_NO_THREAD_ANALYSIS {
    std::unique_lock lock(mutex_.inner());
    while (!closing_) {
      wake_.wait_for(lock, kLookEvery);
      const std::int64_t now = steady_ms();
      for (Watched* one : watched_) {
        std::int64_t over_at = one->over_at_ms_.load();
        if (over_at == 0 || over_at > now) continue;
        if (one->over_at_ms_.compare_exchange_strong(over_at, 0)) {
          ::shutdown(one->socket_, SHUT_RDWR);
        }
      }
    }
  }

  Mutex mutex_;
  std::condition_variable wake_;
  bool closing_ ONSALE_GUARDED_BY(mutex_) = false;
  std::vector<Watched*> watched_ ONSALE_GUARDED_BY(mutex_);
  std::thread thread_;
};

Watched::Watched(int socket) : socket_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)) {
  Watchdog::of_process().watch(*this);
}
Watched::~Watched() {
  Watchdog::of_process().leave(*this);
  if (socket_ >= 0) ::close(socket_);
}

Watched::Call::Call(Watched* watched, Milliseconds within) : watched_(watched) {
  if (watched_ != nullptr && within.count() > 0) {
    watched_->over_at_ms_.store(steady_ms() + within.count());
  }
}
Watched::Call::~Call() {
  if (watched_ != nullptr) watched_->over_at_ms_.store(0);
}

}  // namespace onsale::mysql
