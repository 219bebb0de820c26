// One question, asked of one node after the other until one answers or the time is up.
#include "adapters/peers/peer_client.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/assert.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {
namespace {

using Steady = std::chrono::steady_clock;

Milliseconds left_until(Steady::time_point until) {
  return std::chrono::duration_cast<Milliseconds>(until - Steady::now());
}

}  // namespace

PeerClient::PeerClient(http::HttpClient& client, const Clock& clock, IdSource& ids,
                       PeerOptions options)
    : client_(client),
      clock_(clock),
      ids_(ids),
      options_(std::move(options)),
      fields_("Authorization: Bearer " + options_.credential + "\r\n") {
  const Lock lock(mutex_);
  for (const http::Origin& origin : options_.nodes) {
    nodes_.push_back({origin, payment::CircuitBreaker(options_.breaker)});
  }
}

Task<http::ClientAnswer> PeerClient::ask(Question question) {
  stats_.asked.fetch_add(1, std::memory_order_relaxed);
  const Steady::time_point until = Steady::now() + question.deadline;
  http::ClientAnswer last{.fault = http::ClientFault::not_connected};
  bool sent_ever = false;
  for (std::uint32_t tries = 0;; ++tries) {
    const Milliseconds left = left_until(until);
    if (left.count() <= 0) break;
    if (Node* const node = choose()) {
      http::ClientCall call;
      call.target = question.path;
      call.fields = fields_;
      call.body = question.body;
      call.trace = question.trace;
      call.parent_span = question.parent_span;
      call.repeatable = question.repeatable;
      call.deadline =
          question.try_deadline.count() > 0 ? std::min(question.try_deadline, left) : left;
      Task<http::ClientAnswer> calling = client_.call(node->origin, std::move(call));
      last = co_await std::move(calling);
      // "No room" is our own queue's word and says nothing of the node.
      tell(*node, last.came() || last.fault == http::ClientFault::no_room);
      if (last.came() || last.fault == http::ClientFault::no_room) co_return last;
      sent_ever = sent_ever || last.sent;
    } else {
      stats_.breaker_refused.fetch_add(1, std::memory_order_relaxed);
      break;  // they are known to be away: whoever asks learns it at once
    }
    if (tries + 1 >= options_.tries_max || (sent_ever && !question.repeatable)) break;
    const Milliseconds wait =
        payment::wait_before_retry(options_.retry, tries, ids_.random_bits().lo);
    if (wait >= left_until(until)) break;
    // Another node is asked at once; the same ones again only after a while.
    if (tries + 1 >= options_.nodes.size()) co_await Scheduler::current()->sleep_for(wait);
    stats_.asked_again.fetch_add(1, std::memory_order_relaxed);
  }
  stats_.unanswered.fetch_add(1, std::memory_order_relaxed);
  last.sent = sent_ever;
  co_return last;
}

PeerClient::Node* PeerClient::choose() {
  const Instant now = clock_.now();
  const Lock lock(mutex_);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[next_];
    next_ = (next_ + 1) % nodes_.size();
    if (node.breaker.allow(now)) return &node;
  }
  return nullptr;
}

void PeerClient::tell(Node& node, bool well) {
  const Instant now = clock_.now();
  const Lock lock(mutex_);
  if (well) {
    node.breaker.succeeded();
  } else {
    node.breaker.failed(now);
  }
}

bool PeerClient::reachable() const {
  const Lock lock(mutex_);
  return std::any_of(nodes_.begin(), nodes_.end(), [](const Node& node) {
    return node.breaker.state() != payment::BreakerState::open;
  });
}

}  // namespace onsale
