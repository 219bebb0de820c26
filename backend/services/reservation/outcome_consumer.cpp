// What a payment's outcome does to its seats.
#include "services/reservation/outcome_consumer.hpp"

#include <optional>
#include <string>
#include <utility>

namespace onsale {
namespace {

std::optional<Settlement> settlement_for(MessageType type) {
  switch (type) {
    case MessageType::payment_success:
      return Settlement::sell;
    case MessageType::payment_failed:
    case MessageType::order_cancelled:
      return Settlement::give_back;
    case MessageType::order_created:
    case MessageType::seats_sold:
    case MessageType::seats_released:
    case MessageType::order_confirmed:
      return std::nullopt;
  }
  return std::nullopt;
}

// What became of the seats of this message, if somebody waits to hear it.
std::optional<Message> answer_to(const Message& question, bool granted) {
  constexpr std::uint64_t kAnswer = 0x0000'5EA7'5EA7'5EA7;  // leaves a UUID's variant as it is
  const bool sell = question.type == MessageType::payment_success;
  if (!sell && question.type != MessageType::payment_failed) return std::nullopt;
  Message answer = question;
  answer.id.bits.lo ^= kAnswer;
  answer.type = sell && granted ? MessageType::seats_sold : MessageType::seats_released;
  if (sell && !granted) answer.reason = order::Reason::seats_lost;
  return answer;
}

}  // namespace

void OutcomeConsumer::subscribe_to(EventBus& bus) {
  bus.subscribe(std::string(kName), std::string(topic_of(MessageType::payment_success)),
                [this](Message message) { return handle(std::move(message)); });
}

Task<Status> OutcomeConsumer::handle(Message message) {
  if (message.type == MessageType::order_confirmed) {
    auto selling = sell_what_is_confirmed(std::move(message));
    co_return co_await std::move(selling);
  }
  const std::optional<Settlement> settlement = settlement_for(message.type);
  if (!settlement) co_return ok();

  Task<Result<bool>> looking = inbox_.seen(std::string(kName), message.id);
  const Result<bool> seen = co_await std::move(looking);
  if (!seen) co_return seen.error();
  if (*seen) {
    repeated_.fetch_add(1, std::memory_order_relaxed);
    co_return ok();
  }

  Task<LedgerAnswer<Version>> settling =
      ledger_.settle(message.event, message.seats, message.order, *settlement);
  const LedgerAnswer<Version> settled = co_await std::move(settling);
  if (!settled.granted() && settled.refused().code == Code::unavailable) {
    co_return Code::unavailable;
  }

  std::optional<Message> answer;
  if (answers_ != nullptr) answer = answer_to(message, settled.granted());
  if (answer) {
    std::vector<Message> answers{std::move(*answer)};
    Task<Status> answering = answers_->publish(std::move(answers));
    const Status answered = co_await std::move(answering);
    if (!answered) co_return answered;
  }

  // After the effect: a crash in between applies it again, which changes nothing.
  std::vector<MessageId> done{message.id};
  Task<Status> recording = inbox_.record(std::string(kName), std::move(done));
  const Status recorded = co_await std::move(recording);
  if (recorded) applied_.fetch_add(1, std::memory_order_relaxed);
  co_return recorded;
}

Task<Status> OutcomeConsumer::sell_what_is_confirmed(Message message) {
  Task<LedgerAnswer<Version>> settling =
      ledger_.settle(message.event, message.seats, message.order, Settlement::sell);
  const LedgerAnswer<Version> settled = co_await std::move(settling);
  if (!settled.granted() && settled.refused().code == Code::unavailable) {
    co_return Code::unavailable;
  }
  co_return ok();
}

}  // namespace onsale
