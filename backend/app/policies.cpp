// From the settings to the options of each part: shared by every form of the office.
#include "app/policies.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

#include "api/codec/json_writer.hpp"
#include "app/log.hpp"

namespace onsale::app {
namespace {

std::size_t size(std::int64_t value) { return static_cast<std::size_t>(value); }
Milliseconds ms(std::int64_t value) { return Milliseconds{value}; }

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

}  // namespace

http::ServerOptions server_options(const Config& config) {
  const auto& http = config.http;
  http::ServerOptions options;
  options.endpoints = {
      {.address = http.address, .port = static_cast<std::uint16_t>(http.port), .internal = false},
      {.address = http.internal_address,
       .port = static_cast<std::uint16_t>(http.internal_port),
       .internal = true}};
  options.loops = http.loops > 0 ? size(http.loops)
                                 : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  options.limits.header_bytes_max = size(http.header_bytes_max);
  options.limits.target_bytes_max = size(http.target_bytes_max);
  options.limits.header_fields_max = size(http.header_fields_max);
  options.limits.body_bytes_max = size(http.body_bytes_max);
  options.limits.header_time_max = ms(http.header_time_ms);
  options.limits.body_time_max = ms(http.body_time_ms);
  options.limits.idle_time_max = ms(http.idle_time_ms);
  options.limits.write_time_max = ms(http.write_time_ms);
  options.limits.drain_time_max = ms(http.drain_time_ms);
  options.limits.connections_max = size(http.connections_max);
  options.limits.in_flight_max = size(http.in_flight_max);
  options.limits.pipelined_max = size(http.pipelined_max);
  options.limits.output_bytes_max = size(http.output_bytes_max);
  options.streams.viewers_max =
      std::max<std::size_t>(1, size(config.streams.viewers_max) / options.loops);
  options.streams.heartbeat_every = ms(config.streams.heartbeat_ms);
  options.streams.write_stall_max = ms(config.streams.write_stall_ms);
  options.streams.send_buffer_bytes = static_cast<int>(config.streams.send_buffer_bytes);
  return options;
}

MockProviderOptions provider_options(const Config& config) {
  const auto& mock = config.payments.mock;
  MockProviderOptions options;
  options.delay_shape = mock.delay == "uniform"       ? DelayShape::uniform
                        : mock.delay == "exponential" ? DelayShape::exponential
                        : mock.delay == "lognormal"   ? DelayShape::lognormal
                                                      : DelayShape::fixed;
  options.delay_mean_ms = mock.delay == "none" ? 0 : mock.delay_ms;
  options.delay_spread_ms = mock.delay == "none" ? 0 : mock.spread_ms;
  options.success_share = mock.success_share;
  options.timeout_share = mock.timeout_share;
  options.seed = static_cast<std::uint64_t>(mock.seed);
  return options;
}

HoldPolicy hold_policy(const Config& config) {
  return {.seconds_min = Seconds{config.holds.seconds_min},
          .seconds_max = Seconds{config.holds.seconds_max},
          .seconds_default = Seconds{config.holds.seconds_default},
          .life_max = Seconds{config.holds.life_max_seconds},
          .seats_per_buyer_max = static_cast<std::uint32_t>(config.limits.seats_per_buyer)};
}

PaymentPolicy payment_policy(const Config& config) {
  PaymentPolicy policy;
  policy.call_deadline = ms(config.payments.call_ms);
  return policy;
}

OrderPolicy order_policy(const Config& config) {
  OrderPolicy policy;
  policy.payments_deadline = ms(config.payments.deadline_ms);
  policy.sagas_max = size(config.payments.orders_in_flight_max);
  return policy;
}

api::ApiOptions api_options(const Config& config, std::string credential) {
  api::ApiOptions options;
  options.problem_form.content_type = config.errors.content_type == "application/json"
                                          ? "application/json"
                                          : "application/problem+json";
  options.internal_credential = std::move(credential);
  options.requests_per_second_per_buyer =
      static_cast<double>(config.limits.requests_per_second_per_buyer);
  options.access_sample = config.log.access_sample;
  options.access_log = [proxies =
                            list_of(config.http.trusted_proxies)](const api::AccessRecord& record) {
    // Who asked: what a proxy of ours says, or else who connected.
    std::string peer{record.request.peer_address};
    if (std::find(proxies.begin(), proxies.end(), peer) != proxies.end()) {
      if (const auto told = record.request.header("X-Real-IP")) peer = *told;
    }
    std::string trace;
    api::json::append_hex(trace, record.request.trace_id.bits);
    log(LogLevel::info, "access",
        {{"method", std::string{record.request.method_text}},
         {"path", std::string{record.request.path}},
         {"route", std::string{record.route}},
         {"status", std::to_string(record.status)},
         {"us", std::to_string(record.took_us)},
         {"peer", std::move(peer)},
         {"order", record.order.is_nil() ? std::string{} : record.order.to_string()},
         {"trace", std::move(trace)}});
  };
  options.slow_us = static_cast<std::uint64_t>(config.tracing.slow_ms) * 1000;
  options.cors_origins = list_of(config.http.cors_origins);
  return options;
}

sse::FanOutLimits fan_out_limits(const Config& config) {
  return {.frames_per_second = config.streams.frames_per_second,
          .frames_burst = static_cast<double>(config.streams.frames_burst),
          .gap_min = ms(config.streams.gap_ms)};
}

Endpoints endpoints_of(const Config& config, const http::Server& server) {
  const auto url = [](const std::string& address, std::uint16_t port) {
    const std::string host = address == "0.0.0.0" || address == "::" ? "127.0.0.1" : address;
    return "http://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
           std::to_string(port);
  };
  return {url(config.http.address, server.port(0)),
          url(config.http.internal_address, server.port(1)), static_cast<long>(::getpid())};
}

OrderPolicy scaled_order_policy(const Config& config) {
  OrderPolicy policy = order_policy(config);
  policy.fast_path = config.saga.fast_path;
  policy.announce_seats = false;                 // the reservation role answers what it did
  policy.full_sweep_every = policy.sweep_every;  // it reads only what nobody drives
  return policy;
}

api::ApiOptions role_options(const Config& config, std::string credential) {
  api::ApiOptions options = api_options(config, std::move(credential));
  options.serves = [roles = config](api::Service service) {
    switch (service) {
      case api::Service::catalog:
        return plays(roles, "catalog");
      case api::Service::reservation:
        return plays(roles, "reservation");
      case api::Service::order:
        return plays(roles, "order");
      case api::Service::payment:
        return plays(roles, "payment");
      case api::Service::operations:
      case api::Service::documents:
        return true;
    }
    return true;
  };
  return options;
}

}  // namespace onsale::app
