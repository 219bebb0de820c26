// FaultFileSystem: files in memory that fail as real ones do. A test sets how many bytes the disk
// still has, or after how many written bytes the machine stops; it can flip, cut and copy what is
// there. Not for use by several threads unless only one writes; calls are serialised by a lock.
//
// crash_after(n): the n-th byte from now is the last one written; it and the bytes before it stay,
// every later call fails, as if the process had been killed in the middle of a write. revive() is
// the restart. replace() is atomic: its new content is there wholly or not at all.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.hpp"
#include "ports/file_system.hpp"

namespace onsale {

class FaultFileSystem final : public FileSystem {
 public:
  // No more than `bytes` can be written from now on: a write beyond is short, then refused. nullopt:
  // no limit.
  void disk_space(std::optional<std::uint64_t> bytes) {
    const Lock lock(mutex_);
    space_ = bytes;
  }
  void crash_after(std::uint64_t bytes) {
    const Lock lock(mutex_);
    until_crash_ = bytes;
  }
  [[nodiscard]] bool crashed() {
    const Lock lock(mutex_);
    return crashed_;
  }
  void revive() {
    const Lock lock(mutex_);
    crashed_ = false;
    until_crash_.reset();
  }
  void refuse_truncate(bool refuse) {
    const Lock lock(mutex_);
    refuse_truncate_ = refuse;
  }
  // All bytes written so far, for choosing where to crash.
  [[nodiscard]] std::uint64_t written() {
    const Lock lock(mutex_);
    return written_;
  }

  // The files themselves, for damaging them.
  std::map<std::string, std::string>& files() { return files_; }
  // The only file whose name contains `part`; a bug unless there is exactly one.
  std::string& file_like(std::string_view part) {
    std::string* found = nullptr;
    for (auto& [path, bytes] : files_) {
      if (path.find(part) == std::string::npos) continue;
      check(found == nullptr, "several files have such a name");
      found = &bytes;
    }
    check(found != nullptr, "no file has such a name");
    return *found;
  }

  Result<std::unique_ptr<AppendFile>> open_append(const std::string& path) override {
    const Lock lock(mutex_);
    if (crashed_) return gone();
    files_.try_emplace(path);
    return std::unique_ptr<AppendFile>(std::make_unique<File>(*this, path));
  }
  Result<std::string> read_all(const std::string& path) override {
    const Lock lock(mutex_);
    if (crashed_) return gone();
    const auto found = files_.find(path);
    if (found == files_.end()) return Failure{Code::unavailable, path + ": no such file"};
    return found->second;
  }
  Status replace(const std::string& path, std::string_view bytes) override {
    const Lock lock(mutex_);
    std::string content;
    if (const Status written = write(content, bytes); !written) return written;
    files_[path] = std::move(content);
    return ok();
  }
  Status remove(const std::string& path) override {
    const Lock lock(mutex_);
    if (crashed_) return gone();
    files_.erase(path);
    return ok();
  }
  Status make_folder(const std::string&) override {
    const Lock lock(mutex_);
    return crashed_ ? Status{gone()} : ok();
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    const Lock lock(mutex_);
    if (crashed_) return gone();
    std::vector<std::string> names;
    const std::string prefix = folder + "/";
    for (const auto& [path, bytes] : files_) {
      if (path.starts_with(prefix)) names.push_back(path.substr(prefix.size()));
    }
    return names;
  }

 private:
  class File final : public AppendFile {
   public:
    File(FaultFileSystem& system, std::string path) : system_(system), path_(std::move(path)) {}
    Status append(std::string_view bytes) override {
      const Lock lock(system_.mutex_);
      return system_.write(system_.files_[path_], bytes);
    }
    Status sync() override {
      const Lock lock(system_.mutex_);
      return system_.crashed_ ? Status{gone()} : ok();
    }
    Status truncate(std::uint64_t length) override {
      const Lock lock(system_.mutex_);
      if (system_.crashed_) return gone();
      if (system_.refuse_truncate_) return Failure{Code::unavailable, "Input/output error"};
      system_.files_[path_].resize(length);
      return ok();
    }

   private:
    FaultFileSystem& system_;
    std::string path_;
  };

  static Failure gone() { return {Code::unavailable, "the machine has stopped"}; }

  Status write(std::string& file, std::string_view bytes) ONSALE_REQUIRES(mutex_) {
    if (crashed_) return gone();
    std::uint64_t room = bytes.size();
    if (space_ && *space_ < room) room = *space_;
    if (until_crash_ && *until_crash_ <= room) {
      room = *until_crash_;
      crashed_ = true;
    }
    file.append(bytes.substr(0, room));
    written_ += room;
    if (space_) *space_ -= room;
    if (until_crash_) *until_crash_ -= room;
    if (crashed_) return gone();
    if (room < bytes.size()) return Failure{Code::unavailable, "No space left on device"};
    return ok();
  }

  Mutex mutex_;
  std::map<std::string, std::string> files_;
  std::optional<std::uint64_t> space_ ONSALE_GUARDED_BY(mutex_);
  std::optional<std::uint64_t> until_crash_ ONSALE_GUARDED_BY(mutex_);
  bool crashed_ ONSALE_GUARDED_BY(mutex_) = false;
  bool refuse_truncate_ ONSALE_GUARDED_BY(mutex_) = false;
  std::uint64_t written_ ONSALE_GUARDED_BY(mutex_) = 0;
};

}  // namespace onsale
