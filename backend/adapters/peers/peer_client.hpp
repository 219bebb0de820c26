// PeerClient: asks the nodes of another role. It owns which node is asked (in turn; one whose circuit
// breaker is open is passed over), the tries and the deadline, so that the ports built on it see only
// "an answer" or "none".
//
// Only repeatable questions are asked again: when a node could not be reached, or the answer never
// came back. A question that is not repeatable is asked again only if it was never sent. Whatever
// happens, ask() ends within the question's deadline. Each node has its own breaker; a node that
// answers, whatever it says, is well. Thread-safe; a Task resumes on the loop that awaited it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.hpp"
#include "domain/payment/backoff.hpp"
#include "domain/payment/circuit_breaker.hpp"
#include "ports/clock.hpp"
#include "runtime/http/client.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct PeerOptions {
  std::vector<http::Origin> nodes;  // none: nobody can be asked
  std::string credential;           // the office's internal credential
  std::uint32_t tries_max = 4;      // of one question
  payment::Backoff retry{.first = Milliseconds{20}, .most = Milliseconds{250}};
  payment::BreakerPolicy breaker{
      .failures_in_a_row_max = 5, .open_for = Milliseconds{1000}, .probes_max = 2};
};

struct PeerStats {
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> asked_again{0};
  std::atomic<std::uint64_t> unanswered{0};       // given up
  std::atomic<std::uint64_t> breaker_refused{0};  // no node's breaker let it through
};

class PeerClient {
 public:
  // `client`, `clock` and `ids` outlive it.
  PeerClient(http::HttpClient& client, const Clock& clock, IdSource& ids, PeerOptions options);

  struct Question {
    std::string_view path;  // a literal
    std::string body;
    Milliseconds deadline{};      // for all tries together
    Milliseconds try_deadline{};  // for one; 0: as long as there is
    bool repeatable = true;
    TraceId trace;
    std::uint64_t parent_span = 0;
  };
  // fault none: an answer came, with whatever status. not_connected: no node could be asked.
  Task<http::ClientAnswer> ask(Question question);

  // Is there a node that is not known to be away? What readiness tells of a peer.
  [[nodiscard]] bool reachable() const;
  [[nodiscard]] const PeerStats& stats() const { return stats_; }

 private:
  struct Node {
    http::Origin origin;
    payment::CircuitBreaker breaker;
  };
  // The next node whose breaker lets a question through; nullptr if none does.
  Node* choose();
  void tell(Node& node, bool well);

  http::HttpClient& client_;
  const Clock& clock_;
  IdSource& ids_;
  const PeerOptions options_;
  const std::string fields_;
  PeerStats stats_;
  mutable Mutex mutex_;
  std::vector<Node> nodes_ ONSALE_GUARDED_BY(mutex_);  // their number and origins never change
  std::size_t next_ ONSALE_GUARDED_BY(mutex_) = 0;
};

}  // namespace onsale
