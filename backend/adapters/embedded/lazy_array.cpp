// Memory for large arrays: anonymous mappings, huge pages if the machine gives them.
#include "adapters/embedded/lazy_array.hpp"

#include <sys/mman.h>

#include <cstdlib>

#include "base/assert.hpp"

namespace onsale::detail {
namespace {

// The heap would clear a recycled block at once, and so touch it.
constexpr std::size_t kMappedBytesMin = 64U << 10U;
constexpr std::size_t kHugeBytesMin = 4U << 20U;

}  // namespace

void* lazy_allocate(std::size_t bytes) {
  if (bytes < kMappedBytesMin) {
    void* block = std::calloc(bytes == 0 ? 1 : bytes, 1);
    check(block != nullptr, "out of memory for a ledger");
    return block;
  }
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  check(mapped != MAP_FAILED, "out of memory for a ledger");
  if (bytes >= kHugeBytesMin) ::madvise(mapped, bytes, MADV_HUGEPAGE);
  return mapped;
}

void lazy_free(void* at, std::size_t bytes) noexcept {
  if (at == nullptr) return;
  if (bytes < kMappedBytesMin) {
    std::free(at);
  } else {
    ::munmap(at, bytes);
  }
}

}  // namespace onsale::detail
