// Kafka's payloads on any bytes: refused with one line, or read; and what is read is written as what
// reads the same again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/kafka/cloud_event.hpp"
#include "base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace onsale;  // NOLINT: one function
  const auto read = cloud_event::decode({reinterpret_cast<const char*>(data), size});
  if (!read) {
    check(!read.error().detail.empty(), "refused without a word");
    return 0;
  }
  const std::string written = cloud_event::encode(*read);
  const auto again = cloud_event::decode(written);
  check(again.has_value(), "what was written cannot be read");
  check(cloud_event::encode(*again) == written, "what was written reads as another");
  return 0;
}
