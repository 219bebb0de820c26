// The slot map and its upkeep.
#include "adapters/redis/cluster.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "adapters/redis/errands.hpp"

namespace onsale::redis {
namespace {

constexpr Milliseconds kTickEvery{50};
constexpr Milliseconds kAskWhileAway{200};
constexpr Milliseconds kAskAnyway{2000};

// CRC-16/XMODEM, as Redis Cluster counts slots.
std::uint16_t crc16(std::string_view text) {
  constexpr std::uint32_t kPolynomial = 0x1021;
  std::uint32_t crc = 0;
  for (const char c : text) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 8U;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000U) != 0 ? crc << 1U ^ kPolynomial : crc << 1U;
    }
  }
  return static_cast<std::uint16_t>(crc);
}

}  // namespace

std::uint16_t slot_of(EventId event) { return crc16("e:" + std::to_string(event.value)) % kSlots; }

ClusterTopology::ClusterTopology(AsioScheduler& loop, const Options& options, Hooks hooks)
    : loop_(loop),
      options_(options),
      hooks_(std::move(hooks)),
      slots_(kSlots),
      began_(steady_now()),
      alive_(std::make_shared<bool>(true)) {}

ClusterTopology::~ClusterTopology() { *alive_ = false; }

void ClusterTopology::start() {
  ask();
  tick();
}

void ClusterTopology::tick() {
  loop_.post_after(kTickEvery, [this, alive = alive_] {
    if (!*alive) return;
    const bool away = connections_.empty() ||
                      std::any_of(connections_.begin(), connections_.end(),
                                  [](const auto& entry) { return !entry.second->ready(); });
    if (steady_now() - asked_at_ > (away ? kAskWhileAway : kAskAnyway)) ask();
    tick();
  });
}

Connection* ClusterTopology::connection_of(EventId event) {
  const std::optional<Endpoint>& master = slots_[slot_of(event)];
  return master ? &connection_to(*master) : nullptr;
}

Connection& ClusterTopology::connection_to(const Endpoint& master) {
  std::unique_ptr<Connection>& connection = connections_[master];
  if (!connection) {
    connection = std::make_unique<Connection>(
        loop_, master, options_,
        Connection::Hooks{
            .on_ready = [this] { hooks_.on_ready(); },
            .on_down = [this, master](std::string_view why) { hooks_.on_down(master, why); }});
    connection->start();
  }
  return *connection;
}

std::vector<Endpoint> ClusterTopology::ready_masters() const {
  std::vector<Endpoint> masters;
  for (const auto& [endpoint, connection] : connections_) {
    if (connection->ready()) masters.push_back(endpoint);
  }
  return masters;
}

// "MOVED 3999 127.0.0.1:6381": that slot at least we know now.
void ClusterTopology::redirected(std::string_view error) {
  constexpr std::string_view kMoved = "MOVED ";
  if (error.starts_with(kMoved)) {
    const std::string_view rest = error.substr(kMoved.size());
    const std::size_t space = rest.find(' ');
    const std::size_t colon = rest.rfind(':');
    const auto slot = number<std::size_t>(rest.substr(0, space));
    if (slot < kSlots && space != std::string_view::npos && colon > space + 1) {
      slots_[slot] = Endpoint{std::string(rest.substr(space + 1, colon - space - 1)),
                              number<std::uint16_t>(rest.substr(colon + 1))};
    }
  }
  ask();
}

void ClusterTopology::ask() {
  if (question_) return;
  asked_at_ = steady_now();
  std::vector<Endpoint> nodes = ready_masters();
  nodes.insert(nodes.end(), options_.seeds.begin(), options_.seeds.end());
  const Endpoint node = nodes[next_node_++ % nodes.size()];
  question_ =
      std::make_unique<Question>(loop_, options_, node, Command(2).add("CLUSTER").add("SLOTS"),
                                 true, [this, node](const Reply& reply) { told(node, reply); });
}

void ClusterTopology::told(const Endpoint& asked, const Reply& reply) {
  loop_.post([gone = std::shared_ptr<Question>(std::move(question_))] {});
  question_ = nullptr;
  if (reply.size() == 0) return;
  constexpr std::size_t kFieldsMin = 3;  // from, to, the master; then its replicas
  std::set<Endpoint> masters;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const redisReply* range = reply.element(i);
    if (range->type != REDIS_REPLY_ARRAY || range->elements < kFieldsMin) continue;
    const redisReply& node = *range->element[2];
    if (node.type != REDIS_REPLY_ARRAY || node.elements < 2) continue;
    Endpoint master{std::string(Reply::text_of(*node.element[0])),
                    static_cast<std::uint16_t>(node.element[1]->integer)};
    if (master.host.empty()) master.host = asked.host;
    masters.insert(master);
    const auto from = static_cast<std::size_t>(range->element[0]->integer);
    const auto to = std::min(static_cast<std::size_t>(range->element[1]->integer), kSlots - 1);
    for (std::size_t slot = from; slot <= to; ++slot) slots_[slot] = master;
  }
  std::erase_if(connections_, [&](const auto& entry) { return !masters.contains(entry.first); });
  for (const Endpoint& master : masters) connection_to(master);
}

}  // namespace onsale::redis
