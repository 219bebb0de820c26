// Reading is harmless: no group, no commit. Replaying writes records again, as they were: whoever has
// seen their id drops them, so that it may be repeated.
#include "app/events_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kafka/cloud_event.hpp"
#include "adapters/kafka/record_writer.hpp"
#include "adapters/kafka/topic_reader.hpp"
#include "api/codec/json_writer.hpp"
#include "app/config.hpp"
#include "app/engines.hpp"

extern char** environ;

namespace onsale::app {
namespace {

constexpr Milliseconds kPatience{10'000};
constexpr Milliseconds kRound{500};
constexpr const char* kTopics[] = {"order.events", "seat.events"};
constexpr std::string_view kLetterHeaders = "dead-letter-";

struct Wish {
  std::string config_file;
  std::string brokers;
  std::string prefix;
  bool prefix_given = false;
  // Which records.
  std::string topic;
  std::string order;
  std::string type;
  std::string reason;
  std::string since;
  std::uint64_t event = 0;
  bool from_beginning = false;
  bool stop_at_end = false;
  bool json = false;
  bool yes = false;
};

int refuse(const Failure& failure) {
  std::fprintf(stderr, "onsale: %s\n", failure.detail.c_str());
  return 1;
}

Result<KafkaOptions> options_of(const Wish& wish) {
  Config config;
  std::string file = wish.config_file;
  if (const char* named = std::getenv("ONSALE_CONFIG"); file.empty() && named != nullptr) {
    file = named;
  }
  if (!file.empty()) {
    if (Status status = apply_file(config, file); !status) return status.error();
  }
  std::vector<std::string> unknown;
  if (Status status = apply_environment(config, environ, unknown); !status) return status.error();
  if (!wish.brokers.empty()) config.kafka.brokers = wish.brokers;
  if (wish.prefix_given) config.kafka.topic_prefix = wish.prefix;
  if (config.kafka.brokers.empty()) {
    return Failure{
        Code::validation_failed,
        "where is Kafka? Give --kafka.brokers host:9092, or --config with a role's file"};
  }
  KafkaOptions options = kafka_options(config);
  options.on_fault = {};  // an operator is told by the command itself
  return options;
}

// "90s", "10m", "2h", "3d"
std::optional<std::int64_t> parse_span_ms(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (fault != std::errc{} || count < 0 || end + 1 != text.data() + text.size()) {
    return std::nullopt;
  }
  constexpr std::int64_t kCountMax = 1'000'000;
  if (count > kCountMax) return std::nullopt;
  switch (*end) {
    case 's':
      return count * 1000;
    case 'm':
      return count * 60'000;
    case 'h':
      return count * 3'600'000;
    case 'd':
      return count * 86'400'000;
    default:
      return std::nullopt;
  }
}

Result<TopicReader> open_reader(const KafkaOptions& options, const Wish& wish, bool letters) {
  std::vector<std::string> topics;
  for (const std::string topic : kTopics) {
    if (!wish.topic.empty() && wish.topic != topic) continue;
    topics.push_back(options.topic_prefix + topic + (letters ? std::string{kDeadLetters} : ""));
  }
  if (topics.empty()) {
    return Failure{Code::validation_failed, "--topic is order.events or seat.events"};
  }
  const bool all = wish.from_beginning || !wish.since.empty();
  auto reader = TopicReader::open(
      options, topics, all ? TopicReader::From::beginning : TopicReader::From::end, kPatience);
  if (!reader || wish.since.empty()) return reader;
  const auto span = parse_span_ms(wish.since);
  if (!span) {
    return Failure{Code::validation_failed, "--since is a time such as 90s, 10m, 2h or 3d"};
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto from = std::chrono::duration_cast<std::chrono::milliseconds>(now).count() - *span;
  if (Status sought = reader->seek_to_time(from, kPatience); !sought) return sought.error();
  return reader;
}

// What cannot be read passes only a wish that asks for nothing particular.
bool is_wanted(const Wish& wish, const KafkaRecord& record, const Result<Message>& message) {
  if (!wish.order.empty() && record.key != wish.order) return false;
  if (!wish.reason.empty() &&
      record.header("dead-letter-reason").find(wish.reason) == std::string::npos) {
    return false;
  }
  if (!message) return wish.type.empty() && wish.event == 0;
  if (!wish.type.empty() && name_of(message->type) != wish.type) return false;
  return wish.event == 0 || message->event.value == wish.event;
}

std::string place_of(const KafkaRecord& record) {
  return record.topic + "/" + std::to_string(record.partition) + "@" +
         std::to_string(record.offset);
}

// One line an operator can read and cut into columns.
std::string line_of(const KafkaRecord& record, const Result<Message>& message) {
  std::string line;
  if (message) {
    api::json::append_time(line, message->at);
    line.erase(std::remove(line.begin(), line.end(), '"'), line.end());
    line += " " + std::string{name_of(message->type)};
    line += " order " + message->order.to_string();
    line += " event " + std::to_string(message->event.value) + " seats ";
    for (std::size_t i = 0; i < message->seats.size(); ++i) {
      line += (i > 0 ? "," : "") + std::to_string(message->seats[i].value);
    }
    line += " " + message->currency + " " + std::to_string(message->total.amount);
    if (message->reason != order::Reason::none) {
      line += " because " + std::string{order::name_of(message->reason)};
    }
  } else {
    line = "unreadable (" + message.error().detail + "), " + std::to_string(record.value.size()) +
           " bytes, key " + (record.key.empty() ? "none" : record.key);
  }
  if (const std::string reason = record.header("dead-letter-reason"); !reason.empty()) {
    line += " | refused by " + record.header("dead-letter-consumer") + " after " +
            record.header("dead-letter-tries") + " tries: " + reason + " | was " +
            record.header("dead-letter-topic") + "/" + record.header("dead-letter-partition") +
            "@" + record.header("dead-letter-offset");
  }
  return line + " [" + place_of(record) + "]";
}

void print(const Wish& wish, const KafkaRecord& record, const Result<Message>& message) {
  const std::string line = wish.json ? record.value : line_of(record, message);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

int tail(const Wish& wish) {
  const auto options = options_of(wish);
  if (!options) return refuse(options.error());
  auto reader = open_reader(*options, wish, false);
  if (!reader) return refuse(reader.error());
  while (!wish.stop_at_end || !reader->at_end()) {
    const auto record = reader->next(kRound);
    if (!record) continue;
    const auto message = cloud_event::decode(record->value);
    if (is_wanted(wish, *record, message)) print(wish, *record, message);
  }
  return 0;
}

// The wanted records that are there now.
Result<std::vector<KafkaRecord>> collect(const KafkaOptions& options, const Wish& wish,
                                         bool letters) {
  auto reader = open_reader(options, wish, letters);
  if (!reader) return reader.error();
  std::vector<KafkaRecord> records;
  Milliseconds silent{0};
  while (!reader->at_end()) {
    auto record = reader->next(kRound);
    if (!record) {
      silent += kRound;
      if (silent < kPatience || reader->at_end()) continue;
      return Failure{Code::unavailable, "Kafka at " + options.brokers + " has fallen silent"};
    }
    silent = Milliseconds{0};
    if (is_wanted(wish, *record, cloud_event::decode(record->value))) {
      records.push_back(std::move(*record));
    }
  }
  return records;
}

int dead_letters(Wish wish) {
  wish.from_beginning = true;
  const auto options = options_of(wish);
  if (!options) return refuse(options.error());
  const auto letters = collect(*options, wish, true);
  if (!letters) return refuse(letters.error());
  for (const KafkaRecord& letter : *letters) {
    print(wish, letter, cloud_event::decode(letter.value));
  }
  std::fprintf(stderr, "%zu dead letters\n", letters->size());
  return 0;
}

// As it was before it was refused.
KafkaRecord revived(KafkaRecord letter) {
  if (const std::string topic = letter.header("dead-letter-topic"); !topic.empty()) {
    letter.topic = topic;
  }
  std::erase_if(letter.headers,
                [](const auto& header) { return header.first.starts_with(kLetterHeaders); });
  return letter;
}

int replay(Wish wish, bool letters) {
  wish.from_beginning = true;
  if (!letters && wish.order.empty() && wish.since.empty()) {
    return refuse({Code::validation_failed,
                   "to replay what has been delivered, say which: --order ID or --since 2h"});
  }
  const auto options = options_of(wish);
  if (!options) return refuse(options.error());
  const auto found = collect(*options, wish, letters);
  if (!found) return refuse(found.error());
  std::vector<KafkaRecord> records;
  records.reserve(found->size());
  for (const KafkaRecord& one : *found) {
    print(wish, one, cloud_event::decode(one.value));
    records.push_back(revived(one));
  }
  if (!wish.yes) {
    std::fprintf(stderr, "%zu records would be published again; add --yes to do it\n",
                 records.size());
    return 0;
  }
  std::size_t written = 0;
  const Status done =
      write_records(*options, records, kPatience + kRound * records.size(), written);
  if (!done) return refuse(done.error());
  std::fprintf(stderr, "%zu records published again\n", written);
  return 0;
}

void add_where(CLI::App& verb, Wish& wish) {
  verb.add_option("--config", wish.config_file, "A role's settings file (TOML)");
  verb.add_option("--kafka.brokers,--brokers", wish.brokers,
                  "Where Kafka is: host:port, or several with commas between");
  verb.add_option_function<std::string>(
      "--kafka.topic_prefix",
      [&wish](const std::string& text) {
        wish.prefix = text;
        wish.prefix_given = true;
      },
      "Before every topic, where offices share a Kafka [none]");
  verb.add_option("--topic", wish.topic, "Only order.events or seat.events [both]");
  verb.add_option("--order", wish.order, "Only of this order (its id)");
  verb.add_option("--event", wish.event, "Only of this event (its number)");
  verb.add_option("--type", wish.type, "Only of this type, e.g. PAYMENT_FAILED");
  verb.add_option("--since", wish.since, "Only what was stored in the last 90s, 10m, 2h, 3d …");
  verb.add_flag("--json", wish.json, "Print the events themselves, one JSON document a line");
}

}  // namespace

void add_events(CLI::App& app, int& code) {
  auto* verb = app.add_subcommand(
      "events",
      "Look at the events on Kafka, at those nobody could take, and publish some again.\n"
      "For an office on several machines; reading disturbs nobody.");
  verb->require_subcommand(1);

  auto tail_wish = std::make_shared<Wish>();
  auto* tail_verb = verb->add_subcommand(
      "tail",
      "Print events as they come, until Ctrl-C: time, type, order, event, seats, sum, reason and\n"
      "[topic/partition@offset].");
  add_where(*tail_verb, *tail_wish);
  tail_verb->add_flag("--from-beginning", tail_wish->from_beginning,
                      "Begin with the oldest that Kafka still has");
  tail_verb->add_flag("--stop-at-end", tail_wish->stop_at_end, "End when all has been read");
  tail_verb->callback([tail_wish, &code] { code = tail(*tail_wish); });

  auto letters_wish = std::make_shared<Wish>();
  auto* letters_verb = verb->add_subcommand(
      "dead-letters",
      "List the events that a consumer refused again and again, or that could not be read: by\n"
      "whom, after how many tries, why, and where they stood.");
  add_where(*letters_verb, *letters_wish);
  letters_verb->add_option("--reason", letters_wish->reason, "Only those whose reason says this");
  letters_verb->callback([letters_wish, &code] { code = dead_letters(*letters_wish); });

  auto replay_wish = std::make_shared<Wish>();
  auto delivered = std::make_shared<bool>(false);
  auto* replay_verb = verb->add_subcommand(
      "replay",
      "Publish dead letters again, each to the topic it came from, once what refused them is\n"
      "mended. Without --yes it only lists them. Every consumer gets them again; who has taken\n"
      "one already knows it by its id and drops it, so replaying twice does no harm.");
  add_where(*replay_verb, *replay_wish);
  replay_verb->add_option("--reason", replay_wish->reason, "Only those whose reason says this");
  replay_verb->add_flag("--delivered", *delivered,
                        "Not dead letters: events as they stand in the topics (with --order or "
                        "--since)");
  replay_verb->add_flag("--yes", replay_wish->yes, "Do it");
  replay_verb->callback(
      [replay_wish, delivered, &code] { code = replay(*replay_wish, !*delivered); });
}

}  // namespace onsale::app
