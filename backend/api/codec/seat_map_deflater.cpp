// How a map's text is cut into tokens, and the arithmetic of its checksum.
#include "api/codec/seat_map_deflater.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace onsale::codec {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::uint32_t kUsualWeight = 16;  // of what is expected, against what is merely possible

// Between two ids stands `},{"id":`, always.
constexpr std::size_t kToNextId = 8;

std::size_t equal_bytes(const char* a, const char* b, std::size_t most) {
  std::size_t n = 0;
  while (n < most && a[n] == b[n]) ++n;
  return n;
}

// The tokens of the seats [begin, end): for each its status, run on into the next seat's id as far
// as the two ids agree; the rest of that id; then what is fixed up to the next status.
template <typename Sink>
void walk(const SeatMapText& text, const seat::WireStatus* statuses, std::size_t begin,
          std::size_t end, Sink& sink) {
  const char* const bytes = text.blank().data();
  std::array<std::size_t, 4> latest;
  latest.fill(kNone);
  for (std::size_t i = begin; i < end; ++i) {
    const std::size_t status_at = text.status_at(i);
    const bool last_of_all = i + 1 == text.seats();
    const std::size_t fixed_from = last_of_all ? text.blank().size() : text.id_end(i + 1);
    std::size_t& same = latest[static_cast<std::size_t>(statuses[i])];
    std::size_t done = status_at + kStatusWidth;
    if (same != kNone && status_at - text.status_at(same) <= kWindow) {
      const std::size_t distance = status_at - text.status_at(same);
      if (!last_of_all) {
        done += kToNextId;
        done += equal_bytes(bytes + done, bytes + done - distance, fixed_from - done);
      }
      sink.match(static_cast<unsigned>(done - status_at), static_cast<unsigned>(distance));
    } else {
      for (const char c : padded(statuses[i])) sink.literal(c);
    }
    for (; done < fixed_from; ++done) sink.literal(bytes[done]);
    if (!last_of_all) sink.fixed(i + 1);
    same = i;
  }
}

// The tokens from the end of a seat's id to its status, matched to the seat before: field by field,
// because a field that has grown by a digit shifts those after it.
template <typename Sink>
void walk_fixed(const SeatMapText& text, std::size_t seat, Sink& sink) {
  const std::string_view bytes = text.blank();
  const std::size_t end = text.status_at(seat);
  const std::size_t source_end = text.status_at(seat - 1);
  std::size_t at = text.id_end(seat);
  std::size_t field = at;  // where the field begins; each begins with a comma
  std::size_t source_field = text.id_end(seat - 1);
  while (at < end) {
    for (;;) {
      const std::size_t next = std::min(bytes.find(',', field + 1), end);
      if (next > at || next == end) break;
      field = next;
      source_field = bytes.find(',', source_field + 1);
    }
    const std::size_t distance = field - source_field;
    const std::size_t source = at - distance;
    const std::size_t most = source < source_end ? std::min(end - at, source_end - source) : 0;
    const std::size_t length = equal_bytes(bytes.data() + at, bytes.data() + source, most);
    if (length >= kMatchMin && length <= kMatchMax && distance <= kWindow) {
      sink.match(static_cast<unsigned>(length), static_cast<unsigned>(distance));
      at += length;
    } else {
      sink.literal(bytes[at++]);
    }
  }
}

struct Counter {
  const SeatMapText& text;
  SymbolCounts& counts;
  void literal(char c) { counts.literal(c); }
  void match(unsigned length, unsigned distance) { counts.match(length, distance); }
  void fixed(std::size_t seat) { walk_fixed(text, seat, *this); }
};

// Counts the tokens of a hall in mid-sale; besides, once, every token that any other state of the
// hall could need.
SymbolCounts expected_counts(const SeatMapText& text) {
  SymbolCounts counts;
  Counter counter{text, counts};
  std::vector<seat::WireStatus> usual(text.seats());
  std::uint32_t dice = 1;
  for (seat::WireStatus& status : usual) {
    dice = dice * 1'664'525U + 1'013'904'223U;
    const std::uint32_t percent = (dice >> 16U) % 100;
    status = percent < 60   ? seat::WireStatus::available
             : percent < 70 ? seat::WireStatus::held
             : percent < 98 ? seat::WireStatus::sold
                            : seat::WireStatus::blocked;
  }
  for (std::size_t begin = 0; begin < usual.size(); begin += SeatMapDeflater::kChunkSeats) {
    const std::size_t end = std::min(usual.size(), begin + SeatMapDeflater::kChunkSeats);
    walk(text, usual.data(), begin, end, counter);
  }
  for (std::uint32_t& count : counts.literals) count *= kUsualWeight;
  for (std::uint32_t& count : counts.distances) count *= kUsualWeight;
  for (const char c : std::string_view("AVAILBEHDSOCK\" },{id:]0123456789")) counts.literal(c);
  constexpr unsigned kIdDigitsMax = 16;
  for (unsigned length = kStatusWidth; length <= kStatusWidth + kToNextId + kIdDigitsMax;
       ++length) {
    counts.match(length, 1);
  }
  for (unsigned distance = 1; distance <= kWindow;
       distance = distance < 4 ? distance + 1 : distance + distance / 4) {
    counts.match(kStatusWidth, distance);
  }
  counts.match(kStatusWidth, kWindow);
  return counts;
}

struct Writer {
  const DeflateCodes& codes;
  BitWriter bits;
  const std::vector<Bits>& fixed_bits;
  const std::vector<std::uint32_t>& fixed_begin;
  void literal(char c) { bits.put(codes.literal(c)); }
  void match(unsigned length, unsigned distance) { bits.put(codes.match(length, distance)); }
  void fixed(std::size_t seat) {
    for (std::uint32_t i = fixed_begin[seat]; i < fixed_begin[seat + 1]; ++i) {
      bits.put(fixed_bits[i]);
    }
  }
};

