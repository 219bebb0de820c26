// Redis' protocol: commands as text, replies by hiredis' reader. Commands are appended to one string
// rather than formatted by hiredis, which would allocate and copy each one.
#pragma once

#include <hiredis/hiredis.h>

#include <charconv>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace onsale::redis {

// *n, then n times add(): `Command(2).add("GET").add(key)`.
class Command {
 public:
  explicit Command(std::size_t arguments) { number('*', arguments); }
  Command& add(std::string_view argument) {
    number('$', argument.size());
    text_.append(argument).append("\r\n");
    return *this;
  }
  Command& add(std::uint64_t value) { return add(std::to_string(value)); }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void number(char mark, std::size_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    text_.push_back(mark);
    text_.append(digits, end).append("\r\n");
  }
  std::string text_;
};

// One reply, or none: then it is not known whether the command took effect.
class Reply {
 public:
  Reply() = default;
  explicit Reply(void* parsed) : reply_(static_cast<redisReply*>(parsed)) {}

  [[nodiscard]] bool known() const { return reply_ != nullptr; }
  [[nodiscard]] bool is_error() const { return reply_ && reply_->type == REDIS_REPLY_ERROR; }
  [[nodiscard]] bool is_array() const { return reply_ && reply_->type == REDIS_REPLY_ARRAY; }
  [[nodiscard]] bool is_text() const {
    return reply_ && (reply_->type == REDIS_REPLY_STATUS || reply_->type == REDIS_REPLY_STRING);
  }
  // Of an error, a status or a string; else empty.
  [[nodiscard]] std::string_view text() const {
    return reply_ ? text_of(*reply_) : std::string_view{};
  }
  [[nodiscard]] std::size_t size() const { return is_array() ? reply_->elements : 0; }
  // Past the end: nothing.
  [[nodiscard]] std::string_view text(std::size_t index) const {
    return index < size() ? text_of(*reply_->element[index]) : std::string_view{};
  }
  // Itself, if it is a number; else nullptr.
  [[nodiscard]] const redisReply* integer() const {
    return reply_ && reply_->type == REDIS_REPLY_INTEGER ? reply_.get() : nullptr;
  }
  [[nodiscard]] const redisReply* element(std::size_t index) const {
    return index < size() ? reply_->element[index] : nullptr;
  }
  [[nodiscard]] static std::string_view text_of(const redisReply& reply) {
    if (reply.type == REDIS_REPLY_INTEGER || reply.type == REDIS_REPLY_NIL ||
        reply.type == REDIS_REPLY_ARRAY) {
      return {};
    }
    return {reply.str, reply.len};
  }

 private:
  struct Free {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
  };
  std::unique_ptr<redisReply, Free> reply_;
};

// Bytes in, replies out.
class Reader {
 public:
  Reader() : reader_(redisReaderCreate()) {}
  void feed(std::string_view bytes) { redisReaderFeed(reader_.get(), bytes.data(), bytes.size()); }
  // False: the bytes are not Redis'. An unknown reply: more bytes are needed.
  [[nodiscard]] bool next(Reply& reply) {
    void* parsed = nullptr;
    if (redisReaderGetReply(reader_.get(), &parsed) != REDIS_OK) return false;
    reply = Reply(parsed);
    return true;
  }

 private:
  struct Free {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace onsale::redis
