// PosixFileSystem: the FileSystem port on the machine's own files.
#pragma once

#include "ports/file_system.hpp"

namespace onsale {

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) override;
  Result<std::string> read_all(const std::string& path) override;
  Status replace(const std::string& path, std::string_view bytes) override;
  Status remove(const std::string& path) override;
  Status make_folder(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
};

}  // namespace onsale
