// What a handler sees of HTTP: a request as views, a response as a builder. No Asio, no Beast, no
// sockets: those stay in this folder's .cpp files. Handlers parse, ask, answer.
//
// Terms are RFC 9110's. A Request's views live until its handler's Task has ended. A Response writes
// into its connection's output buffer; nothing is sent before the handler's Task has ended, so a
// handler may change its mind. All of it belongs to one loop: not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/code.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace onsale::http {

enum class Method : std::uint8_t { get, head, post, put, delete_, options, patch, other };
std::string_view name_of(Method method);

struct HeaderField {
  std::string_view name;   // as sent; compared without case
  std::string_view value;  // without surrounding white space
};

struct Request {
  Method method = Method::get;
  std::string_view method_text;  // the token as sent
  std::string_view target;       // as sent, origin-form: path[?query]
  std::string_view path;         // the target up to '?', not percent-decoded
  std::string_view query;        // without '?'
  const HeaderField* headers = nullptr;
  std::size_t header_count = 0;
  std::string_view body;             // whole, de-chunked; at most Limits::body_bytes_max
  std::string_view peer_address;     // text form of the client's address
  TraceId trace_id;                  // continued, adopted or new; never nil
  std::uint64_t parent_span_id = 0;  // of an incoming traceparent; 0 if none
  bool sampled = false;              // the incoming traceparent's flag
  bool internal_listener = false;    // came in on the internal port

  // The first field of that name (case-insensitive), or nullopt.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  // The first value of that key in the query, percent-decoded; nullopt if absent or malformed.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view key) const;
};

// A body (or a part of a stream) that many connections send at once; encoded once, never copied.
using SharedBytes = std::shared_ptr<const std::string>;

class StreamChannel;  // runtime/http/stream_hub.hpp

class Response {
 public:
  void status(int code) { status_ = code; }
  [[nodiscard]] int status() const { return status_; }

  // Adds a field. Name and value must be free of CR, LF and NUL (a bug otherwise: values that come
  // from outside are checked where they come in).
  void header(std::string_view name, std::string_view value);

  // Content-Type of the body; must outlive the response (a literal). Empty: none is sent.
  void content_type(std::string_view literal) { content_type_ = literal; }
  // The body, copied into the response.
  void body(std::string_view bytes) {
    body_.assign(bytes);
    shared_body_.reset();
  }
  // Direct access for writers that append in place.
  std::string& body_buffer() {
    shared_body_.reset();
    return body_;
  }
  // A large shared body: sent without a copy.
  void body(SharedBytes bytes) { shared_body_ = std::move(bytes); }

  // Answers with an endless stream: after the head and `first` (also sent at once) the connection
  // is handed to the hub and follows `channel` from `cursor`. See StreamHub.
  void stream(std::shared_ptr<StreamChannel> channel, std::uint64_t cursor, std::string first);

  // What the answer is about, for the log, the counters and the trace; nothing of it is sent.
  void refused(Code why) { refusal_ = why; }
  [[nodiscard]] std::optional<Code> refusal() const { return refusal_; }
  void about(OrderId order) { order_ = order; }
  [[nodiscard]] OrderId order() const { return order_; }  // nil: about none
  void changed(EventId event, Version version) { changed_ = {event, version}; }
  struct SeatChange {
    EventId event;
    Version version;  // 0: it changed no seat
  };
  [[nodiscard]] SeatChange changed() const { return changed_; }

  // Close the connection after this answer.
  void close() { close_ = true; }

  // Back to an empty 200, keeping allocated memory; `Trace-Id` is not part of it (the server adds
  // it to every response itself, as it does Date, Content-Length, Connection).
  void reset();

 private:
  friend class ResponseAccess;  // the server's side, in response.cpp / connection.cpp
  int status_ = 200;
  bool close_ = false;
  std::optional<Code> refusal_;
  OrderId order_;
  SeatChange changed_;
  std::string_view content_type_;
  std::string fields_;  // "Name: value\r\n"…
  std::string body_;
  SharedBytes shared_body_;
  std::shared_ptr<StreamChannel> stream_;
  std::uint64_t stream_cursor_ = 0;
};

}  // namespace onsale::http
