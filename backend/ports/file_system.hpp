// FileSystem: the files an embedded adapter writes, behind a port so that tests can tear, flip,
// shorten and refuse writes. The real adapter is POSIX.
// Every call answers unavailable with a detail ("No space left on device") when the system refuses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace onsale {

// One open file, append-only. Not thread-safe.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  // All of `bytes` reach the kernel, or a failure (some prefix may have been written).
  virtual Status append(std::string_view bytes) = 0;
  virtual Status sync() = 0;  // fdatasync
  virtual Status truncate(std::uint64_t length) = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) = 0;
  virtual Result<std::string> read_all(const std::string& path) = 0;
  // Writes a whole file so that after a crash either the old or the new content is there.
  virtual Status replace(const std::string& path, std::string_view bytes) = 0;
  virtual Status remove(const std::string& path) = 0;  // a missing file is success
  virtual Status make_folder(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;  // names, sorted
};

}  // namespace onsale
