// ask(): one command on an event's keys as a Task. And what several files read replies with.
#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <string_view>

#include "adapters/redis/lane.hpp"
#include "runtime/task.hpp"

namespace onsale::redis {

enum class Needs : bool { nothing, open_event };

// `fence`: if not empty, only by the server with that fence.
Task<Result<Errand::Found>> ask(Lane& lane, const Options& options, EventId event,
                                std::function<std::string(const Binding&)> command, Needs needs,
                                std::string fence = {});

// Resumes on the lane's loop, or where it was awaited, after `time`.
Task<void> pause(Lane& lane, Milliseconds time);

// 0 if the text is no number.
template <typename T>
T number(std::string_view text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace onsale::redis
