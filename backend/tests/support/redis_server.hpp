// A real redis-server of a test's own: a free loopback port, a temporary folder, stopped by its pid.
// Where redis-server is not installed, RedisServer::missing() says so and the test is skipped.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/assert.hpp"
#include "tests/support/server_process.hpp"
#include "tests/support/temp_folder.hpp"

namespace onsale {

// A node of a cluster talks to its like on its port + 10,000.
inline std::uint16_t free_cluster_port() {
  constexpr unsigned kBusOffset = 10'000;
  for (;;) {
    const unsigned port = free_port();
    const unsigned low = 12'000 + port % 20'000;
    if (try_port(static_cast<std::uint16_t>(low)) != 0 &&
        try_port(static_cast<std::uint16_t>(low + kBusOffset)) != 0) {
      return static_cast<std::uint16_t>(low);
    }
  }
}

class RedisServer {
 public:
  // Each as on redis-server's command line, `--appendonly yes`.
  using Settings = std::vector<std::string>;

  static bool missing() {
    static const bool is_missing = std::system("command -v redis-server >/dev/null 2>&1") !=
                                   0;  // NOLINT: a test asks the shell
    return is_missing;
  }

  explicit RedisServer(Settings settings = {}, std::uint16_t port = free_port())
      : settings_(std::move(settings)), port_(port) {
    start();
  }
  // A sentinel with its configuration file, which it rewrites.
  static std::unique_ptr<RedisServer> sentinel(const std::string& config_file) {
    std::unique_ptr<RedisServer> made(new RedisServer({"--sentinel"}, free_port(), config_file));
    made->start();
    return made;
  }
  ~RedisServer() = default;
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return process_.pid(); }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] bool running() const { return process_.running(); }

  // Begins the process in the same folder and waits until it answers.
  void start() {
    std::vector<std::string> words{"redis-server"};
    if (!config_file_.empty()) words.push_back(config_file_);
    for (const char* word : {"--bind", "127.0.0.1", "--daemonize", "no", "--port"}) {
      words.emplace_back(word);
    }
    words.push_back(std::to_string(port_));
    words.insert(words.end(), {"--dir", folder_.file("")});
    if (config_file_.empty()) words.insert(words.end(), {"--save", ""});
    words.insert(words.end(), settings_.begin(), settings_.end());
    process_.begin(std::move(words), folder_.file("log"));
    for (int tries = 0; tries < 1000; ++tries) {
      if (cli("PING").find("PONG") != std::string::npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    check(false, "redis-server does not answer");
  }
  void kill() { process_.kill(); }  // -9
  // It has been told to listen there (CONFIG SET port).
  void move_to(std::uint16_t port) { port_ = port; }
  void freeze() const { process_.freeze(); }
  void thaw() const { process_.thaw(); }

  // What redis-cli prints for a command line.
  std::string cli(const std::string& command, int seconds_max = 5) const {
    const std::string line = "timeout " + std::to_string(seconds_max) +
                             " redis-cli -h 127.0.0.1 -p " + std::to_string(port_) + " " + command +
                             " 2>&1";
    std::FILE* pipe = ::popen(line.c_str(), "r");
    std::string text;
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
    ::pclose(pipe);
    return text;
  }

 private:
  RedisServer(Settings settings, std::uint16_t port, std::string config_file)
      : settings_(std::move(settings)), port_(port), config_file_(std::move(config_file)) {}

  Settings settings_;
  std::uint16_t port_;
  std::string config_file_;  // of a sentinel
  TempFolder folder_;
  ServerProcess process_;  // ends before its folder goes
};

}  // namespace onsale
