// The writer of response heads.
#include "runtime/http/response_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/assert.hpp"
#include "runtime/http/ascii.hpp"
#include "runtime/http/trace_context.hpp"

namespace onsale::http {
namespace {

constexpr std::size_t kCopiedSharedBytesMax = 16 * 1024;  // smaller shared bodies join the batch

std::string_view status_line(int status) {
  switch (status) {
    case 200:
      return "HTTP/1.1 200 OK\r\n";
    case 201:
      return "HTTP/1.1 201 Created\r\n";
    case 202:
      return "HTTP/1.1 202 Accepted\r\n";
    case 204:
      return "HTTP/1.1 204 No Content\r\n";
    case 303:
      return "HTTP/1.1 303 See Other\r\n";
    case 304:
      return "HTTP/1.1 304 Not Modified\r\n";
    case 400:
      return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
      return "HTTP/1.1 403 Forbidden\r\n";
    case 404:
      return "HTTP/1.1 404 Not Found\r\n";
    case 405:
      return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 406:
      return "HTTP/1.1 406 Not Acceptable\r\n";
    case 408:
      return "HTTP/1.1 408 Request Timeout\r\n";
    case 409:
      return "HTTP/1.1 409 Conflict\r\n";
    case 410:
      return "HTTP/1.1 410 Gone\r\n";
    case 411:
      return "HTTP/1.1 411 Length Required\r\n";
    case 412:
      return "HTTP/1.1 412 Precondition Failed\r\n";
    case 413:
      return "HTTP/1.1 413 Content Too Large\r\n";
    case 414:
      return "HTTP/1.1 414 URI Too Long\r\n";
    case 415:
      return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case 417:
      return "HTTP/1.1 417 Expectation Failed\r\n";
    case 422:
      return "HTTP/1.1 422 Unprocessable Content\r\n";
    case 429:
      return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431:
      return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 500:
      return "HTTP/1.1 500 Internal Server Error\r\n";
    case 501:
      return "HTTP/1.1 501 Not Implemented\r\n";
    case 503:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    case 505:
      return "HTTP/1.1 505 HTTP Version Not Supported\r\n";
    default:
      return {};
  }
}

char* put(char* at, std::string_view text) {
  if (text.empty()) return at;
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

constexpr std::string_view kContentLength = "Content-Length: ";
constexpr std::string_view kContentType = "Content-Type: ";
constexpr std::string_view kTraceId = "Trace-Id: ";
constexpr std::string_view kClose = "Connection: close\r\n";
constexpr std::string_view kKeepAlive = "Connection: keep-alive\r\n";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kFixedBytesMax = 320;  // all of the above, the status line, Date, numbers

}  // namespace

OutBuffer::~OutBuffer() { std::free(data_); }

char* OutBuffer::prepare(std::size_t bytes) {
  if (capacity_ - size_ < bytes) {
    const std::size_t wanted = std::max({size_ + bytes, capacity_ * 2, std::size_t{16 * 1024}});
    data_ = static_cast<char*>(std::realloc(data_, wanted));
    check(data_ != nullptr, "out of memory for an answer");
    capacity_ = wanted;
  }
  return data_ + size_;
}

void OutBuffer::append(std::string_view bytes) { commit(put(prepare(bytes.size()), bytes)); }

void OutBuffer::give_back_memory(std::size_t kept_bytes_max) {
  if (size_ != 0 || capacity_ <= kept_bytes_max) return;
  std::free(data_);
  data_ = nullptr;
  capacity_ = 0;
}

void DateLine::refresh(std::time_t now) {
  if (now == at_) return;
  at_ = now;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char line[64];
  std::snprintf(line, sizeof line, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                kDays[utc.tm_wday], utc.tm_mday % 100, kMonths[utc.tm_mon],
                (utc.tm_year + 1900) % 10000, utc.tm_hour % 100, utc.tm_min % 100,
                utc.tm_sec % 100);
  std::memcpy(text_, line, sizeof text_);
}

bool ResponseAccess::has_field(const Response& response, std::string_view name) {
  std::string_view rest = response.fields_;
  while (!rest.empty()) {
    if (rest.size() > name.size() && rest[name.size()] == ':' &&
        same_ignoring_case(rest.substr(0, name.size()), name)) {
      return true;
    }
    rest.remove_prefix(rest.find('\n') + 1);
  }
  return false;
}

SharedBytes ResponseAccess::write(OutBuffer& out, Response& response, const Form& form) {
  const bool stream = is_stream(response);
  const int status = response.status_;
  check(status >= 200 && status <= 599, "a response has no final status");
  const bool bodiless = status == 204 || status == 304;
  const SharedBytes& shared = response.shared_body_;
  const std::size_t body_bytes = shared ? shared->size() : response.body_.size();
  const bool send_body = !bodiless && !form.head_only;
  const bool copy_body = send_body && (!shared || body_bytes <= kCopiedSharedBytesMax);

  char* at = out.prepare(kFixedBytesMax + response.content_type_.size() + response.fields_.size() +
                         (copy_body ? body_bytes : 0));
  const std::string_view line = status_line(status);
  if (!line.empty()) {
    at = put(at, line);
  } else {
    at = put(at, "HTTP/1.1 ");
    at = std::to_chars(at, at + 3, status).ptr;
    at = put(at, " \r\n");
  }
  at = put(at, form.date_line);
  if (!response.content_type_.empty() && !bodiless) {
    at = put(at, kContentType);
    at = put(at, response.content_type_);
    at = put(at, kLineEnd);
  }
  if (!bodiless && !stream) {
    at = put(at, kContentLength);
    at = std::to_chars(at, at + 20, body_bytes).ptr;
    at = put(at, kLineEnd);
  }
  at = put(at, kTraceId);
  write_hex(form.trace_id, at);
  at = put(at + 32, kLineEnd);
  if (form.close) {
    at = put(at, kClose);
  } else if (form.keep_alive) {
    at = put(at, kKeepAlive);
  }
  at = put(at, response.fields_);
  at = put(at, kLineEnd);
  if (copy_body)
    at = put(at, shared ? std::string_view(*shared) : std::string_view(response.body_));
  out.commit(at);
  return send_body && !copy_body ? std::move(response.shared_body_) : nullptr;
}

}  // namespace onsale::http
