// One buyer's way of talking to the office: keeps its token, counts what it meets, is patient with
// an office that is away, and never guesses about a request whose answer was lost.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "rehearsal/http_client.hpp"
#include "rehearsal/script.hpp"
#include "rehearsal/stage.hpp"

namespace onsale::rehearsal {

struct Request {
  Call call{};
  std::string_view method;  // a literal
  std::string path;
  std::string headers;  // whole lines, each ended by CRLF
  std::string body;
  Nanos intended = 0;  // when the buyer meant to send it; latency counts from here. 0: now
};

class OfficeClient {
 public:
  enum class Proof : std::uint8_t { bearer, cookie };

  OfficeClient(Stage& stage, std::mt19937_64& random, Proof proof);

  // Sends until there is an answer other than 503 or 429, or patience ends. What cannot have
  // arrived is sent again after a jittered back-off; so is a GET whose answer was lost. Any other
  // request whose answer was lost comes back as Fate::unknown. `sent_at` is the first sending's: a
  // 503 does not prove that nothing happened.
  Script<Answer> ask(Request request);

  [[nodiscard]] bool has_token() const { return !token_.empty(); }
  void hang_up() { connection_.close(); }

 private:
  [[nodiscard]] std::string credentials() const;
  void learn_token(const Response& response);
  void note(Call call, const Answer& answer, Nanos intended);
  Nanos back_off(std::uint32_t attempt);

  Stage& stage_;
  std::mt19937_64& random_;
  Proof proof_;
  std::string token_;
  Connection connection_;
};

// The members of JSON bodies that the rehearsal needs; lax about everything else.
struct RefusedSeat {
  std::uint64_t seat_id = 0;
  SeatStatus status{};
};
struct ProblemBody {
  std::string code;
  std::vector<RefusedSeat> seats;
};
ProblemBody read_problem(std::string_view body);

struct GrantBody {
  std::uint64_t version = 0;
  std::int64_t hold_seconds = 0;
};
std::optional<GrantBody> read_grant(std::string_view body);

struct OrderBody {
  std::string id;
  std::string status;
  std::string reason;  // its code, if cancelled
  std::vector<std::uint64_t> seat_ids;
};
std::optional<OrderBody> read_order(std::string_view body);
std::optional<std::vector<OrderBody>> read_orders(std::string_view body);
// Seat ids of GET /reservations.
std::optional<std::vector<std::uint64_t>> read_live_holds(std::string_view body);

}  // namespace onsale::rehearsal
