// A mutex that clang's thread-safety analysis understands (-Wthread-safety): data is declared with
// ONSALE_GUARDED_BY and the compiler refuses an access without the lock. The macros are attributes
// only; they steer nothing. Locks are never held across a co_await.
#pragma once

#include <mutex>

#if defined(__clang__)
#define ONSALE_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define ONSALE_THREAD_ATTRIBUTE(x)
#endif
#define ONSALE_CAPABILITY(x) ONSALE_THREAD_ATTRIBUTE(capability(x))
#define ONSALE_SCOPED_CAPABILITY ONSALE_THREAD_ATTRIBUTE(scoped_lockable)
#define ONSALE_GUARDED_BY(x) ONSALE_THREAD_ATTRIBUTE(guarded_by(x))
#define ONSALE_REQUIRES(...) ONSALE_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ONSALE_ACQUIRE(...) ONSALE_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define ONSALE_RELEASE(...) ONSALE_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define ONSALE_NO_THREAD_ANALYSIS ONSALE_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace onsale {

class ONSALE_CAPABILITY("mutex") Mutex {
 public:
  void lock() ONSALE_ACQUIRE() { inner_.lock(); }
  void unlock() ONSALE_RELEASE() { inner_.unlock(); }
  std::mutex& inner() { return inner_; }  // for std::condition_variable

 private:
  std::mutex inner_;
};

template <typename M>
class ONSALE_SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(M& mutex) ONSALE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() ONSALE_RELEASE() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  M& mutex_;
};

}  // namespace onsale
