// Files of the data folder. Plain POSIX: these are few, small, and made once.
#include "app/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace onsale::app {
namespace {

constexpr std::uintmax_t kRoomMin = 32ULL << 20U;
constexpr char kHex[] = "0123456789abcdef";

Failure broken(std::string detail) { return {Code::unavailable, std::move(detail)}; }

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

// Written beside, then renamed: never half there.
Status write_file(const std::string& path, const std::string& bytes, mode_t mode) {
  const std::string beside = path + ".new";
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return broken("cannot write " + path + ": " + std::strerror(errno));
  const bool written =
      ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
      ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) {
    ::unlink(beside.c_str());
    return broken("cannot write " + path + ": " + std::strerror(written ? errno : error));
  }
  return ok();
}

}  // namespace

Result<DataFolder> DataFolder::take(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    std::filesystem::create_directories(path, error);
    if (error) return broken("cannot make the data folder " + path + ": " + error.message());
    ::chmod(path.c_str(), 0700);
  }
  const std::string lock_path = path + "/lock";
  const int fd = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return broken("cannot write to the data folder " + path + ": " + std::strerror(errno));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    const auto running = read_endpoints(path);
    return broken(
        "another office is running on the data folder " + path +
        (running ? " (process " + std::to_string(running->pid) + ", " + running->public_url + ")"
                 : std::string{}) +
        "; stop it or choose another with --data-dir");
  }
  const auto room = std::filesystem::space(path, error);
  if (!error && room.available < kRoomMin) {
    ::close(fd);
    return broken("no room on the disk of " + path + ": " + std::to_string(room.available >> 20U) +
                  " MiB free, 32 MiB needed");
  }
  return DataFolder{path, fd};
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
  if (lock_ >= 0) ::close(lock_);
}

Result<std::string> DataFolder::secret(const std::string& path, bool make) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    if (!make) return broken("cannot read the secret " + path + ": " + std::strerror(errno));
    const auto key = random_key();
    std::string text;
    for (const unsigned char byte : key) {
      text.push_back(kHex[byte >> 4U]);
      text.push_back(kHex[byte & 15U]);
    }
    if (const Status written = write_file(path, text + "\n", 0600); !written)
      return written.error();
    return text;
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return broken(path + " can be read by others; make it private with: chmod 600 " + path);
  }
  auto text = read_file(path);
  if (!text) return broken("cannot read " + path);
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  if (text->size() < 32) return broken(path + " is damaged: it must be at least 32 characters");
  return std::move(*text);
}

Result<HmacBuyerTokens::Key> DataFolder::token_key(const std::string& elsewhere) const {
  const std::string path = elsewhere.empty() ? file("token.key") : elsewhere;
  const auto text = secret(path, elsewhere.empty());
  if (!text) return text.error();
  HmacBuyerTokens::Key key{};
  const auto value_of = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = 2 * i + 1 < text->size() ? value_of((*text)[2 * i]) : -1;
    const int low = 2 * i + 1 < text->size() ? value_of((*text)[2 * i + 1]) : -1;
    if (high < 0 || low < 0) return broken(path + " is damaged: it must be 64 hex digits");
    key[i] = static_cast<unsigned char>(high << 4 | low);
  }
  return key;
}

Result<std::string> DataFolder::internal_token(const std::string& elsewhere) const {
  return secret(elsewhere.empty() ? file("internal.token") : elsewhere, elsewhere.empty());
}

Status DataFolder::write_endpoints(const Endpoints& endpoints) const {
  const boost::json::object out{{"public", endpoints.public_url},
                                {"internal", endpoints.internal_url},
                                {"pid", endpoints.pid}};
  return write_file(file("endpoints.json"), boost::json::serialize(out) + "\n", 0644);
}

void DataFolder::remove_endpoints() const { ::unlink(file("endpoints.json").c_str()); }

std::optional<Endpoints> DataFolder::read_endpoints(const std::string& path) {
  const auto text = read_file(path + "/endpoints.json");
  if (!text) return std::nullopt;
  boost::system::error_code error;
  const auto value = boost::json::parse(*text, error);
  if (error || !value.is_object()) return std::nullopt;
  const auto& object = value.get_object();
  const auto* pub = object.if_contains("public");
  const auto* internal = object.if_contains("internal");
  const auto* pid = object.if_contains("pid");
  if (pub == nullptr || internal == nullptr || pid == nullptr || !pub->is_string() ||
      !internal->is_string() || !pid->is_int64()) {
    return std::nullopt;
  }
  return Endpoints{std::string{pub->get_string()}, std::string{internal->get_string()},
                   static_cast<long>(pid->get_int64())};
}

std::optional<std::string> DataFolder::read_internal_token(const std::string& path) {
  auto text = read_file(path + "/internal.token");
  if (!text) return std::nullopt;
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return text;
}

bool DataFolder::exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path + "/office.sqlite", error);
}

}  // namespace onsale::app
