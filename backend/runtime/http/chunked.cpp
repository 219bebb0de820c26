// The chunked decoder.
#include "runtime/http/chunked.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "runtime/http/ascii.hpp"
#include "runtime/http/server.hpp"

namespace onsale::http {
namespace {

constexpr std::size_t kLineBytesMax = 512;        // a size line with its extensions, or a trailer
constexpr std::size_t kExtensionBytesMax = 1024;  // of all chunks of a body
constexpr std::size_t kTrailerBytesMax = 4096;
constexpr std::size_t kSizeDigitsMax = 8;

Parsed malformed(Refusal& why, std::string_view detail) {
  why = {Code::malformed_request, detail};
  return Parsed::refused;
}

// *( ";" token [ "=" ( token / quoted-string ) ] ), without the white space the grammar only tolerates.
bool is_extension(std::string_view text) {
  const auto skip_token = [&text] {
    std::size_t bytes = 0;
    while (bytes < text.size() && is(text[bytes], kToken)) ++bytes;
    text.remove_prefix(bytes);
    return bytes != 0;
  };
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    if (!skip_token()) return false;
    if (text.empty() || text.front() != '=') continue;
    text.remove_prefix(1);
    if (text.empty() || text.front() != '"') {
      if (!skip_token()) return false;
      continue;
    }
    text.remove_prefix(1);
    while (!text.empty() && text.front() != '"') {
      if (text.front() == '\\') text.remove_prefix(1);
      if (!text.empty()) text.remove_prefix(1);
    }
    if (text.empty()) return false;  // the quote has no end
    text.remove_prefix(1);
  }
  return true;
}

bool has_control_byte(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

}  // namespace

Parsed ChunkDecoder::take_size_line(const char* line, std::size_t bytes, const Limits& limits,
                                    Refusal& why) {
  std::size_t digits = 0;
  std::size_t chunk = 0;
  while (digits < bytes && hex_digit(line[digits]) >= 0) {
    if (digits == kSizeDigitsMax) return malformed(why, "a chunk size is too long");
    chunk = chunk * 16 + static_cast<std::size_t>(hex_digit(line[digits]));
    ++digits;
  }
  if (digits == 0) return malformed(why, "a chunk size is not a hex number");
  if (digits < bytes) {
    const std::string_view extension(line + digits, bytes - digits);
    if (!is_extension(extension) || has_control_byte(extension)) {
      return malformed(why, "a chunk size is not a hex number");
    }
    extension_bytes_ += extension.size();
    if (extension_bytes_ > kExtensionBytesMax) return malformed(why, "too many chunk extensions");
  }
  if (chunk == 0) {
    state_ = State::trailer;
    return Parsed::complete;
  }
  if (chunk > limits.body_bytes_max || decoded_ + chunk > limits.body_bytes_max) {
    why = {Code::content_too_large, "the body is too large"};
    return Parsed::refused;
  }
  left_ = chunk;
  state_ = State::data;
  return Parsed::complete;
}

Parsed ChunkDecoder::decode(char* data, std::size_t size, const Limits& limits, Refusal& why) {
  for (;;) {
    const char* at = data + taken_;
    const std::size_t available = size - taken_;
    if (state_ == State::data) {
      const std::size_t now = std::min(left_, available);
      std::memmove(data + decoded_, at, now);
      decoded_ += now;
      taken_ += now;
      left_ -= now;
      if (left_ != 0) return Parsed::incomplete;
      state_ = State::data_end;
      continue;
    }
    if (state_ == State::data_end) {
      if (available > 0 && at[0] != '\r') return malformed(why, "a chunk is longer than its size");
      if (available < 2) return Parsed::incomplete;
      if (at[1] != '\n') return malformed(why, "a chunk is longer than its size");
      taken_ += 2;
      state_ = State::size_line;
      continue;
    }
    const auto* line_feed =
        static_cast<const char*>(std::memchr(at, '\n', std::min(available, kLineBytesMax)));
    if (line_feed == nullptr) {
      if (available >= kLineBytesMax) return malformed(why, "a line in a chunked body is too long");
      return Parsed::incomplete;
    }
    if (line_feed == at || line_feed[-1] != '\r') {
      return malformed(why, "a line in a chunked body ends with LF alone");
    }
    const auto line_bytes = static_cast<std::size_t>(line_feed - 1 - at);
    if (state_ == State::size_line) {
      const Parsed taken = take_size_line(at, line_bytes, limits, why);
      if (taken != Parsed::complete) return taken;
    } else {
      trailer_bytes_ += line_bytes;
      if (trailer_bytes_ > kTrailerBytesMax) return malformed(why, "too many trailers");
      const std::string_view line(at, line_bytes);
      const std::size_t colon = line.find(':');
      const bool named =
          colon != std::string_view::npos && colon > 0 &&
          std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                      [](char c) { return is(c, kToken); });
      if (!line.empty() && (!named || has_control_byte(line))) {
        return malformed(why, "a trailer is not a field line");
      }
    }
    taken_ = static_cast<std::size_t>(line_feed + 1 - data);
    if (line_bytes == 0) return Parsed::complete;
  }
}

Parsed ChunkDecoder::step(char* data, std::size_t& size, const Limits& limits, Refusal& why) {
  if (size == taken_) return Parsed::incomplete;
  const Parsed parsed = decode(data, size, limits, why);
  if (parsed != Parsed::refused && taken_ != decoded_) {
    std::memmove(data + decoded_, data + taken_, size - taken_);
    size -= taken_ - decoded_;
    taken_ = decoded_;
  }
  return parsed;
}

}  // namespace onsale::http
