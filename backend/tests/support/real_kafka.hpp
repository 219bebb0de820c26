// RealKafka: one real broker, started by tools/kafka in a temporary folder, stopped by its pid. Where
// it cannot be had, start() tells why and the test skips itself.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "base/assert.hpp"
#include "tests/support/temp_folder.hpp"

namespace onsale {

class RealKafka {
 public:
  // nullptr: it cannot be had here, and `why` says why.
  static std::unique_ptr<RealKafka> start(std::string& why) {
    std::unique_ptr<RealKafka> kafka{new RealKafka};
    int code = 0;
    const std::string told = kafka->tool("start", code);
    if (code == 77) {
      why = told;
      return nullptr;
    }
    check(code == 0, "tools/kafka start failed");
    kafka->brokers_ = told;
    return kafka;
  }
  ~RealKafka() {
    int code = 0;
    tool("stop", code);
  }
  RealKafka(const RealKafka&) = delete;
  RealKafka& operator=(const RealKafka&) = delete;

  [[nodiscard]] const std::string& brokers() const { return brokers_; }

  // kill -9, and gone when this returns.
  void kill() {
    pid_t pid = 0;
    std::ifstream(folder_.file("broker/kafka.pid")) >> pid;
    check(pid > 1, "no broker to kill");
    ::kill(pid, SIGKILL);
    while (::kill(pid, 0) == 0 && !is_zombie(pid)) {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }
  // On the same port, with what is in the folder.
  void start_again() {
    int code = 0;
    const std::string told = tool("start", code);
    check(code == 0 && told == brokers_, "the broker does not come back");
  }

 private:
  RealKafka() = default;

  static bool is_zombie(pid_t pid) {
    std::string word;
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    stat >> word >> word >> word;
    return word == "Z";
  }
  std::string tool(const std::string& verb, int& code) {
    const std::string command =
        std::string{ONSALE_TOOLS} + "/kafka " + verb + " " + folder_.file("broker");
    FILE* const pipe = ::popen(command.c_str(), "r");
    check(pipe != nullptr, "no process for tools/kafka");
    std::string told;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) told += static_cast<char>(c);
    code = WEXITSTATUS(::pclose(pipe));
    while (!told.empty() && told.back() == '\n') told.pop_back();
    return told;
  }

  TempFolder folder_;
  std::string brokers_;
};

}  // namespace onsale
