// Gather, send, sort the answers; and when there is none, ask again.
#include "adapters/redis/lane.hpp"

#include <algorithm>
#include <utility>

#include "adapters/redis/errands.hpp"
#include "adapters/redis/library.hpp"

namespace onsale::redis {
namespace {

constexpr Milliseconds kTickEvery{20};
constexpr Milliseconds kRetryAfter{15};
constexpr Milliseconds kAskClosedAgainAfter{50};
constexpr Milliseconds kMetaFresh{1000};

CallOutcome refusal(Code code) {
  return {.refused = Refused{code, {}}, .version = {}, .expires_at = {}};
}

}  // namespace

std::string tag_of(EventId event) { return "{e:" + std::to_string(event.value) + "}"; }
std::string meta_key_of(EventId event) { return "meta" + tag_of(event); }

Lane::Lane(AsioScheduler& loop, const Options& options, Hooks hooks)
    : loop_(loop),
      options_(options),
      hooks_(std::move(hooks)),
      topology_(Topology::make(loop, options,
                               {.on_ready = [this] { pump_all(); },
                                .on_down =
                                    [this](const Endpoint& endpoint, std::string_view why) {
                                      hooks_.on_trouble("redis " + endpoint.host + ":" +
                                                        std::to_string(endpoint.port) + ": " +
                                                        std::string(why));
                                    }})),
      alive_(std::make_shared<bool>(true)) {}

Lane::~Lane() {
  if (!stopped_) stop();
  *alive_ = false;
}

void Lane::start() {
  topology_->start();
  tick();
}

void Lane::submit(Call& call) {
  if (Scheduler::current() == &loop_) return accept(call);
  loop_.post([this, &call] { accept(call); });
}

void Lane::ask(Errand& errand) {
  if (Scheduler::current() == &loop_) return accept(errand);
  loop_.post([this, &errand] { accept(errand); });
}

void Lane::forget(EventId id) {
  const auto look_again = [this, id] {
    Event& known = event(id);
    if (known.knowledge != Knowledge::asking) known.knowledge = Knowledge::unknown;
    known.known_at = {};
    pump_soon(known);
  };
  if (Scheduler::current() == &loop_) return look_again();
  loop_.post(look_again);
}

std::vector<Endpoint> Lane::ready_masters() const {
  return stopped_ ? std::vector<Endpoint>{} : topology_->ready_masters();
}

void Lane::stop() {
  stopped_ = true;
  topology_.reset();  // what is under way comes back unanswered …
  for (auto& [id, event] : events_) {
    refuse_waiting(*event, Code::unavailable, Whom::all);  // … and ends here
  }
}

Lane::Event& Lane::event(EventId id) {
  std::unique_ptr<Event>& slot = events_[id];
  if (!slot) {
    slot = std::make_unique<Event>();
    slot->id = id;
  }
  return *slot;
}

void Lane::accept(Call& call) {
  Event& target = event(call.wish.event);
  if (stopped_ || target.calls.size() >= options_.calls_waiting_max) {
    call.done.complete(refusal(Code::unavailable));
    return;
  }
  target.calls.push_back(&call);
  pump_soon(target);
}

void Lane::accept(Errand& errand) {
  if (stopped_) {
    errand.done.complete(Code::unavailable);
    return;
  }
  Event& target = event(errand.event);
  target.errands.push_back(&errand);
  pump_soon(target);
}

// At the end of this turn of the loop, so that all calls of the turn share a batch.
void Lane::pump_soon(Event& event) {
  if (event.pump_posted) return;
  event.pump_posted = true;
  loop_.post([this, &event, alive = alive_] {
    if (!*alive) return;
    event.pump_posted = false;
    pump(event);
  });
}

void Lane::pump_all() {
  for (auto& [id, event] : events_) {
    if (!event->calls.empty() || !event->errands.empty()) pump_soon(*event);
  }
}

void Lane::tick() {
  loop_.post_after(kTickEvery, [this, alive = alive_] {
    if (!*alive || stopped_) return;
    pump_all();
    tick();
  });
}

void Lane::drop_late(Event& event) {
  const SteadyTime now = steady_now();
  std::vector<Call*> late_calls;
  std::vector<Errand*> late_errands;
  std::erase_if(event.calls, [&](Call* call) {
    if (now < call->give_up) return false;
    late_calls.push_back(call);
    return true;
  });
  std::erase_if(event.errands, [&](Errand* errand) {
    if (now < errand->give_up) return false;
    late_errands.push_back(errand);
    return true;
  });
  for (Call* call : late_calls) call->done.complete(refusal(Code::unavailable));
  for (Errand* errand : late_errands) errand->done.complete(Code::unavailable);
}

void Lane::refuse_waiting(Event& event, Code code, Whom whom) {
  std::deque<Call*> calls;
  std::deque<Errand*> errands;
  std::deque<Errand*> stay;
  calls.swap(event.calls);
  errands.swap(event.errands);
  for (Call* call : calls) call->done.complete(refusal(code));
  for (Errand* errand : errands) {
    if (errand->needs_open || whom == Whom::all) {
      errand->done.complete(code);
    } else {
      stay.push_back(errand);
    }
  }
  event.errands.insert(event.errands.begin(), stay.begin(), stay.end());
}

void Lane::pump(Event& event) {
  if (stopped_) return refuse_waiting(event, Code::unavailable, Whom::all);
  drop_late(event);
  if (event.calls.empty() && event.errands.empty()) return;
  const SteadyTime now = steady_now();
  if (now < event.not_before) return;  // the tick comes back
  Connection* connection = topology_->connection_of(event.id);
  if (connection == nullptr || !connection->ready()) {
    const SteadyTime since =
        connection == nullptr ? topology_->lost_since() : connection->down_since();
    if (now - since > options_.patience) refuse_waiting(event, Code::unavailable, Whom::all);
    return;
  }
  send_errands(event, *connection);
  if (event.knowledge == Knowledge::open && event.binding.fence != connection->fence()) {
    event.knowledge = Knowledge::unknown;  // another memory than the one we were bound to
  }
  if (event.knowledge == Knowledge::closed && now - event.known_at > kAskClosedAgainAfter) {
    event.knowledge = Knowledge::unknown;
  }
  switch (event.knowledge) {
    case Knowledge::unknown:
      if (!event.calls.empty() || !event.errands.empty()) ask_meta(event, *connection);
      return;
    case Knowledge::asking:
      return;
    case Knowledge::closed:
      return refuse_waiting(event, Code::unavailable, Whom::needing_open);
    case Knowledge::open:
      break;
  }
  while (!event.calls.empty() && event.in_flight < options_.batches_in_flight_max &&
         event.knowledge == Knowledge::open && connection->ready()) {
    send_batch(event, *connection);
  }
}

void Lane::ask_meta(Event& event, Connection& connection) {
  event.knowledge = Knowledge::asking;
  Command command(8);
  command.add("HMGET").add(meta_key_of(event.id));
  for (const char* field : {"epoch", "fence", "state", "first", "stride", "count"}) {
    command.add(field);
  }
  connection.send(command.text(), [this, &event, fence = connection.fence()](const Reply& reply) {
    on_meta(event, fence, reply);
  });
}

void Lane::on_meta(Event& event, const std::string& fence, const Reply& reply) {
  event.knowledge = Knowledge::unknown;
  constexpr std::size_t kFields = 6;
  if (reply.size() != kFields) {
    if (!try_again(event, reply)) refuse_waiting(event, Code::unavailable, Whom::all);
    return pump_soon(event);
  }
  event.known_at = steady_now();
  if (reply.text(0).empty()) {
    if (hooks_.is_known(event.id)) return closed(event);
    return refuse_waiting(event, Code::event_not_found, Whom::needing_open);
  }
  if (reply.text(2) != "open" || reply.text(1) != fence) return closed(event);
  Binding& binding = event.binding;
  binding.epoch = number<std::uint32_t>(reply.text(0));
  binding.fence = fence;
  binding.numbering = {.first = number<std::uint64_t>(reply.text(3)),
                       .stride = number<std::uint64_t>(reply.text(4)),
                       .count = number<std::uint32_t>(reply.text(5))};
  const std::string suffix = tag_of(event.id) + ":" + std::to_string(binding.epoch) + "." + fence;
  binding.seats_key = "seats" + suffix;
  binding.due_key = "due" + suffix;
  binding.feed_key = "feed" + suffix;
  event.knowledge = Knowledge::open;
  pump_soon(event);
}

void Lane::closed(Event& event) {
  event.knowledge = Knowledge::closed;
  refuse_waiting(event, Code::unavailable, Whom::needing_open);
  hooks_.on_closed(event.id);
}

void Lane::send_errands(Event& event, Connection& connection) {
  std::deque<Errand*> waiting;
  waiting.swap(event.errands);
  for (Errand* errand : waiting) {
    const bool may_go = !errand->needs_open || (event.knowledge == Knowledge::open &&
                                                event.binding.fence == connection.fence());
    if (!connection.ready() || !may_go) {
      event.errands.push_back(errand);
    } else if (!errand->fence.empty() && errand->fence != connection.fence()) {
      errand->done.complete(Code::unavailable);
    } else {
      send_errand(event, connection, *errand);
    }
  }
}

void Lane::send_errand(Event& event, Connection& connection, Errand& errand) {
  const Binding binding = errand.needs_open ? event.binding : Binding{};
  const std::string command = errand.command(binding);
  connection.send(
      command, [this, &event, &errand, binding, fence = connection.fence()](Reply reply) {
        const bool gone = reply.is_text() && reply.text() == "CLOSED" && errand.needs_open;
        if (!reply.known() || reply.is_error() || gone) {
          if (try_again(event, reply)) {
            event.errands.push_back(&errand);
          } else {
            errand.done.complete(Code::unavailable);
          }
          return pump_soon(event);
        }
        errand.done.complete(Errand::Found{std::move(reply), binding, fence});
      });
}

void Lane::send_batch(Event& event, Connection& connection) {
  std::vector<Call*> batch;
  std::vector<std::string> texts;
  while (!event.calls.empty() && batch.size() < options_.calls_per_batch_max) {
    Call* call = event.calls.front();
    if (const auto fault = fault_of(call->wish, event.binding.numbering)) {
      if (*fault == Code::seat_not_found && steady_now() - event.known_at > kMetaFresh) {
        event.knowledge = Knowledge::unknown;  // the event may have grown since
        pump_soon(event);
        break;
      }
      event.calls.pop_front();
      call->done.complete(refusal(*fault));
      continue;
    }
    event.calls.pop_front();
    texts.push_back(encode(call->wish, event.binding.numbering));
    batch.push_back(call);
  }
  if (batch.empty()) return;
  static const std::string kStep = function("step");
  constexpr std::size_t kOthers = 9;
  Command command(kOthers + texts.size());
  command.add("FCALL").add(kStep).add("3");
  command.add(event.binding.seats_key).add(event.binding.due_key).add(event.binding.feed_key);
  command.add(event.binding.epoch).add(options_.feed_entries_max).add(hooks_.now());
  for (const std::string& text : texts) command.add(text);
  ++event.in_flight;
  connection.send(command.text(), [this, &event, batch = std::move(batch),
                                   epoch = event.binding.epoch](const Reply& reply) mutable {
    on_batch(event, std::move(batch), epoch, reply);
  });
}

void Lane::on_batch(Event& event, std::vector<Call*> calls, std::uint32_t epoch,
                    const Reply& reply) {
  --event.in_flight;
  pump_soon(event);
  if (reply.size() != calls.size()) {
    if (try_again(event, reply)) {
      event.calls.insert(event.calls.begin(), calls.begin(), calls.end());
    } else {
      for (Call* call : calls) call->done.complete(refusal(Code::unavailable));
    }
    return;
  }
  const std::uint64_t before = event.version;
  std::vector<CallOutcome> outcomes;
  outcomes.reserve(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto outcome = decode(reply.text(i), calls[i]->wish, epoch);
    outcomes.push_back(outcome ? *outcome : refusal(Code::internal_error));
    event.version = std::max(event.version, outcomes.back().version.value);
  }
  if (event.version > before) hooks_.on_change(event.id);
  for (std::size_t i = 0; i < calls.size(); ++i) calls[i]->done.complete(std::move(outcomes[i]));
}

bool Lane::try_again(Event& event, const Reply& reply) {
  if (!reply.known()) return true;  // as soon as there is a connection
  const std::string_view text = reply.text();
  if (text == "CLOSED") {
    if (event.knowledge == Knowledge::open) event.knowledge = Knowledge::unknown;
    return true;
  }
  if (!reply.is_error()) return false;
  event.not_before = steady_now() + kRetryAfter;
  if (text.starts_with("MOVED") || text.starts_with("ASK") || text.starts_with("CLUSTERDOWN")) {
    topology_->redirected(text);
    return true;
  }
  // Undeclared keys of a slot on its way elsewhere: the script's own words for MOVED.
  const bool moving = text.starts_with("TRYAGAIN") ||
                      text.find("non local key in a cluster") != std::string_view::npos;
  if (moving || text.starts_with("LOADING") || text.starts_with("MASTERDOWN") ||
      text.starts_with("BUSY")) {
    return true;
  }
  if (text.starts_with("READONLY") || text.starts_with("NOAUTH") ||
      text.find("Function not found") != std::string_view::npos) {
    if (Connection* connection = topology_->connection_of(event.id)) connection->drop(text);
    return true;
  }
  hooks_.on_trouble(text);
  return false;
}

}  // namespace onsale::redis
