// Patience lives here, so that a buyer's script reads as if the office were always there.
#include "rehearsal/office_client.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace onsale::rehearsal {

namespace {
constexpr Nanos back_off_first = 50 * nanos_per_ms;
constexpr Nanos back_off_max = nanos_per_second;
constexpr Nanos retry_after_max = 5 * nanos_per_second;
}  // namespace

OfficeClient::OfficeClient(Stage& stage, std::mt19937_64& random, Proof proof)
    : stage_(stage), random_(random), proof_(proof), connection_(stage.loop, stage.target) {}

std::string OfficeClient::credentials() const {
  if (token_.empty()) return {};
  return proof_ == Proof::bearer ? "Authorization: Bearer " + token_ + "\r\n"
                                 : "Cookie: onsale_buyer=" + token_ + "\r\n";
}

void OfficeClient::learn_token(const Response& response) {
  if (!token_.empty()) return;
  if (proof_ == Proof::bearer) {
    token_ = response.header("Buyer-Token");
    return;
  }
  constexpr std::string_view name = "onsale_buyer=";
  const std::string_view cookie = response.header("Set-Cookie");
  if (cookie.substr(0, name.size()) != name) return;
  token_ = cookie.substr(name.size(), cookie.find(';') - name.size());
}

void OfficeClient::note(Call call, const Answer& answer, Nanos intended) {
  CallTally& tally = stage_.tally.of(call);
  if (answer.fate != Fate::answered) {
    if (answer.timed_out) {
      ++tally.timeouts;
    } else {
      ++(answer.fate == Fate::unknown ? tally.resets : tally.unreachable);
      stage_.history.note_outage(answer.answered_at);
    }
    return;
  }
  const int status = answer.response.status;
  if (status >= 500) {
    ++tally.server_errors;
    ++stage_.tally.server_errors[status];
    // 503 is also how a starting or stopping office speaks.
    if (status == 503) stage_.history.note_outage(answer.answered_at);
    return;
  }
  tally.latency.record(answer.answered_at - intended);
  if (status < 400) {
    ++tally.ok;
    return;
  }
  ++tally.refused;
  std::string code = read_problem(answer.response.body).code;
  ++stage_.tally.refusals[std::to_string(status) + " " + (code.empty() ? "(no code)" : code)];
}

Nanos OfficeClient::back_off(std::uint32_t attempt) {
  const Nanos longest = std::min(back_off_max, back_off_first << std::min(attempt, 6U));
  return std::uniform_int_distribution<Nanos>(longest / 2, longest)(random_);
}

Script<Answer> OfficeClient::ask(Request request) {
  const Nanos begun = Loop::now();
  const auto patience = static_cast<Nanos>(stage_.options.patience_seconds * 1e9);
  const auto request_max = static_cast<Nanos>(stage_.options.request_seconds_max * 1e9);
  if (request.intended == 0) request.intended = begun;
  Nanos first_sent = 0;
  for (std::uint32_t attempt = 0;; ++attempt) {
    const std::string headers = request.headers + credentials();
    std::string bytes =
        request_bytes(request.method, request.path, stage_.target.host(), headers, request.body);
    auto exchange = connection_.exchange(std::move(bytes), Loop::now() + request_max);
    Answer answer = co_await exchange;
    note(request.call, answer, request.intended);
    if (first_sent == 0) first_sent = answer.sent_at;
    answer.sent_at = first_sent;
    Nanos wait = back_off(attempt);
    if (answer.fate == Fate::answered) {
      learn_token(answer.response);
      if (answer.response.status != 503 && answer.response.status != 429) co_return answer;
      const std::string_view told = answer.response.header("Retry-After");
      std::int64_t seconds = 0;
      std::from_chars(told.data(), told.data() + told.size(), seconds);
      wait += std::clamp<Nanos>(seconds * nanos_per_second, 0, retry_after_max);
    } else if (answer.fate == Fate::unknown && request.method != "GET") {
      co_return answer;
    }
    if (Loop::now() + wait - begun > patience) co_return answer;
    Pause pause(stage_.loop, Loop::now() + wait);
    request.intended = co_await pause;
  }
}

}  // namespace onsale::rehearsal
