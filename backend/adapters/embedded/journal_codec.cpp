// Encoding and decoding of the journal's records and frames.
#include "adapters/embedded/journal_codec.hpp"

#include <bit>
#include <cstring>

#include "base/crc32c.hpp"

namespace onsale::journal {
namespace {

static_assert(std::endian::native == std::endian::little, "the journal is little-endian");

constexpr std::uint8_t kAvailable = 0;
constexpr std::uint8_t kHeld = 1;
constexpr std::uint8_t kPinned = 2;
constexpr std::uint8_t kSold = 3;
constexpr std::uint8_t kBlocked = 4;
constexpr std::uint8_t kOpened = 16;
constexpr std::uint8_t kSeats = 17;
constexpr std::uint8_t kHeader = 18;
constexpr std::uint8_t kEnd = 19;
constexpr std::uint64_t kMagic = 0x4C414E52554F4A4F;  // "OJOURNAL"
constexpr std::size_t kTimeBytes = 6;                 // milliseconds up to the year 10889

struct Pen {
  char* at;
  template <typename T>
  void put(const T& value) {
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
  }
  void put_time(Instant time) {
    const std::int64_t ms = ms_of(time);
    std::memcpy(at, &ms, kTimeBytes);
    at += kTimeBytes;
  }
};

struct Eye {
  const char* at;
  template <typename T>
  T get() {
    T value;
    std::memcpy(&value, at, sizeof value);
    at += sizeof value;
    return value;
  }
  Instant get_time() {
    std::uint64_t ms = 0;
    std::memcpy(&ms, at, kTimeBytes);
    at += kTimeBytes;
    return instant_of_ms(static_cast<std::int64_t>(ms));
  }
};

std::uint32_t life_left(Instant until, Instant from) {
  const std::int64_t ms = (until - from).count();
  if (ms <= 0) return 0;
  return ms > 0xFFFF'FFFFLL ? 0xFFFF'FFFFU : static_cast<std::uint32_t>(ms);
}

std::uint8_t kind_of(const seat::State& state) { return static_cast<std::uint8_t>(state.index()); }
static_assert(std::is_same_v<std::variant_alternative_t<kHeld, seat::State>, seat::Held>);
static_assert(std::is_same_v<std::variant_alternative_t<kPinned, seat::State>, seat::Pinned>);
static_assert(std::is_same_v<std::variant_alternative_t<kSold, seat::State>, seat::Sold>);
static_assert(std::is_same_v<std::variant_alternative_t<kBlocked, seat::State>, seat::Blocked>);

void put_state(Pen& pen, const seat::State& state) {
  if (const auto* held = std::get_if<seat::Held>(&state)) {
    pen.put(held->buyer.bits);
    pen.put_time(held->expires_at);
    pen.put(life_left(held->extendable_until, held->expires_at));
  } else if (const auto* pinned = std::get_if<seat::Pinned>(&state)) {
    pen.put(pinned->buyer.bits);
    pen.put(pinned->order.bits);
    pen.put_time(pinned->expires_at);
    pen.put(life_left(pinned->extendable_until, pinned->expires_at));
    pen.put_time(pinned->deadline);
  } else if (const auto* sold = std::get_if<seat::Sold>(&state)) {
    pen.put(sold->buyer.bits);
    pen.put(sold->order.bits);
  }
}

// SIZE_MAX for a kind that is no state.
std::size_t state_bytes(std::uint8_t kind) {
  switch (kind) {
    case kAvailable:
    case kBlocked:
      return 0;
    case kHeld:
      return 26;
    case kPinned:
      return 48;
    case kSold:
      return 32;
    default:
      return SIZE_MAX;
  }
}

seat::State get_state(Eye& eye, std::uint8_t kind) {
  if (kind == kHeld) {
    seat::Held held;
    held.buyer.bits = eye.get<Bits128>();
    held.expires_at = eye.get_time();
    held.extendable_until = held.expires_at + Milliseconds{eye.get<std::uint32_t>()};
    return held;
  }
  if (kind == kPinned) {
    seat::Pinned pinned;
    pinned.buyer.bits = eye.get<Bits128>();
    pinned.order.bits = eye.get<Bits128>();
    pinned.expires_at = eye.get_time();
    pinned.extendable_until = pinned.expires_at + Milliseconds{eye.get<std::uint32_t>()};
    pinned.deadline = eye.get_time();
    return pinned;
  }
  if (kind == kSold) {
    seat::Sold sold;
    sold.buyer.bits = eye.get<Bits128>();
    sold.order.bits = eye.get<Bits128>();
    return sold;
  }
  if (kind == kBlocked) return seat::Blocked{};
  return seat::Available{};
}

constexpr std::size_t kChangeHeadBytes = 1 + 8 + 4 + 8;
constexpr std::size_t kSeatsBytes = 1 + 8 + 8 + 4 + 4 + 4;
constexpr std::size_t kHeaderBytes = 1 + 8 + 4 + 4 + 8 + 1;
constexpr std::size_t kEntryHeadBytes = 1 + 4;

}  // namespace

std::size_t encode(EventId event, std::uint32_t index, Version version, const seat::State& state,
                   char* out) {
  Pen pen{out};
  pen.put(kind_of(state));
  pen.put(event.value);
  pen.put(index);
  pen.put(version.value);
  put_state(pen, state);
  return static_cast<std::size_t>(pen.at - out);
}

std::size_t encode(const Change& change, char* out) {
  return encode(change.event, change.index, change.version, change.state, out);
}

void encode(const Opened& opened, std::string& out) {
  char bytes[kOpenedBytes];
  Pen pen{bytes};
  pen.put(kOpened);
  pen.put(opened.event.value);
  pen.put(opened.numbering.first);
  pen.put(opened.numbering.stride);
  pen.put(opened.numbering.count);
  out.append(bytes, sizeof bytes);
}

void encode(const Seats& seats, std::string& out) {
  char bytes[kSeatsBytes];
  Pen pen{bytes};
  pen.put(kSeats);
  pen.put(seats.event.value);
  pen.put(seats.version.value);
  pen.put(seats.first);
  pen.put(seats.count);
  pen.put(seats.claims);
  out.append(bytes, sizeof bytes);
}

void encode(std::uint32_t index, const seat::State& state, std::string& out) {
  char bytes[kChangeBytesMax];
  Pen pen{bytes};
  pen.put(kind_of(state));
  pen.put(index);
  put_state(pen, state);
  out.append(bytes, static_cast<std::size_t>(pen.at - bytes));
}

void encode(const Header& header, std::string& out) {
  char bytes[kHeaderBytes];
  Pen pen{bytes};
  pen.put(kHeader);
  pen.put(kMagic);
  pen.put(header.format);
  pen.put(header.epoch);
  pen.put(header.number);
  pen.put(static_cast<std::uint8_t>(header.clean ? 1 : 0));
  out.append(bytes, sizeof bytes);
}

void encode(End, std::string& out) { out.push_back(static_cast<char>(kEnd)); }

bool decode(std::string_view& bytes, Record& record) {
  if (bytes.empty()) return false;
  Eye eye{bytes.data()};
  const auto kind = eye.get<std::uint8_t>();
  std::size_t length = 0;
  if (kind <= kBlocked) {
    length = kChangeHeadBytes + state_bytes(kind);
    if (bytes.size() < length) return false;
    Change change;
    change.event.value = eye.get<std::uint64_t>();
    change.index = eye.get<std::uint32_t>();
    change.version.value = eye.get<std::uint64_t>();
    change.state = get_state(eye, kind);
    record = change;
  } else if (kind == kOpened) {
    length = kOpenedBytes;
    if (bytes.size() < length) return false;
    Opened opened;
    opened.event.value = eye.get<std::uint64_t>();
    opened.numbering.first = eye.get<std::uint64_t>();
    opened.numbering.stride = eye.get<std::uint64_t>();
    opened.numbering.count = eye.get<std::uint32_t>();
    record = opened;
  } else if (kind == kSeats) {
    length = kSeatsBytes;
    if (bytes.size() < length) return false;
    Seats seats;
    seats.event.value = eye.get<std::uint64_t>();
    seats.version.value = eye.get<std::uint64_t>();
    seats.first = eye.get<std::uint32_t>();
    seats.count = eye.get<std::uint32_t>();
    seats.claims = eye.get<std::uint32_t>();
    record = seats;
  } else if (kind == kHeader) {
    length = kHeaderBytes;
    if (bytes.size() < length || eye.get<std::uint64_t>() != kMagic) return false;
    Header header;
    header.format = eye.get<std::uint32_t>();
    header.epoch = eye.get<std::uint32_t>();
    header.number = eye.get<std::uint64_t>();
    header.clean = eye.get<std::uint8_t>() != 0;
    record = header;
  } else if (kind == kEnd) {
    length = 1;
    record = End{};
  } else {
    return false;
  }
  bytes.remove_prefix(length);
  return true;
}

bool decode_entry(std::string_view& bytes, SeatEntry& entry) {
  if (bytes.size() < kEntryHeadBytes) return false;
  Eye eye{bytes.data()};
  const auto kind = eye.get<std::uint8_t>();
  if (kind > kBlocked) return false;
  const std::size_t length = kEntryHeadBytes + state_bytes(kind);
  if (bytes.size() < length) return false;
  entry.index = eye.get<std::uint32_t>();
  entry.state = get_state(eye, kind);
  bytes.remove_prefix(length);
  return true;
}

std::size_t begin_frame(std::string& out) {
  const std::size_t begin = out.size();
  out.append(kFrameHeaderBytes, '\0');
  return begin;
}

void seal_frame(std::string& out, std::size_t begin, std::uint64_t sequence) {
  const auto length = static_cast<std::uint32_t>(out.size() - begin - kFrameHeaderBytes);
  char* header = out.data() + begin;
  std::memcpy(header + 4, &length, sizeof length);
  std::memcpy(header + 8, &sequence, sizeof sequence);
  const std::uint32_t crc = crc32c(std::string_view(out).substr(begin + 4));
  std::memcpy(header, &crc, sizeof crc);
}

std::optional<std::string_view> FrameReader::next() {
  const std::string_view rest = bytes_.substr(at_);
  if (rest.size() < kFrameHeaderBytes) return std::nullopt;
  Eye eye{rest.data()};
  const auto crc = eye.get<std::uint32_t>();
  const auto length = eye.get<std::uint32_t>();
  const auto sequence = eye.get<std::uint64_t>();
  if (length == 0 || length > rest.size() - kFrameHeaderBytes || sequence != sequence_) {
    return std::nullopt;
  }
  if (crc32c(rest.substr(4, kFrameHeaderBytes - 4 + length)) != crc) return std::nullopt;
  at_ += kFrameHeaderBytes + length;
  ++sequence_;
  return rest.substr(kFrameHeaderBytes, length);
}

}  // namespace onsale::journal
