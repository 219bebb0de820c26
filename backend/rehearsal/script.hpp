// Script<T>: a buyer's behaviour written as a coroutine, so that it reads from arrival to goodbye.
//
// Lazy: nothing runs until it is awaited or begin() is called. The Script object owns the frame;
// destroying it at any suspension point destroys whatever it was waiting for. One thread only.
// Parameters by value or references that outlive the script. Name what you await, and what it gives:
// g++ 12 breaks a coroutine that has `if (co_await f())` or `switch (co_await f())` in it.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "base/assert.hpp"

namespace onsale::rehearsal {

template <typename T>
class Script;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> caller = std::noop_coroutine();

  struct Final {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().caller;
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() { check(false, "a rehearsal script threw"); }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Script<T> get_return_object();
  void return_value(T result) { value.emplace(std::move(result)); }
  T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
  Script<void> get_return_object();
  void return_void() {}
  void take() {}
};

}  // namespace detail

template <typename T = void>
class [[nodiscard]] Script {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Script() = default;
  explicit Script(Handle handle) : handle_(handle) {}
  Script(Script&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Script& operator=(Script&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Script() {
    if (handle_) handle_.destroy();
  }

  // Runs a top-level script to its first wait.
  void begin() { handle_.resume(); }
  [[nodiscard]] bool done() const { return !handle_ || handle_.done(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    handle_.promise().caller = caller;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  Handle handle_ = nullptr;
};

namespace detail {
template <typename T>
Script<T> Promise<T>::get_return_object() {
  return Script<T>{std::coroutine_handle<Promise<T>>::from_promise(*this)};
}
inline Script<void> Promise<void>::get_return_object() {
  return Script<void>{std::coroutine_handle<Promise<void>>::from_promise(*this)};
}
}  // namespace detail

}  // namespace onsale::rehearsal
