// The hammer's requests: what has to exist before the clock starts (buyers, held seats), and then
// one request after the other, put together by a few copies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rehearsal/http_client.hpp"
#include "rehearsal/loop.hpp"
#include "rehearsal/options.hpp"
#include "rehearsal/script.hpp"
#include "rehearsal/target.hpp"

namespace onsale::rehearsal {

class Magazine {
 public:
  Magazine(Loop& loop, const Target& target, const Options& options);

  // Mints buyers, takes the holds that the shot needs. False: see trouble().
  Script<bool> prepare();
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

  // Appends the next request of a connection. False: there are no more (never, for the shots that
  // repeat). `timed`: its latency belongs in the report (a release between two holds does not).
  bool load(std::uint32_t connection, std::string& out, bool& timed);
  // There will be no more after so many; 0: endless.
  [[nodiscard]] std::uint64_t rounds() const;

 private:
  struct Seat {
    std::uint64_t event = 0;
    std::uint64_t id = 0;
  };
  Script<bool> find_seats();
  // Runs job(0..jobs-1) over some connections at once.
  Script<bool> in_parallel(std::size_t jobs,
                           Script<bool> (Magazine::*job)(std::size_t, Connection&));
  Script<> worker(Connection& connection, Script<bool> (Magazine::*job)(std::size_t, Connection&));
  Script<bool> mint_buyer(std::size_t number, Connection& connection);
  Script<bool> hold_for_buyer(std::size_t number, Connection& connection);
  Script<Answer> ask(std::string request, Connection& connection);

  [[nodiscard]] std::string bearer(std::size_t buyer) const;
  void append_hold(std::string& out, std::size_t buyer, std::size_t first, std::size_t count);
  void append_order(std::string& out, std::size_t buyer, std::size_t first, std::size_t count);
  void append_release(std::string& out, std::size_t buyer, const Seat& seat);
  void append_body_request(std::string& out, std::string_view head, std::size_t buyer);
  void append_seats(std::size_t first, std::size_t count);

  Loop& loop_;
  const Target& target_;
  const Options& options_;
  const HammerOptions& hammer_;
  std::string trouble_;
  std::vector<Seat> seats_;          // AVAILABLE at the start, over all events
  std::vector<std::string> tokens_;  // by buyer
  std::size_t calls_per_buyer_ = 1;
  std::size_t seats_per_buyer_ = 1;
  std::uint64_t next_ = 0;
  std::size_t next_job_ = 0;
  std::size_t jobs_ = 0;
  std::size_t jobs_done_ = 0;
  std::uint32_t hold_seconds_ = 0;
  std::string body_;
  std::string plain_;
  std::string hold_head_;
  std::string order_head_;
  std::vector<std::string> per_connection_;
  struct Turn {
    std::size_t seat = 0;
    bool held = false;
  };
  std::vector<Turn> turns_;  // `hold_release`, by connection
};

}  // namespace onsale::rehearsal
