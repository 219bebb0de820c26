// The wire form of a seat ledger's answers, as api/routes/internal_seat_routes.cpp writes them: a
// success is a small JSON object, a refusal the house's error body with its code and seats.
// Whatever cannot be understood is `unavailable`: it cannot be known what happened.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ports/seat_ledger.hpp"
#include "runtime/http/client.hpp"

namespace onsale::peers {

// ---- questions: members of a JSON object, appended one after the other
class JsonBody {
 public:
  JsonBody& number(std::string_view name, std::int64_t value);
  JsonBody& id(std::string_view name, std::uint64_t value);
  JsonBody& uuid(std::string_view name, Bits128 bits);
  JsonBody& text(std::string_view name, std::string_view plain);  // needs no escape
  JsonBody& seats(std::string_view name, const SeatIds& seats);
  std::string done() { return std::move(text_ += '}'); }

 private:
  void name(std::string_view name);
  std::string text_ = "{";
};

// ---- answers
// The refusal of a problem body (status >= 400), or of an answer that never came.
Refused refusal_of(const http::ClientAnswer& answer);
std::optional<HoldGranted> hold_of(std::string_view json);
std::optional<Instant> expiry_of(std::string_view json);
std::optional<Version> version_of(std::string_view json);
std::optional<BuyerHolds> holds_of(std::string_view json);
// The text member of that name.
std::optional<std::string> text_in(std::string_view json, std::string_view name);

}  // namespace onsale::peers
