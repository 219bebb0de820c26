// Reads HTTP/1.1 responses off a byte stream: status, head, body by Content-Length, chunked or until
// the connection closes. Pure: no socket. One response at a time (no pipelining; see hammer.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onsale::rehearsal {

struct Response {
  int status = 0;
  std::string head;  // header lines without the status line, each ended by CRLF
  std::string body;

  // The value of the first header of this name (any case), trimmed; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

class ResponseReader {
 public:
  enum class Progress : std::uint8_t {
    more,    // needs further bytes
    done,    // response() is whole; reset() before the next
    broken,  // not HTTP; close the connection
  };

  static constexpr std::size_t head_bytes_max = 64UL * 1024;

  Progress feed(std::string_view bytes);
  // The peer closed. `done` only if the body was of the kind that ends so.
  Progress end_of_input();
  void reset();

  [[nodiscard]] bool has_head() const { return state_ != State::head; }
  [[nodiscard]] bool idle() const { return state_ == State::head && response_.head.empty(); }
  [[nodiscard]] bool keeps_alive() const { return keeps_alive_; }
  // A streaming reader may take from response().body what is there so far and clear it.
  Response& response() { return response_; }

 private:
  enum class State : std::uint8_t {
    head,
    length,
    chunk_size,
    chunk,
    chunk_end,
    trailer,
    until_close,
    done,
    broken,
  };
  Progress parse_head();
  bool read_line(std::string_view& bytes);

  State state_ = State::head;
  bool keeps_alive_ = true;
  std::uint64_t left_ = 0;
  std::string line_;
  Response response_;
};

}  // namespace onsale::rehearsal
