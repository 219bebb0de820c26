// What a hold costs Redis: processor time of the server per hold through the ledger, over that of a
// bare pipelined SET key value NX EX, measured in the same run on the same server; and of all masters
// together where there are one or three of them, each with events of its own. Starts its own
// redis-server. Prints one JSON object; nothing here is a test.
//
//   redis_bench [HOLDS]
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/scheduler.hpp"
#include "tests/redis/redis_node.hpp"
#include "tests/support/memory_proof.hpp"
#include "tests/support/redis_server.hpp"

namespace onsale {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr int kRounds = 5;
constexpr std::size_t kDepth = 512;  // commands, or holds, under way at a time
constexpr std::uint32_t kSeatsPerEvent = 50'000;

double field(const std::string& info, const std::string& name) {
  const std::size_t at = info.find(name + ":");
  return at == std::string::npos ? 0 : std::atof(info.c_str() + at + name.size() + 1);
}
// Seconds of processor time the server has used.
double server_cpu(const RedisServer& server) {
  const std::string info = server.cli("INFO cpu");
  return field(info, "used_cpu_user") + field(info, "used_cpu_sys");
}

using Masters = std::vector<std::unique_ptr<RedisServer>>;

struct Cost {
  double cpu_ns = 0;  // of the server, per command
  double per_second = 0;
};

template <typename Work>
Cost cost_of(const RedisServer& server, std::size_t count, Work work) {
  const double cpu_before = server_cpu(server);
  const auto began = SteadyClock::now();
  work();
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - began).count();
  const double cpu = server_cpu(server) - cpu_before;
  return {cpu * 1e9 / static_cast<double>(count), static_cast<double>(count) / seconds};
}

// The denominator: `count` commands of a plain client, kDepth at a time.
void bare_sets(const RedisServer& server, std::size_t count, const std::string& prefix) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(server.port());
  check(::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0, "no server");
  const auto bulk = [](std::string& text, const std::string& word) {
    text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  };
  std::vector<char> answer(64UL * 1024);
  for (std::size_t sent = 0; sent < count;) {
    const std::size_t batch = std::min(kDepth, count - sent);
    std::string text;
    for (std::size_t i = 0; i < batch; ++i, ++sent) {
      text += "*6\r\n";
      bulk(text, "SET");
      bulk(text, "{e:7}:" + prefix + std::to_string(sent));
      bulk(text, "0123456789abcdef");
      bulk(text, "NX");
      bulk(text, "EX");
      bulk(text, "120");
    }
    check(::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()),
          "send");
    for (std::size_t lines = 0; lines < batch;) {
      const ssize_t got = ::recv(fd, answer.data(), answer.size(), 0);
      check(got > 0, "recv");
      lines += static_cast<std::size_t>(std::count(answer.begin(), answer.begin() + got, '\n'));
    }
  }
  ::close(fd);
}

