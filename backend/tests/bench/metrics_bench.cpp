// What counting costs a hold: nanoseconds of RequestCounters::count(), granted and refused, and of the
// question whether a trace is followed, each over many calls from one thread. One JSON object.
// tools/bench divides them by the CPU time of a hold.
#include <chrono>
#include <cstdint>
#include <cstdio>

#include "adapters/telemetry/otlp_probe.hpp"
#include "api/request_counters.hpp"

namespace {

constexpr int kCalls = 20'000'000;

template <typename Call>
double ns_each(Call call) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < kCalls; ++i) call(static_cast<std::uint64_t>(i));
  const auto took = std::chrono::steady_clock::now() - began;
  return std::chrono::duration<double, std::nano>(took).count() / kCalls;
}

}  // namespace

int main() {
  onsale::api::RequestCounters counters;
  onsale::OtlpOptions options;
  options.collector = {"127.0.0.1", 9};
  const onsale::OtlpProbe probe(std::move(options));
  std::uint64_t followed = 0;
  const double granted = ns_each([&](std::uint64_t i) { counters.count(4, 201, 40 + i % 8); });
  const double refused = ns_each(
      [&](std::uint64_t i) { counters.count(4, 409, 40 + i % 8, onsale::Code::seat_sold); });
  const double asked = ns_each([&](std::uint64_t i) {
    followed += probe.follows(onsale::TraceId{{i, i * 0x9E3779B97F4A7C15ULL}}) ? 1 : 0;
  });
  std::printf(
      R"({"count_granted_ns":%.2f,"count_refused_ns":%.2f,"follows_ns":%.2f,"followed":%llu})"
      "\n",
      granted, refused, asked, static_cast<unsigned long long>(followed));
  return counters.sum(4).by_class[0] == kCalls ? 0 : 1;
}
