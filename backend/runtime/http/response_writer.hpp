// Turns a Response into bytes: status line, the fields every answer has, the handler's fields, the
// body if it is small. One pass into the loop's output buffer, so that a batch of pipelined answers
// leaves in one write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "runtime/http/message.hpp"

namespace onsale::http {

// Bytes to be sent; grows, never shrinks by itself.
class OutBuffer {
 public:
  OutBuffer() = default;
  ~OutBuffer();
  OutBuffer(const OutBuffer&) = delete;
  OutBuffer& operator=(const OutBuffer&) = delete;

  // Room for `bytes` more; returns where they go. commit() what was written.
  char* prepare(std::size_t bytes);
  void commit(char* end) { size_ = static_cast<std::size_t>(end - data_); }
  void append(std::string_view bytes);

  [[nodiscard]] const char* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear() { size_ = 0; }
  void give_back_memory(std::size_t kept_bytes_max);

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// "Date: …\r\n", made anew at most once a second.
class DateLine {
 public:
  void refresh(std::time_t now);
  [[nodiscard]] std::string_view text() const { return {text_, sizeof text_}; }

 private:
  std::time_t at_ = -1;
  char text_[37] = {};
};

// The server's side of a Response.
class ResponseAccess {
 public:
  static bool wants_close(const Response& response) { return response.close_; }
  static bool is_stream(const Response& response) { return response.stream_ != nullptr; }
  static std::shared_ptr<StreamChannel> take_channel(Response& response) {
    return std::move(response.stream_);
  }
  static std::uint64_t cursor(const Response& response) { return response.stream_cursor_; }
  static bool has_field(const Response& response, std::string_view name);

  struct Form {
    std::string_view date_line;
    TraceId trace_id;
    bool head_only = false;   // the request was a HEAD
    bool close = false;       // Connection: close
    bool keep_alive = false;  // Connection: keep-alive, said to HTTP/1.0 only
  };
  // Appends the answer. Returns the shared body that has still to be sent after it, without a copy,
  // or null if the answer is whole.
  static SharedBytes write(OutBuffer& out, Response& response, const Form& form);
};

}  // namespace onsale::http
