// Request look-ups and the Response builder.
#include "runtime/http/message.hpp"

#include "base/assert.hpp"
#include "runtime/http/ascii.hpp"

namespace onsale::http {

std::string_view name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::delete_:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::patch:
      return "PATCH";
    case Method::other:
      return "OTHER";
  }
  return "OTHER";
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (std::size_t i = 0; i < header_count; ++i) {
    if (same_ignoring_case(headers[i].name, name)) return headers[i].value;
  }
  return std::nullopt;
}

namespace {

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> Request::query_value(std::string_view key) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const std::size_t equals = pair.find('=');
    const std::string_view raw_key = pair.substr(0, equals);
    bool same = raw_key == key;
    if (!same && raw_key.find('%') != std::string_view::npos) {
      const auto decoded = percent_decoded(raw_key);
      same = decoded && *decoded == key;
    }
    if (same) {
      return percent_decoded(equals == std::string_view::npos ? std::string_view{}
                                                              : pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

namespace {

bool free_of_line_ends(std::string_view text) {
  bool found = false;  // without a branch a byte, so that the compiler can take many at once
  for (const char c : text) found |= (c == '\r') | (c == '\n') | (c == '\0');
  return !found;
}

}  // namespace

void Response::header(std::string_view name, std::string_view value) {
  check(free_of_line_ends(name) && free_of_line_ends(value), "a line end in a response field");
  fields_.append(name).append(": ").append(value).append("\r\n");
}

void Response::stream(std::shared_ptr<StreamChannel> channel, std::uint64_t cursor,
                      std::string first) {
  stream_ = std::move(channel);
  stream_cursor_ = cursor;
  body_ = std::move(first);
  shared_body_.reset();
}

void Response::reset() {
  constexpr std::size_t kKeptBytes = 64 * 1024;  // one big answer must not be remembered for ever
  status_ = 200;
  close_ = false;
  refusal_.reset();
  order_ = {};
  changed_ = {};
  content_type_ = {};
  fields_.clear();
  if (body_.capacity() > kKeptBytes) {
    std::string().swap(body_);
  } else {
    body_.clear();
  }
  shared_body_.reset();
  stream_.reset();
  stream_cursor_ = 0;
}

}  // namespace onsale::http
