// Office: the whole ticket office in one process, wired together: the one place that knows every
// adapter. Built in order, each part before those that need it; stopped in the reverse order.
//
// A data folder has one office at a time (an flock on <data>/lock). What is in it:
//   token.key, internal.token   secrets, mode 0600        office.sqlite   orders, catalogue
//   journal/                    the ledger's journal      provider.sqlite the mock provider's book
//   endpoints.json              while it runs: where it listens
#pragma once

#include <memory>
#include <string>

#include "app/config.hpp"
#include "base/result.hpp"

namespace onsale::app {

class OfficeProcess {
 public:
  explicit OfficeProcess(Config config);
  ~OfficeProcess();
  OfficeProcess(const OfficeProcess&) = delete;
  OfficeProcess& operator=(const OfficeProcess&) = delete;

  // Opens the data folder, restores seats and orders, binds the listeners. A failure is one clear
  // line.
  Status open();
  // Serves until SIGTERM or SIGINT has drained it. Returns the process's exit code.
  int run();

 private:
  struct Parts;
  std::unique_ptr<Config> pending_;  // until open()
  std::unique_ptr<Parts> parts_;
};

}  // namespace onsale::app