struct Preparer {
  const DeflateCodes& codes;
  std::vector<Bits>& pieces;
  Bits piece;
  void add(Bits bits) {
    if (piece.count + bits.count > 56) flush();
    piece.append(bits);
  }
  void flush() {
    if (piece.count > 0) pieces.push_back(piece);
    piece = {};
  }
  void literal(char c) { add(codes.literal(c)); }
  void match(unsigned length, unsigned distance) { add(codes.match(length, distance)); }
};

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}
// The checksum `crc` after as many bytes of 0 as `shift` was made for.
std::uint32_t shifted(std::uint32_t crc, std::uint32_t shift) {
  return static_cast<std::uint32_t>(crc32_combine_op(crc, 0, shift));
}
std::uint32_t shift_by(std::size_t bytes) {
  return static_cast<std::uint32_t>(crc32_combine_gen64(static_cast<z_off64_t>(bytes)));
}

void put_u16(std::string& out, std::uint32_t value) {
  out += static_cast<char>(value & 0xFFU);
  out += static_cast<char>(value >> 8U & 0xFFU);
}
void put_u32(std::string& out, std::uint32_t value) {
  put_u16(out, value & 0xFFFFU);
  put_u16(out, value >> 16U);
}

}  // namespace

SeatMapDeflater::SeatMapDeflater(const SeatMapText& text)
    : text_(text),
      statuses_(text.seats(), seat::WireStatus::available),
      codes_(expected_counts(text)),
      chunks_((text.seats() + kChunkSeats - 1) / kChunkSeats) {
  prepare_fixed_bits();
  prepare_checksum();
}

void SeatMapDeflater::prepare_fixed_bits() {
  fixed_begin_.reserve(text_.seats() + 1);
  Preparer preparer{codes_, fixed_, {}};
  for (std::size_t seat = 0; seat < text_.seats(); ++seat) {
    fixed_begin_.push_back(static_cast<std::uint32_t>(fixed_.size()));
    if (seat > 0) walk_fixed(text_, seat, preparer);
    preparer.flush();
  }
  fixed_begin_.push_back(static_cast<std::uint32_t>(fixed_.size()));
  fixed_.shrink_to_fit();
}

void SeatMapDeflater::prepare_checksum() {
  if (text_.seats() == 0) return;
  const std::size_t end = text_.blank().size();
  const std::size_t body = text_.status_at(0);
  body_crc_ = checksum(std::string_view(text_.blank()).substr(body));
  shift_body_ = shift_by(end - body);
  constexpr std::array kAll = {seat::WireStatus::available, seat::WireStatus::held,
                               seat::WireStatus::sold, seat::WireStatus::blocked};
  for (const seat::WireStatus a : kAll) {
    for (const seat::WireStatus b : kAll) {
      flip_[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] =
          checksum(padded(a)) ^ checksum(padded(b));
    }
  }
  shift_.resize(text_.seats());
  std::size_t after = end;
  std::uint32_t shift = shift_by(0);
  std::size_t step = kNone;
  std::uint32_t step_shift = 0;
  for (std::size_t i = text_.seats(); i-- > 0;) {
    const std::size_t field_end = text_.status_at(i) + kStatusWidth;
    if (after - field_end != step) {
      step = after - field_end;
      step_shift = shift_by(step);
    }
    shift = shifted(shift, step_shift);
    shift_[i] = shift;
    after = field_end;
  }
}

void SeatMapDeflater::set(std::uint32_t index, seat::WireStatus status) {
  if (index >= statuses_.size() || statuses_[index] == status) return;
  const auto from = static_cast<std::size_t>(statuses_[index]);
  body_crc_ ^= shifted(flip_[from][static_cast<std::size_t>(status)], shift_[index]);
  statuses_[index] = status;
  chunks_[index / kChunkSeats].dirty = true;
}

void SeatMapDeflater::deflate(std::size_t chunk) {
  const std::size_t begin = chunk * kChunkSeats;
  const std::size_t end = std::min(begin + kChunkSeats, statuses_.size());
  std::string& out = chunks_[chunk].deflated;
  out.clear();
  Writer writer{codes_, BitWriter(out), fixed_, fixed_begin_};
  const bool last = end == statuses_.size();
  codes_.put_header(writer.bits, last);
  walk(text_, statuses_.data(), begin, end, writer);
  writer.bits.put(codes_.end_of_block());
  if (!last) writer.bits.align();
  writer.bits.finish();
  chunks_[chunk].dirty = false;
}

void SeatMapDeflater::write(Version version, std::string& out) {
  std::string head =
      text_.blank().substr(0, text_.seats() == 0 ? std::string::npos : text_.status_at(0));
  text_.write_version(head.data(), version);
  std::size_t size = head.size() + 32;
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    if (chunks_[i].dirty) deflate(i);
    size += chunks_[i].deflated.size();
  }
  out.clear();
  out.reserve(size);
  out.append("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10);
  out += '\0';  // a stored block, not the last
  put_u16(out, static_cast<std::uint32_t>(head.size()));
  put_u16(out, ~static_cast<std::uint32_t>(head.size()) & 0xFFFFU);
  out += head;
  for (const Chunk& chunk : chunks_) out += chunk.deflated;
  if (chunks_.empty()) out.append("\x01\x00\x00\xff\xff", 5);  // an empty last block
  const std::uint32_t head_crc = checksum(head);
  put_u32(out, text_.seats() == 0 ? head_crc : shifted(head_crc, shift_body_) ^ body_crc_);
  put_u32(out, static_cast<std::uint32_t>(text_.blank().size()));
}

}  // namespace onsale::codec
