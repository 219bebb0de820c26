// A real mariadbd of a test's own: a free loopback port, a temporary folder, ended by its pid. The
// data folder is made once and copied, because making one takes seconds. Where mariadb-server is not
// installed, MariadbServer::missing() says so and the test is skipped.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/migrations.hpp"
#include "base/assert.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

namespace onsale {

class MariadbServer {
 public:
  // Each as on mariadbd's command line, `--max-connections=10`.
  using Settings = std::vector<std::string>;

  static bool missing() {
    static const bool is_missing =
        std::system("command -v mariadbd mariadb-install-db >/dev/null 2>&1") != 0;  // NOLINT
    return is_missing;
  }

  explicit MariadbServer(Settings settings = {}) : settings_(std::move(settings)) {
    port_ = free_port();
    copy_template();
    start();
  }
  ~MariadbServer() = default;
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return process_.pid(); }

  // Root's, with all rights; "mysql" is a database that is always there.
  [[nodiscard]] mysql::Endpoint endpoint(const std::string& database = "mysql") const {
    mysql::Endpoint endpoint;
    endpoint.port = port_;
    endpoint.user = "root";
    endpoint.database = database;
    return endpoint;
  }
  // A database of a new name, migrated.
  mysql::Endpoint fresh(mysql::Schema schema) {
    static std::atomic<int> made{0};
    const std::string name = "t" + std::to_string(++made);
    run("CREATE DATABASE " + name);
    const auto migrated = mysql::migrate(endpoint(name), schema);
    check(migrated.has_value(), "the fresh database cannot be migrated");
    return endpoint(name);
  }
  // One statement as root.
  void run(const std::string& sql, const std::string& database = "mysql") const {
    auto connection = mysql::Connection::open(endpoint(database), {});
    check(connection.has_value(), "mariadbd cannot be reached");
    check((*connection)->execute(sql), "mariadbd refused a statement of the test's");
  }

  // Begins the process in the same folder and waits until it answers.
  void start() {
    std::vector<std::string> words{"mariadbd",
                                   "--no-defaults",
                                   "--user=" + std::string(geteuid() == 0 ? "root" : ""),
                                   "--datadir=" + folder_.file("data"),
                                   "--socket=" + folder_.file("s"),
                                   "--port=" + std::to_string(port_),
                                   "--bind-address=127.0.0.1",
                                   "--innodb-buffer-pool-size=64M",
                                   "--innodb-log-file-size=48M",
                                   "--performance-schema=OFF",
                                   "--character-set-server=utf8mb4",
                                   "--default-time-zone=+00:00",
                                   "--skip-name-resolve"};
    if (geteuid() != 0) words.erase(words.begin() + 2);
    words.insert(words.end(), settings_.begin(), settings_.end());
    process_.begin(std::move(words), folder_.file("log"));
    for (int tries = 0; tries < 3000; ++tries) {
      if (mysql::Connection::open(endpoint(), {})) return;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    check(false, "mariadbd does not answer");
  }
  void kill() { process_.kill(); }  // -9
  void freeze() const { process_.freeze(); }
  void thaw() const { process_.thaw(); }

 private:
  // Made by whoever comes first, complete or not at all.
  void copy_template() const {
    namespace fs = std::filesystem;
    const std::string base =
        (fs::temp_directory_path() / ("onsale-mariadb-" + std::to_string(geteuid()))).string();
    const int lock = ::open((base + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    check(lock >= 0 && ::flock(lock, LOCK_EX) == 0, "the template's lock cannot be had");
    if (!fs::exists(base)) {
      fs::remove_all(base + ".new");
      const std::string user = geteuid() == 0 ? " --user=root" : "";
      const std::string make = "mariadb-install-db --no-defaults --datadir=" + base + ".new" +
                               user +
                               " --auth-root-authentication-method=normal --skip-test-db "
                               ">/dev/null 2>&1";
      check(std::system(make.c_str()) == 0, "mariadb-install-db failed");  // NOLINT
      fs::rename(base + ".new", base);
    }
    ::close(lock);
    fs::copy(base, folder_.file("data"), fs::copy_options::recursive);
  }

  Settings settings_;
  std::uint16_t port_ = 0;
  TempFolder folder_;
  ServerProcess process_;  // ends before its folder goes
};

}  // namespace onsale
