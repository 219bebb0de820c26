// How often this disk can be told to keep something: the denominator of durable orders a second.
// One thread writes 4 KiB and waits with fdatasync(), again and again: what a store pays for commits
// that nobody shares. Once over blocks that the file has already (the harder denominator), once at
// the file's growing end. Prints one JSON object.
//
//   sync_loop FOLDER [SECONDS]      SECONDS for each of the two
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kPages = 1024;

int fail(const char* what) {
  std::perror(what);
  return 1;
}

// Writes and waits for `wanted` seconds; fails by ending the program.
void measure(int file, bool at_the_end, double wanted, const char* name) {
  std::vector<char> page(kPage, 'x');
  std::vector<double> each_us;
  const auto begun = Clock::now();
  auto before = begun;
  double seconds = 0;
  for (std::size_t i = 0; seconds < wanted; ++i) {
    page[i % kPage] = static_cast<char>('a' + i % 26);
    const auto at = static_cast<off_t>((at_the_end ? kPages + i : i % kPages) * kPage);
    if (::pwrite(file, page.data(), kPage, at) != static_cast<ssize_t>(kPage)) {
      std::exit(fail("sync_loop: write"));
    }
    if (::fdatasync(file) != 0) std::exit(fail("sync_loop: fdatasync"));
    const auto now = Clock::now();
    each_us.push_back(std::chrono::duration<double, std::micro>(now - before).count());
    seconds = std::chrono::duration<double>(now - begun).count();
    before = now;
  }
  std::sort(each_us.begin(), each_us.end());
  const auto at = [&each_us](double share) {
    return each_us[static_cast<std::size_t>(share * static_cast<double>(each_us.size() - 1))];
  };
  std::printf("\"%s\": {\"syncs\": %zu, \"per_second\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f}",
              name, each_us.size(), static_cast<double>(each_us.size()) / seconds, at(0.5),
              at(0.99));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: sync_loop FOLDER [SECONDS]\n");
    return 2;
  }
  const double wanted = argc > 2 ? std::atof(argv[2]) : 1;
  const std::string path = std::string(argv[1]) + "/sync_loop.tmp";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return fail("sync_loop: open");
  ::unlink(path.c_str());
  const std::vector<char> page(kPage, 'x');
  for (std::size_t i = 0; i < kPages; ++i) {
    if (::write(file, page.data(), kPage) != static_cast<ssize_t>(kPage)) return fail("write");
  }
  if (::fsync(file) != 0) return fail("sync_loop: fsync");
  std::printf("{");
  measure(file, false, wanted, "overwrite");
  std::printf(", ");
  measure(file, true, wanted, "append");
  std::printf("}\n");
  return 0;
}
