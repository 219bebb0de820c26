/* Preloaded into a process whose wall clock a test steps: the seconds in the file that STEPPED_CLOCK names (8 bytes) are
   added to CLOCK_REALTIME. The monotonic clock is left alone, as a step leaves it. Plain system calls, because a
   sanitizer's runtime asks for the time before anything is set up. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* step;

__attribute__((constructor)) static void find_step(void) {
  const char* file = getenv("STEPPED_CLOCK");
  if (file == NULL) return;
  const long fd = syscall(SYS_openat, (long)AT_FDCWD, file, (long)(O_RDONLY | O_CLOEXEC), 0L);
  if (fd < 0) return;
  const long at = syscall(SYS_mmap, NULL, sizeof *step, (long)PROT_READ, (long)MAP_SHARED, fd, 0L);
  if (at > 0) step = (const volatile int64_t*)at;
}

static int is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

int clock_gettime(clockid_t clock, struct timespec* at) {
  const int result = (int)syscall(SYS_clock_gettime, clock, at);
  if (result == 0 && step != NULL && is_wall(clock)) at->tv_sec += *step;
  return result;
}

int gettimeofday(struct timeval* restrict at, void* restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != NULL) *at = now.tv_sec;
  return now.tv_sec;
}
