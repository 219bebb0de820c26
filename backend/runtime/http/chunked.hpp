// Takes a chunked body (RFC 9112 section 7.1) apart in place, as its bytes arrive.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/http/head_parser.hpp"

namespace onsale::http {

// The bytes of the body region, data[0, size), are at any time: decoded() bytes of body, then bytes
// not yet decoded. Refused are: sizes that are not plain hex digits, lines that do not end with CRLF,
// control bytes, more extensions or trailers than a few (they are read and dropped).
class ChunkDecoder {
 public:
  // Decodes what it can and closes the gap; `size` shrinks by what framing took. incomplete: call
  // again with more bytes behind. complete: the body is data[0, decoded()), and what follows the
  // request starts at decoded().
  Parsed step(char* data, std::size_t& size, const Limits& limits, Refusal& why);

  [[nodiscard]] std::size_t decoded() const { return decoded_; }

 private:
  enum class State : std::uint8_t { size_line, data, data_end, trailer };
  Parsed decode(char* data, std::size_t size, const Limits& limits, Refusal& why);
  Parsed take_size_line(const char* line, std::size_t bytes, const Limits& limits, Refusal& why);

  State state_ = State::size_line;
  std::size_t decoded_ = 0;
  std::size_t taken_ = 0;
  std::size_t left_ = 0;  // of the current chunk's data
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
};

}  // namespace onsale::http
