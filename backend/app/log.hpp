// The log: one line an event, key=value or JSON, a trace id where there is one. Written by a thread
// of its own (spdlog, bounded queue; when it is full the oldest lines go, never the caller's time).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "app/config.hpp"

namespace onsale::app {

using LogField = std::pair<std::string_view, std::string>;

enum class LogLevel { debug, info, warn, error };

// Once, before threads; and at the end, so that the last lines are out.
void start_log(const std::string& level, const std::string& format);
void end_log();

// From now on; false: there is no such level (trace, debug, info, warn, error, off). Any thread.
bool set_log_level(std::string_view level);
std::string log_level();

// A field without a value is left out.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace onsale::app
