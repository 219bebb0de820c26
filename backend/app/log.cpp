// spdlog behind three functions: nothing else in the house knows which library writes the log.
#include "app/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "api/codec/json_writer.hpp"

namespace onsale::app {
namespace {

constexpr std::size_t kQueuedLinesMax = 8192;
bool as_json = false;

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// A value of one word stays bare: key=value; any other is quoted.
void append_value(std::string& out, std::string_view value) {
  const bool bare = !value.empty() && value.find_first_of(" \"=\\\n\t") == std::string_view::npos;
  if (bare) {
    out += value;
  } else {
    api::json::append_string(out, value);
  }
}

}  // namespace

void start_log(const std::string& level, const std::string& format) {
  as_json = format == "json";
  spdlog::init_thread_pool(kQueuedLinesMax, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::async_logger>(
      "onsale", sink, spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern(as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                              : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                      spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

bool set_log_level(std::string_view level) {
  const auto wanted = spdlog::level::from_str(std::string{level});
  if (wanted == spdlog::level::off && level != "off") return false;
  spdlog::default_logger_raw()->set_level(wanted);
  return true;
}

std::string log_level() {
  const auto view = spdlog::level::to_string_view(spdlog::default_logger_raw()->level());
  const std::string_view name{view.data(), view.size()};
  return name == "warning" ? "warn" : std::string{name};
}

void end_log() { spdlog::shutdown(); }

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  auto* logger = spdlog::default_logger_raw();
  if (logger == nullptr || !logger->should_log(level_of(level))) return;
  std::string line;
  if (as_json) {
    line += R"("message":)";
    api::json::append_string(line, message);
    for (const auto& [key, value] : fields) {
      if (value.empty()) continue;
      line += ",\"";
      line += key;
      line += "\":";
      api::json::append_string(line, value);
    }
  } else {
    line += message;
    for (const auto& [key, value] : fields) {
      if (value.empty()) continue;
      line += ' ';
      line += key;
      line += '=';
      append_value(line, value);
    }
  }
  logger->log(level_of(level), "{}", line);
}

}  // namespace onsale::app
