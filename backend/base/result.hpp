// Result<T>: what a call that may be refused returns. Shaped like C++23's std::expected; the error
// is always a Failure, because the house has one enum of codes. Not thread-safe, like any value.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "base/code.hpp"

namespace onsale {

// `detail` is for a person and may be empty (the code's own text is shown then); hot refusals leave
// it empty so that saying no allocates nothing.
struct Failure {
  Code code{};
  std::string detail;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}            // NOLINT
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT
  Result(Code code) : state_(std::in_place_index<1>, Failure{code, {}}) {}         // NOLINT

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    check(has_value(), "Result holds a failure");
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    check(has_value(), "Result holds a failure");
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    check(has_value(), "Result holds a failure");
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Failure& error() const {
    check(!has_value(), "Result holds a value");
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Code code() const { return error().code; }

 private:
  std::variant<T, Failure> state_;
};

struct Unit {
  friend bool operator==(const Unit&, const Unit&) = default;
};
using Status = Result<Unit>;
inline Status ok() { return Unit{}; }

}  // namespace onsale