// One of kDepth buyers at the window: holds every kDepth-th seat.
Task<void> buyer(RedisSeatLedger& ledger, std::size_t first, std::size_t count, std::size_t events,
                 std::atomic<std::size_t>& left, std::atomic<std::size_t>& refused) {
  for (std::size_t n = first; n < count; n += kDepth) {
    SeatIds seats;
    seats.push_back(SeatId{n / events % kSeatsPerEvent});
    const HoldRequest request{EventId{1 + n % events}, seats,
                              BuyerId{{n, ~n}},        Milliseconds{600'000},
                              Milliseconds{900'000},   8};
    const auto answer = co_await ledger.hold(request);
    if (!answer.granted()) ++refused;
  }
  --left;
}

void holds(AsioScheduler& loop, RedisSeatLedger& ledger, std::size_t count, std::size_t events) {
  std::atomic<std::size_t> left{kDepth};
  std::atomic<std::size_t> refused{0};
  loop.post([&] {
    for (std::size_t i = 0; i < kDepth; ++i) {
      detach(buyer(ledger, i, count, events, left, refused));
    }
  });
  while (left != 0) std::this_thread::sleep_for(Milliseconds{1});
  check(refused == 0, "a hold of the measurement was refused");
}

// A cluster of masters without replicas; the slots are shared out evenly.
Masters cluster_of(std::size_t count) {
  constexpr std::size_t kSlots = 16'384;
  Masters masters;
  for (std::size_t i = 0; i < count; ++i) {
    masters.push_back(std::make_unique<RedisServer>(
        RedisServer::Settings{"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"},
        free_cluster_port()));
    masters.back()->cli("CLUSTER ADDSLOTSRANGE " + std::to_string(i * kSlots / count) + " " +
                        std::to_string((i + 1) * kSlots / count - 1));
    if (i > 0) {
      masters.back()->cli("CLUSTER MEET 127.0.0.1 " + std::to_string(masters.front()->port()));
    }
  }
  const auto in_step = [count](const std::unique_ptr<RedisServer>& master) {
    const std::string info = master->cli("CLUSTER INFO");
    return info.find("cluster_state:ok") != std::string::npos &&
           field(info, "cluster_known_nodes") == static_cast<double>(count);
  };
  while (!std::all_of(masters.begin(), masters.end(), in_step)) {
    std::this_thread::sleep_for(Milliseconds{50});
  }
  return masters;
}

// Processor time a hold of all masters together, in ns.
double hold_on(const Masters& masters, std::size_t count) {
  constexpr std::size_t kEvents = 24;
  MemoryProof proof;
  RedisSeatLedgerOptions options;
  options.redis.form = redis::Form::cluster;
  options.redis.seeds.clear();
  for (const auto& master : masters) {
    master->cli("FLUSHALL");
    options.redis.seeds.push_back({"127.0.0.1", master->port()});
  }
  options.redis.call_within = Milliseconds{20'000};
  options.proof = &proof;
  options.drive_expiry = false;
  options.listen = false;
  RedisNode node(std::move(options));
  for (std::uint64_t event = 1; event <= kEvents; ++event) {
    const SeatNumbering numbering{.first = 0, .stride = 1, .count = kSeatsPerEvent};
    check(wait_for(node->open_event(EventId{event}, numbering, {})).has_value(), "open");
  }
  const auto used = [&masters] {
    double seconds = 0;
    for (const auto& master : masters) seconds += server_cpu(*master);
    return seconds;
  };
  const double before = used();
  holds(node.loop(), node.ledger(), count, kEvents);
  return (used() - before) * 1e9 / static_cast<double>(count);
}

double middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run(std::size_t count) {
  const RedisServer server;
  std::vector<double> set_ns;
  std::vector<double> one_event_ns;
  std::vector<double> many_events_ns;
  std::vector<double> set_rate;
  std::vector<double> hold_rate;
  for (int round = 0; round < kRounds; ++round) {
    const auto measure = [&](std::size_t events, std::vector<double>& ns) {
      server.cli("FLUSHALL");
      MemoryProof proof;
      RedisSeatLedgerOptions options;
      options.redis.seeds = {{"127.0.0.1", server.port()}};
      options.redis.call_within = Milliseconds{20'000};
      options.proof = &proof;
      options.drive_expiry = false;
      options.listen = false;
      RedisNode node(std::move(options));
      for (std::uint64_t event = 1; event <= events; ++event) {
        const SeatNumbering numbering{.first = 0, .stride = 1, .count = kSeatsPerEvent};
        check(wait_for(node->open_event(EventId{event}, numbering, {})).has_value(), "open");
      }
      const Cost cost =
          cost_of(server, count, [&] { holds(node.loop(), node.ledger(), count, events); });
      ns.push_back(cost.cpu_ns);
      if (events == 1) hold_rate.push_back(cost.per_second);
    };
    server.cli("FLUSHALL");
    const Cost set = cost_of(server, count, [&] { bare_sets(server, count, "s"); });
    set_ns.push_back(set.cpu_ns);
    set_rate.push_back(set.per_second);
    measure(1, one_event_ns);
    measure(16, many_events_ns);
  }
  std::vector<double> one_master_ns;
  std::vector<double> three_masters_ns;
  {
    const Masters one = cluster_of(1);
    const Masters three = cluster_of(3);
    for (int round = 0; round < kRounds; ++round) {
      one_master_ns.push_back(hold_on(one, count));
      three_masters_ns.push_back(hold_on(three, count));
    }
  }
  const double set = middle(set_ns);
  std::printf(
      "{\"redis_set_nx_ex_cpu_ns\": %.0f, \"redis_hold_cpu_ns\": %.0f, "
      "\"redis_hold_16_events_cpu_ns\": %.0f, \"hold_over_set\": %.2f, "
      "\"hold_16_events_over_set\": %.2f, \"sets_per_second\": %.0f, \"holds_per_second\": %.0f, "
      "\"hold_1_master_cpu_ns\": %.0f, \"hold_3_masters_cpu_ns\": %.0f}\n",
      set, middle(one_event_ns), middle(many_events_ns), middle(one_event_ns) / set,
      middle(many_events_ns) / set, middle(set_rate), middle(hold_rate), middle(one_master_ns),
      middle(three_masters_ns));
}

}  // namespace
}  // namespace onsale

int main(int argc, char** argv) {
  if (onsale::RedisServer::missing()) {
    std::puts("{\"skipped\": \"redis-server is not installed\"}");
    return 0;
  }
  const std::size_t count = argc > 1 ? static_cast<std::size_t>(std::atol(argv[1])) : 48'000;
  onsale::run(std::min<std::size_t>(count, onsale::kSeatsPerEvent));
}
