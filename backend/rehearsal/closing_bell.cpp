// signalfd: no handler, no global flag.
#include "rehearsal/closing_bell.hpp"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace onsale::rehearsal {

namespace {
sigset_t the_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}
}  // namespace

ClosingBell::ClosingBell(Loop& loop, std::function<void()> ring)
    : loop_(loop), ring_(std::move(ring)) {
  const sigset_t set = the_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd_ >= 0) loop_.add(fd_, EPOLLIN, *this);
}

ClosingBell::~ClosingBell() {
  if (fd_ >= 0) {
    loop_.remove(fd_);
    ::close(fd_);
  }
  const sigset_t set = the_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void ClosingBell::on_ready(std::uint32_t) {
  signalfd_siginfo signal{};
  if (::read(fd_, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) ring_();
}

}  // namespace onsale::rehearsal
