// DataFolder: the folder an office keeps everything in: its lock, its secrets, where it listens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/crypto/hmac_buyer_tokens.hpp"
#include "base/result.hpp"

namespace onsale::app {

struct Endpoints {
  std::string public_url;
  std::string internal_url;
  long pid = 0;
};

class DataFolder {
 public:
  // Makes the folder if need be (mode 0700) and takes its lock. Refused when another office runs on
  // it, when it cannot be written, or when it has no room.
  static Result<DataFolder> take(const std::string& path);
  ~DataFolder();
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

  // The buyer token key and the internal credential; made on first use, mode 0600. Refused if a
  // secret's file can be read by others. `elsewhere`: the file to read instead, which must exist.
  [[nodiscard]] Result<HmacBuyerTokens::Key> token_key(const std::string& elsewhere = {}) const;
  [[nodiscard]] Result<std::string> internal_token(const std::string& elsewhere = {}) const;

  [[nodiscard]] Status write_endpoints(const Endpoints& endpoints) const;
  void remove_endpoints() const;

  // Of a folder another process has taken: where that office listens, and its credential.
  static std::optional<Endpoints> read_endpoints(const std::string& path);
  static std::optional<std::string> read_internal_token(const std::string& path);
  static bool exists(const std::string& path);

 private:
  DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  [[nodiscard]] static Result<std::string> secret(const std::string& path, bool make);

  std::string path_;
  int lock_ = -1;
};

}  // namespace onsale::app
