// A real redis-server of a test's own: a free loopback port, a temporary folder, stopped by its pid.
// Where redis-server is not installed, RedisServer::missing() says so and the test is skipped.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/assert.hpp"
#include "tests/support/temp_folder.hpp"

namespace onsale {

// Whether nobody listens there now; 0: some port that is free, told by its number. 0 if there is none.
inline std::uint16_t try_port(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool is_free = ::bind(fd, reinterpret_cast<sockaddr*>(&at), size) == 0;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  ::close(fd);
  return is_free ? ntohs(at.sin_port) : 0;
}
inline std::uint16_t free_port() {
  const std::uint16_t port = try_port(0);
  check(port != 0, "no free port");
  return port;
}
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
  ~RedisServer() { kill(); }
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] bool running() const { return pid_ > 0; }

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
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string log = folder_.file("log");
    pid_ = ::fork();
    check(pid_ >= 0, "no fork");
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(out, STDOUT_FILENO);
      ::dup2(out, STDERR_FILENO);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    for (int tries = 0; tries < 1000; ++tries) {
      if (cli("PING").find("PONG") != std::string::npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    check(false, "redis-server does not answer");
  }
  // kill -9.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  // It has been told to listen there (CONFIG SET port).
  void move_to(std::uint16_t port) { port_ = port; }
  void freeze() const { ::kill(pid_, SIGSTOP); }
  void thaw() const { ::kill(pid_, SIGCONT); }

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
  pid_t pid_ = -1;
};

}  // namespace onsale
