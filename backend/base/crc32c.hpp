// CRC-32C (Castagnoli, RFC 3720 appendix B.4): what the journal's frames are checked with. Uses the
// processor's instruction where there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace onsale {

// The checksum of `bytes`; pass an earlier result as `seed` to go on where it ended.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// The same by table, for machines without the instruction; the tests hold the two together.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace onsale
