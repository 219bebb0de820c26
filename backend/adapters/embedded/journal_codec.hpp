// The journal's bytes: records, and the frames they travel in. Little-endian, packed.
//
// A record tells what a seat became, not what was asked: replay needs no rule and no clock. It is
// 21 bytes for a free seat, 47 for a hold, 53 for a sale, 69 for a pin.
//
//   change  kind(1: 0 available … 4 blocked) event(8) seat index(4) version(8) state(0..48)
//   opened  kind(1: 16) event(8) first id(8) stride(8) seats(4)
//   seats   kind(1: 17) event(8) version(8) first index(4) seats(4) claims(4)
//           then claims × { kind(1) seat index(4) state }: a slice of a snapshot; seats of the slice
//           that are not listed are available
//   header  kind(1: 18) magic(8) format(4) epoch(4) number(8) clean(1)
//   end     kind(1: 19): the last record of a snapshot
//   state   held: buyer(16) expires_at(6) life left(4); sold: buyer(16) order(16);
//           pinned: buyer(16) order(16) expires_at(6) life left(4) deadline(6)
//
// A frame is crc32c(4) length(4) sequence(8) payload(length): the checksum covers all that follows
// it. Sequences of a file count from 0 without gaps, so a repeated or zero-filled tail is no frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"
#include "domain/seat/seat.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale::journal {

inline constexpr std::uint32_t kFormat = 1;
inline constexpr std::size_t kChangeBytesMax = 69;
inline constexpr std::size_t kOpenedBytes = 29;

struct Change {
  EventId event;
  std::uint32_t index = 0;
  Version version;
  seat::State state;
};
struct Opened {
  EventId event;
  SeatNumbering numbering;
};
struct Seats {
  EventId event;
  Version version;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t claims = 0;
};
struct SeatEntry {
  std::uint32_t index = 0;
  seat::State state;
};
struct Header {
  std::uint32_t format = kFormat;
  std::uint32_t epoch = 0;
  std::uint64_t number = 0;  // of a segment; in a snapshot, of the first segment after it
  bool clean = false;        // a snapshot of an orderly shutdown
};
struct End {};
using Record = std::variant<Change, Opened, Seats, Header, End>;

// Writes at `out` (kChangeBytesMax bytes of room), returns the length.
std::size_t encode(const Change& change, char* out);
std::size_t encode(EventId event, std::uint32_t index, Version version, const seat::State& state,
                   char* out);
void encode(const Opened& opened, std::string& out);
void encode(const Seats& seats, std::string& out);
void encode(std::uint32_t index, const seat::State& state, std::string& out);
void encode(const Header& header, std::string& out);
void encode(End, std::string& out);

// Takes one record off the front of `bytes`; false if there is none that is whole and known. After
// Seats its entries follow, to be taken with decode_entry.
bool decode(std::string_view& bytes, Record& record);
bool decode_entry(std::string_view& bytes, SeatEntry& entry);

inline constexpr std::size_t kFrameHeaderBytes = 16;

// Leaves room for a frame's header at the end of `out`; returns where. Append the payload, then
// seal it.
std::size_t begin_frame(std::string& out);
void seal_frame(std::string& out, std::size_t begin, std::uint64_t sequence);

// Walks the frames of a file's bytes.
class FrameReader {
 public:
  explicit FrameReader(std::string_view bytes) : bytes_(bytes) {}
  // The next payload; nullopt at the end and at the first frame that is not whole and right.
  std::optional<std::string_view> next();
  // Bytes of good frames so far; the file is whole if that is all of it.
  [[nodiscard]] std::size_t good_bytes() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace onsale::journal
