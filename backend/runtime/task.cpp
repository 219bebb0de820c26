// The free lists of coroutine frames.
#include "runtime/task.hpp"

#include <array>
#include <cstdlib>

namespace onsale::detail {
namespace {

constexpr std::size_t kClassBytes = 128;
constexpr std::size_t kClasses = 16;        // frames up to 2 KiB are recycled
constexpr std::size_t kKeptPerClass = 256;  // per thread: at most 4 MiB in all

struct Block {
  Block* next;
};

struct FreeLists {
  std::array<Block*, kClasses> head{};
  std::array<std::size_t, kClasses> kept{};
  ~FreeLists() {
    for (std::size_t i = 0; i < kClasses; ++i) {
      while (head[i] != nullptr) {
        Block* block = head[i];
        head[i] = block->next;
        std::free(block);
      }
      kept[i] = kKeptPerClass;  // frames freed while the thread ends go straight to the heap
    }
  }
};

thread_local FreeLists lists;

std::size_t class_of(std::size_t bytes) { return (bytes - 1) / kClassBytes; }

}  // namespace

void* allocate_frame(std::size_t bytes) {
  const std::size_t index = class_of(bytes);
  if (index < kClasses && lists.head[index] != nullptr) {
    Block* block = lists.head[index];
    lists.head[index] = block->next;
    --lists.kept[index];
    return block;
  }
  void* frame = std::malloc(index < kClasses ? (index + 1) * kClassBytes : bytes);
  check(frame != nullptr, "out of memory for a coroutine frame");
  return frame;
}

void free_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t index = class_of(bytes);
  if (index < kClasses && lists.kept[index] < kKeptPerClass) {
    auto* block = static_cast<Block*>(frame);
    block->next = lists.head[index];
    lists.head[index] = block;
    ++lists.kept[index];
    return;
  }
  std::free(frame);
}

}  // namespace onsale::detail
