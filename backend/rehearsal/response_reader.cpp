// A small state machine; strict where a mistake would desynchronise the stream, lax elsewhere.
#include "rehearsal/response_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace onsale::rehearsal {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && same_word(line.substr(0, colon), name)) {
      return trimmed(line.substr(colon + 1));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return {};
}

void ResponseReader::reset() {
  state_ = State::head;
  keeps_alive_ = true;
  left_ = 0;
  line_.clear();
  response_.status = 0;
  response_.head.clear();
  response_.body.clear();
}

ResponseReader::Progress ResponseReader::parse_head() {
  // response_.head now holds everything up to and with the empty line.
  std::string& head = response_.head;
  const auto line_end = head.find('\n');
  const std::string_view line = std::string_view(head).substr(0, line_end);
  if (line.size() < 12 || line.substr(0, 7) != "HTTP/1.") return Progress::broken;
  const char* digits = line.data() + 9;
  const auto [stop, error] = std::from_chars(digits, digits + 3, response_.status);
  if (error != std::errc{} || stop != digits + 3) return Progress::broken;
  keeps_alive_ = line[7] == '1';
  head.erase(0, line_end + 1);
  if (head.size() >= 2) head.resize(head.size() - 2);  // the empty line
  if (response_.status >= 100 && response_.status < 200) {
    reset();
    return Progress::more;
  }
  const std::string_view connection = response_.header("Connection");
  if (same_word(connection, "close")) keeps_alive_ = false;
  if (response_.status == 204 || response_.status == 304) {
    state_ = State::done;
    return Progress::done;
  }
  if (same_word(response_.header("Transfer-Encoding"), "chunked")) {
    state_ = State::chunk_size;
    return Progress::more;
  }
  const std::string_view length = response_.header("Content-Length");
  if (length.empty()) {
    state_ = State::until_close;
    keeps_alive_ = false;
    return Progress::more;
  }
  const auto parsed = std::from_chars(length.data(), length.data() + length.size(), left_);
  if (parsed.ec != std::errc{} || parsed.ptr != length.data() + length.size()) {
    return Progress::broken;
  }
  state_ = left_ == 0 ? State::done : State::length;
  return left_ == 0 ? Progress::done : Progress::more;
}

bool ResponseReader::read_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  line_.append(bytes.substr(0, end));
  if (end == std::string_view::npos) {
    bytes = {};
    return false;
  }
  bytes.remove_prefix(end + 1);
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  return true;
}

ResponseReader::Progress ResponseReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::head: {
        // The end of the head may straddle two reads: look from three bytes back.
        std::string& head = response_.head;
        const std::size_t before = head.size();
        head.append(bytes);
        const auto end = head.find("\r\n\r\n", before >= 3 ? before - 3 : 0);
        if (end == std::string::npos) {
          if (head.size() > head_bytes_max) state_ = State::broken;
          bytes = {};
          break;
        }
        bytes.remove_prefix(end + 4 - before);
        head.resize(end + 4);
        if (parse_head() == Progress::broken) state_ = State::broken;
        break;
      }
      case State::length:
      case State::chunk: {
        const auto take = std::min<std::uint64_t>(left_, bytes.size());
        response_.body.append(bytes.substr(0, take));
        bytes.remove_prefix(take);
        left_ -= take;
        if (left_ == 0) state_ = state_ == State::length ? State::done : State::chunk_end;
        break;
      }
      case State::chunk_size: {
        if (!read_line(bytes)) break;
        left_ = 0;
        const auto [stop, error] =
            std::from_chars(line_.data(), line_.data() + line_.size(), left_, 16);
        const bool whole = stop == line_.data() + line_.size() || *stop == ';' || *stop == ' ';
        state_ = error != std::errc{} || !whole ? State::broken
                 : left_ == 0                   ? State::trailer
                                                : State::chunk;
        line_.clear();
        break;
      }
      case State::chunk_end:
        if (!read_line(bytes)) break;
        state_ = line_.empty() ? State::chunk_size : State::broken;
        line_.clear();
        break;
      case State::trailer:
        if (!read_line(bytes)) break;
        if (line_.empty()) state_ = State::done;
        line_.clear();
        break;
      case State::until_close:
        response_.body.append(bytes);
        bytes = {};
        break;
      case State::done:  // bytes that nobody asked for
      case State::broken:
        state_ = State::broken;
        return Progress::broken;
    }
  }
  if (state_ == State::broken) return Progress::broken;
  return state_ == State::done ? Progress::done : Progress::more;
}

ResponseReader::Progress ResponseReader::end_of_input() {
  if (state_ == State::until_close || state_ == State::done) return Progress::done;
  return Progress::broken;
}

}  // namespace onsale::rehearsal
