// SIGINT and SIGTERM as events of the loop: an evening is ended, never torn off.
#pragma once

#include <functional>

#include "rehearsal/loop.hpp"

namespace onsale::rehearsal {

// While it lives the two signals ring `ring` on the loop and do nothing else.
class ClosingBell final : private Loop::Watcher {
 public:
  ClosingBell(Loop& loop, std::function<void()> ring);
  ~ClosingBell() override;
  ClosingBell(const ClosingBell&) = delete;
  ClosingBell& operator=(const ClosingBell&) = delete;

 private:
  void on_ready(std::uint32_t events) override;

  Loop& loop_;
  std::function<void()> ring_;
  int fd_ = -1;
};

}  // namespace onsale::rehearsal
