// Only in ThreadSanitizer builds: librdkafka uses C11's threads and locks, which the sanitizer does
// not know: it dies at the first thing such a thread does, and sees no order between two threads that
// share such a lock. Here the calls go by their pthread counterparts, which it does know (glibc's C11
// types are the pthread ones under another name). The library itself is not instrumented; what it
// calls is not judged.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace {

struct Start {
  thrd_start_t run;
  void* with;
};

void* run(void* opaque) {
  const std::unique_ptr<Start> start(static_cast<Start*>(opaque));
  const auto result = static_cast<std::intptr_t>(start->run(start->with));
  return reinterpret_cast<void*>(result);
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t start, void* with) {
  auto held = std::make_unique<Start>(Start{start, with});
  if (pthread_create(thread, nullptr, run, held.get()) != 0) return thrd_error;
  static_cast<void>(held.release());
  return thrd_success;
}

int thrd_join(thrd_t thread, int* result) {
  void* told = nullptr;
  if (pthread_join(thread, &told) != 0) return thrd_error;
  if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(told));
  return thrd_success;
}

int mtx_lock(mtx_t* mutex) {
  return pthread_mutex_lock(reinterpret_cast<pthread_mutex_t*>(mutex)) == 0 ? thrd_success
                                                                            : thrd_error;
}

int mtx_unlock(mtx_t* mutex) {
  return pthread_mutex_unlock(reinterpret_cast<pthread_mutex_t*>(mutex)) == 0 ? thrd_success
                                                                              : thrd_error;
}

int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return pthread_cond_wait(reinterpret_cast<pthread_cond_t*>(condition),
                           reinterpret_cast<pthread_mutex_t*>(mutex)) == 0
             ? thrd_success
             : thrd_error;
}

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  switch (pthread_cond_timedwait(reinterpret_cast<pthread_cond_t*>(condition),
                                 reinterpret_cast<pthread_mutex_t*>(mutex), until)) {
    case 0:
      return thrd_success;
    case ETIMEDOUT:
      return thrd_timedout;
    default:
      return thrd_error;
  }
}

const char* __tsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier): its name
  return "called_from_lib:librdkafka\n";
}
}
