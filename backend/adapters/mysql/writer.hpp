// Writer: one thread of Writers with its connection and the transaction it has under way.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "adapters/mysql/writers.hpp"

namespace onsale::mysql {

class Writers::Writer {
 public:
  explicit Writer(Writers& all);
  ~Writer();

 private:
  using Steady = std::chrono::steady_clock;
  enum class Tried : std::uint8_t { committed, conflict, busy, lost, lost_at_commit, refused };

  void run();
  // One commit for all of them, or the answers that they get without one.
  void write(Commands batch);
  void write_each(const Commands& batch);
  Tried attempt(Commands& batch, Commands& postponed);
  void answer_settled(Commands& batch);
  void finish(const Commands& batch, End end);
  bool sign();
  void sign_up(Connection& connection);

  bool connect();
  void disconnect();
  bool reconnect(Steady::time_point give_up);
  enum class Asked : std::uint8_t { committed, not_committed, unresolved };
  Asked ask(Steady::time_point give_up);
  void end_old_session();

  Writers& all_;
  Batch rows_;
  Bits128 mark_;             // this writer's name in commit_marks
  bool signed_up_ = false;   // … has its row there
  std::int64_t number_ = 0;  // of the transaction under way
  std::unique_ptr<Connection> connection_;
  std::uint64_t session_ = 0;  // the server's number of it, and where the server saw it come from:
  std::string seen_from_;      // together they tell our old session from somebody else's
  std::thread thread_;
};

}  // namespace onsale::mysql
