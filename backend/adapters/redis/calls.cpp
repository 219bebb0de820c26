// Bytes by hand, little endian, as struct.pack('<…') makes them in the library.
#include "adapters/redis/calls.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace onsale::redis {
namespace {

static_assert(std::endian::native == std::endian::little, "records are little endian");

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kBuyerAt = 1;
constexpr std::size_t kAfterBuyer = kBuyerAt + kIdBytes;  // expires_at; or a sale's order
constexpr std::size_t kExtendableAt = kAfterBuyer + kTimeBytes;
constexpr std::size_t kDeadlineAt = kExtendableAt + kTimeBytes;
constexpr std::size_t kPinOrderAt = kDeadlineAt + kTimeBytes;

enum class Kind : char { available = 0, held = 1, pinned = 2, sold = 3, blocked = 4 };

void put_double(std::string& text, double value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  text.append(bytes, sizeof bytes);
}
void put_ms(std::string& text, std::int64_t ms) { put_double(text, static_cast<double>(ms)); }
void put_instant(std::string& text, Instant at) { put_ms(text, ms_of(at)); }
void put_id(std::string& text, Bits128 bits) {
  char bytes[kIdBytes];
  std::memcpy(bytes, &bits.hi, sizeof bits.hi);
  std::memcpy(bytes + sizeof bits.hi, &bits.lo, sizeof bits.lo);
  text.append(bytes, sizeof bytes);
}
void put_index(std::string& text, std::uint32_t index) {
  char bytes[sizeof index];
  std::memcpy(bytes, &index, sizeof index);
  text.append(bytes, sizeof bytes);
}
double double_at(std::string_view text, std::size_t at) {
  double value = 0;
  std::memcpy(&value, text.data() + at, sizeof value);
  return value;
}
Instant instant_at(std::string_view text, std::size_t at) {
  return instant_of_ms(static_cast<std::int64_t>(double_at(text, at)));
}

std::optional<Code> refusal(char mark) {
  switch (mark) {
    case 'S':
      return Code::seat_sold;
    case 'C':
      return Code::reservation_conflict;
    case 'O':
      return Code::hold_not_owned;
    case 'X':
      return Code::reservation_expired;
    case 'L':
      return Code::limit_exceeded;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Code> fault_of(const CallWish& wish, const SeatNumbering& numbering) {
  for (const SeatId seat : wish.seats) {
    if (numbering.index_of(seat) >= numbering.count) return Code::seat_not_found;
  }
  if (wish.seats.empty()) return Code::validation_failed;
  for (const SeatId* seat = wish.seats.begin(); seat != wish.seats.end(); ++seat) {
    if (std::find(wish.seats.begin(), seat, *seat) != seat) return Code::validation_failed;
  }
  return std::nullopt;
}

std::string encode(const CallWish& wish, const SeatNumbering& numbering) {
  std::string text(1, static_cast<char>(wish.kind));
  switch (wish.kind) {
    case CallKind::hold:
      put_id(text, wish.buyer.bits);
      put_ms(text, wish.wanted.count());
      put_ms(text, wish.life_max.count());
      text.push_back(static_cast<char>(std::min<std::uint32_t>(wish.limit, 255)));
      break;
    case CallKind::extend:
      put_id(text, wish.buyer.bits);
      put_ms(text, wish.wanted.count());
      break;
    case CallKind::release:
      put_id(text, wish.buyer.bits);
      break;
    case CallKind::pin:
      put_id(text, wish.buyer.bits);
      put_id(text, wish.order.bits);
      put_instant(text, wish.deadline);
      break;
    case CallKind::sell:
    case CallKind::unpin:
    case CallKind::give_back:
      put_id(text, wish.order.bits);
      break;
    case CallKind::confirm:
      put_id(text, wish.buyer.bits);
      put_id(text, wish.order.bits);
      break;
    case CallKind::block:
    case CallKind::block_if_available:
    case CallKind::unblock:
      break;
  }
  for (const SeatId seat : wish.seats) put_index(text, numbering.index_of(seat));
  return text;
}

std::optional<CallOutcome> decode(std::string_view answer, const CallWish& wish,
                                  std::uint32_t epoch) {
  if (answer.empty()) return std::nullopt;
  CallOutcome outcome;
  if (answer[0] == 'K') {
    if (answer.size() != 1 + 2 * kTimeBytes) return std::nullopt;
    outcome.version = Version::of(epoch, static_cast<std::uint32_t>(double_at(answer, 1)));
    outcome.expires_at = instant_at(answer, 1 + kTimeBytes);
    return outcome;
  }
  const std::optional<Code> code = refusal(answer[0]);
  if (!code || answer.size() - 1 > wish.seats.size()) return std::nullopt;
  outcome.refused.emplace(Refused{*code, {}});
  for (const char mark : answer.substr(1)) {
    const auto place = static_cast<unsigned char>(mark) / 4U;
    if (place >= wish.seats.size()) return std::nullopt;
    outcome.refused->seats.push_back({wish.seats[place], static_cast<seat::WireStatus>(mark & 3)});
  }
  return outcome;
}

std::string encode_record(const seat::State& state) {
  std::string text;
  if (const auto* held = std::get_if<seat::Held>(&state)) {
    text.push_back(static_cast<char>(Kind::held));
    put_id(text, held->buyer.bits);
    put_instant(text, held->expires_at);
    put_instant(text, held->extendable_until);
  } else if (const auto* pinned = std::get_if<seat::Pinned>(&state)) {
    text.push_back(static_cast<char>(Kind::pinned));
    put_id(text, pinned->buyer.bits);
    put_instant(text, pinned->expires_at);
    put_instant(text, pinned->extendable_until);
    put_instant(text, pinned->deadline);
    put_id(text, pinned->order.bits);
  } else if (const auto* sold = std::get_if<seat::Sold>(&state)) {
    text.push_back(static_cast<char>(Kind::sold));
    put_id(text, sold->buyer.bits);
    put_id(text, sold->order.bits);
  } else if (std::holds_alternative<seat::Blocked>(state)) {
    text.push_back(static_cast<char>(Kind::blocked));
  } else {
    text.push_back(static_cast<char>(Kind::available));
  }
  return text;
}

seat::State decode_record(std::string_view record) {
  const auto kind = record.empty() ? Kind::available : static_cast<Kind>(record[0]);
  const auto buyer = [&] { return BuyerId{decode_id(record.substr(kBuyerAt))}; };
  if (kind == Kind::held && record.size() >= kDeadlineAt) {
    return seat::Held{buyer(), instant_at(record, kAfterBuyer), instant_at(record, kExtendableAt)};
  }
  if (kind == Kind::pinned && record.size() >= kPinOrderAt + kIdBytes) {
    return seat::Pinned{buyer(), OrderId{decode_id(record.substr(kPinOrderAt))},
                        instant_at(record, kDeadlineAt), instant_at(record, kAfterBuyer),
                        instant_at(record, kExtendableAt)};
  }
  if (kind == Kind::sold && record.size() >= kAfterBuyer + kIdBytes) {
    return seat::Sold{buyer(), OrderId{decode_id(record.substr(kAfterBuyer))}};
  }
  if (kind == Kind::blocked) return seat::Blocked{};
  if (record.size() >= kAfterBuyer) return seat::Available{seat::mark_of(buyer())};
  return seat::Available{};
}

std::optional<Instant> end_of(const seat::State& state) {
  if (const auto* held = std::get_if<seat::Held>(&state)) return held->expires_at;
  if (const auto* pinned = std::get_if<seat::Pinned>(&state)) return pinned->deadline;
  return std::nullopt;
}

std::optional<BuyerId> owner_of(const seat::State& state) {
  if (const auto* held = std::get_if<seat::Held>(&state)) return held->buyer;
  if (const auto* pinned = std::get_if<seat::Pinned>(&state)) return pinned->buyer;
  if (const auto* sold = std::get_if<seat::Sold>(&state)) return sold->buyer;
  return std::nullopt;
}

std::string encode_index(std::uint32_t index) {
  std::string text;
  put_index(text, index);
  return text;
}

std::uint32_t decode_index(std::string_view bytes) {
  std::uint32_t index = 0;
  std::memcpy(&index, bytes.data(), sizeof index);
  return index;
}

std::string encode_id(Bits128 bits) {
  std::string text;
  put_id(text, bits);
  return text;
}

Bits128 decode_id(std::string_view bytes) {
  Bits128 bits;
  std::memcpy(&bits.hi, bytes.data(), sizeof bits.hi);
  std::memcpy(&bits.lo, bytes.data() + sizeof bits.hi, sizeof bits.lo);
  return bits;
}

std::string encode_replace(std::uint32_t index, std::string_view old, std::string_view next) {
  std::string text = "W";
  put_index(text, index);
  text.push_back(static_cast<char>(old.size()));
  text.push_back('\0');
  text.append(old).append(next);
  return text;
}

}  // namespace onsale::redis
