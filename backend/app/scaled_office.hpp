// ScaledOffice: one process of an office on several machines. It plays one or more of the four roles;
// seats are in Redis, orders in MySQL, events travel by Kafka, and what another role does is asked of
// its nodes over HTTP. Nothing of an order or a seat is kept here: any number of processes play the
// same role, and each may die.
//
// The data folder holds only where this process listens, its lock, and (unless the settings name
// files) its secrets, which must be the same for all nodes.
#pragma once

#include <memory>

#include "app/config.hpp"
#include "base/result.hpp"

namespace onsale::app {

class ScaledOffice {
 public:
  explicit ScaledOffice(Config config);
  ~ScaledOffice();
  ScaledOffice(const ScaledOffice&) = delete;
  ScaledOffice& operator=(const ScaledOffice&) = delete;

  // Reads secrets, connects to the database, binds the listeners. A failure is one clear line.
  Status open();
  // Serves until SIGTERM or SIGINT has drained it. Returns the process's exit code.
  int run();

 private:
  struct Parts;
  Config config_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace onsale::app
