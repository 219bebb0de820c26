// Reading a journal's folder back, believing only what is whole: the newest good snapshot, then the
// segments after it in unbroken order, up to the first frame that is not right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/embedded/journal.hpp"
#include "base/result.hpp"
#include "ports/file_system.hpp"

namespace onsale::journal {

inline constexpr std::string_view kSegment = "journal";
inline constexpr std::string_view kSnapshot = "snapshot";

// <folder>/<kind>-<number>-<epoch>, digits padded so that names sort by number.
std::string path_of(const std::string& folder, std::string_view kind, std::uint64_t number,
                    std::uint32_t epoch);

struct Recovered {
  RecoveryReport report;
  std::uint64_t next_segment = 0;  // the number for the segment to begin
  std::uint64_t tail_bytes = 0;    // of segments that the next start would read again
};

// Fills `state`; changes no file. If the report has faults, the files no longer tell the state: a
// snapshot must be written before anything is added to them. Fails only if the folder cannot be read
// or a newer format wrote it.
Result<Recovered> recover(FileSystem& files, const std::string& folder, JournalledState& state);

// Removes segments and snapshots numbered below `number`.
Status remove_before(FileSystem& files, const std::string& folder, std::uint64_t number);

}  // namespace onsale::journal
