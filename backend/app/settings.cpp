// The table of settings: key, default (in Config), bounds, sentence.
#include "app/config.hpp"

namespace onsale {
namespace {

using Kind = Setting::Kind;
constexpr double kBig = 1e12;

Kind kind_of(const std::string&) { return Kind::text; }
Kind kind_of(std::int64_t) { return Kind::integer; }
Kind kind_of(double) { return Kind::real; }
Kind kind_of(bool) { return Kind::boolean; }

// Row of a setting: its place in Config says its type, and so its kind.
template <auto Place>
Setting row(std::string_view key, double low, double high, std::string_view choices,
            std::string_view sentence) {
  Config example;
  return {key,
          kind_of(Place(example)),
          [](Config& c) -> void* { return &Place(c); },
          low,
          high,
          choices,
          sentence};
}

template <auto Place>
Setting number(std::string_view key, double low, double high, std::string_view sentence) {
  return row<Place>(key, low, high, "", sentence);
}
template <auto Place>
Setting text(std::string_view key, std::string_view choices, std::string_view sentence) {
  return row<Place>(key, 0, 0, choices, sentence);
}

std::vector<Setting> make_table() {
  return {
      text<[](Config& c) -> auto& { return c.data_dir; }>("data_dir", "",
                                                          "Folder of everything the office keeps"),
      text<[](Config& c) -> auto& { return c.demo; }>(
          "demo", "", "Offer the demo events if the catalogue is empty"),
      text<[](Config& c) -> auto& { return c.roles; }>(
          "roles", "",
          "Roles of this process, separated by commas: catalog, reservation, order, payment; empty "
          "is a whole office in one process"),
      text<[](Config& c) -> auto& { return c.node.name; }>(
          "node.name", "", "This process's name in logs; empty takes the machine's"),
      text<[](Config& c) -> auto& { return c.secrets.token_key_file; }>(
          "secrets.token_key_file", "",
          "File with the key of buyer tokens, 64 hex digits, the same for all nodes; empty is the "
          "data folder's own"),
      text<[](Config& c) -> auto& { return c.secrets.internal_token_file; }>(
          "secrets.internal_token_file", "",
          "File with the credential of internal calls, the same for all nodes; empty is the data "
          "folder's own"),
      text<[](Config& c) -> auto& { return c.redis.url; }>(
          "redis.url", "",
          "The seats' Redis: redis://host:port, redis-sentinel://host:port,…/master or "
          "redis-cluster://host:port,…"),
      text<[](Config& c) -> auto& { return c.redis.password_file; }>(
          "redis.password_file", "", "File with the password of Redis"),
      text<[](Config& c) -> auto& { return c.db.url; }>(
          "db.url", "", "The orders' MySQL or MariaDB: mysql://user@host:port/database"),
      text<[](Config& c) -> auto& { return c.db.password_file; }>(
          "db.password_file", "", "File with the password of its user"),
      text<[](Config& c) -> auto& { return c.db.provider_url; }>(
          "db.provider_url", "", "Database of the mock payment provider's book; empty is db.url"),
      text<[](Config& c) -> auto& { return c.db.provider_password_file; }>(
          "db.provider_password_file", "",
          "File with the password of its user; empty is db.password_file"),
      number<[](Config& c) -> auto& { return c.db.writers; }>(
          "db.writers", 1, 64, "Connections that write, each with one commit under way"),
      number<[](Config& c) -> auto& { return c.db.readers; }>("db.readers", 1, 256,
                                                              "Connections that read"),
      text<[](Config& c) -> auto& { return c.kafka.brokers; }>("kafka.brokers", "",
                                                               "Kafka's brokers: host:port,…"),
      text<[](Config& c) -> auto& { return c.kafka.topic_prefix; }>(
          "kafka.topic_prefix", "",
          "Stands before each topic and group, where offices share a cluster"),
      number<[](Config& c) -> auto& { return c.kafka.partitions; }>(
          "kafka.partitions", 1, 1000, "Partitions of a topic that is not there yet"),
      number<[](Config& c) -> auto& { return c.kafka.replication; }>(
          "kafka.replication", -1, 10,
          "Copies of a topic that is not there yet; -1 is the brokers' default"),
      text<[](Config& c) -> auto& { return c.peers.reservation; }>(
          "peers.reservation", "", "Internal addresses of the reservation role: host:port,…"),
      text<[](Config& c) -> auto& { return c.peers.payment; }>(
          "peers.payment", "", "Internal addresses of the payment role: host:port,…"),
      number<[](Config& c) -> auto& { return c.peers.call_ms; }>(
          "peers.call_ms", 10, 600000,
          "Time for one question to a peer, tries included; then unavailable"),
      number<[](Config& c) -> auto& { return c.peers.try_ms; }>(
          "peers.try_ms", 10, 600000, "Time for one try of it; then another node is asked"),
      number<[](Config& c) -> auto& { return c.peers.connections_max; }>(
          "peers.connections_max", 1, 65536,
          "Connections of one loop to one node of a peer; beyond, calls wait"),
      text<[](Config& c) -> auto& { return c.saga.fast_path; }>(
          "saga.fast_path", "",
          "Ask the reservation role at once; off leaves it to the events alone"),
      number<[](Config& c) -> auto& { return c.reconcile.every_ms; }>(
          "reconcile.every_ms", 0, 86'400'000,
          "Time between two rounds in which a reservation node holds the seats against the orders; "
          "0 is never"),
      number<[](Config& c) -> auto& { return c.reconcile.settle_ms; }>(
          "reconcile.settle_ms", 1000, 600'000,
          "Time after which a seat that looked wrong is looked at again"),
      text<[](Config& c) -> auto& { return c.http.address; }>("http.address", "",
                                                              "Address of the public listener"),
      number<[](Config& c) -> auto& { return c.http.port; }>(
          "http.port", 0, 65535, "Port of the public listener; 0 takes any free one"),
      text<[](Config& c) -> auto& { return c.http.internal_address; }>(
          "http.internal_address", "", "Address of the internal listener; keep it on loopback"),
      number<[](Config& c) -> auto& { return c.http.internal_port; }>(
          "http.internal_port", 0, 65535, "Port of the internal listener; 0 takes any free one"),
      number<[](Config& c) -> auto& { return c.http.loops; }>("http.loops", 0, 256,
                                                              "Event loops; 0 is one a core"),
      number<[](Config& c) -> auto& { return c.http.header_bytes_max; }>(
          "http.header_bytes_max", 512, 1 << 20, "Bytes of request line and header fields (431)"),
      number<[](Config& c) -> auto& { return c.http.target_bytes_max; }>(
          "http.target_bytes_max", 64, 1 << 20, "Bytes of a request target (414)"),
      number<[](Config& c) -> auto& { return c.http.header_fields_max; }>(
          "http.header_fields_max", 4, 128, "Header fields of a request (431)"),
      number<[](Config& c) -> auto& { return c.http.header_time_ms; }>(
          "http.header_time_ms", 100, kBig, "Time for a request's head to arrive (408)"),
      number<[](Config& c) -> auto& { return c.http.body_bytes_max; }>(
          "http.body_bytes_max", 256, 64 << 20, "Bytes of a request body (413)"),
      number<[](Config& c) -> auto& { return c.http.body_time_ms; }>(
          "http.body_time_ms", 100, kBig, "Time for a request's body to arrive (408)"),
      number<[](Config& c) -> auto& { return c.http.idle_time_ms; }>(
          "http.idle_time_ms", 100, kBig, "Time a connection may rest between requests"),
      number<[](Config& c) -> auto& { return c.http.write_time_ms; }>(
          "http.write_time_ms", 100, kBig, "Time a client may take no byte of an answer"),
      number<[](Config& c) -> auto& { return c.http.drain_time_ms; }>(
          "http.drain_time_ms", 0, 600'000, "Time from SIGTERM to the end at most"),
      number<[](Config& c) -> auto& { return c.http.connections_max; }>(
          "http.connections_max", 1, 10'000'000, "Connections (503)"),
      number<[](Config& c) -> auto& { return c.http.in_flight_max; }>(
          "http.in_flight_max", 1, 1'000'000, "Requests being answered (503)"),
      number<[](Config& c) -> auto& { return c.http.pipelined_max; }>(
          "http.pipelined_max", 1, 4096, "Pipelined requests of one connection answered in one go"),
      number<[](Config& c) -> auto& { return c.http.output_bytes_max; }>(
          "http.output_bytes_max", 4096, 1 << 30,
          "Bytes of answers waiting for one client before reading stops"),
      text<[](Config& c) -> auto& { return c.http.cors_origins; }>(
          "http.cors_origins", "",
          "Origins whose pages may call, separated by commas; * is any, without credentials"),
      text<[](Config& c) -> auto& {
        return c.http.trusted_proxies;
      }>("http.trusted_proxies", "",
         "Addresses of proxies whose X-Real-IP is believed in the access log, separated by commas"),
      number<[](Config& c) -> auto& { return c.streams.viewers_max; }>(
          "streams.viewers_max", 1, 10'000'000, "Viewers of streams, over all loops (503)"),
      number<[](Config& c) -> auto& { return c.streams.heartbeat_ms; }>(
          "streams.heartbeat_ms", 50, 600'000,
          "A comment line to a viewer that got nothing for so long"),
      number<[](Config& c) -> auto& { return c.streams.write_stall_ms; }>(
          "streams.write_stall_ms", 100, 600'000, "A viewer that takes nothing for so long is cut"),
      number<[](Config& c) -> auto& { return c.streams.send_buffer_bytes; }>(
          "streams.send_buffer_bytes", 0, 1 << 24,
          "Kernel send buffer of a viewer; 0 leaves the system's"),
      number<[](Config& c) -> auto& { return c.streams.history_changes_max; }>(
          "streams.history_changes_max", 64, 1 << 24,
          "Seat changes of an event that a viewer may have missed and still resume"),
      number<[](Config& c) -> auto& { return c.streams.frames_per_second; }>(
          "streams.frames_per_second", 0.1, 1000,
          "Frames a second to the viewers of an event; changes in between travel together"),
      number<[](Config& c) -> auto& { return c.streams.frames_burst; }>(
          "streams.frames_burst", 1, 1000, "Frames that may go at once after a quiet while"),
      number<[](Config& c) -> auto& { return c.streams.gap_ms; }>(
          "streams.gap_ms", 0, 1000, "Time between two frames at least"),
      number<[](Config& c) -> auto& { return c.limits.seats_per_buyer; }>(
          "limits.seats_per_buyer", 1, 16,
          "Seats of one event that a buyer may hold and own together (409)"),
      number<[](Config& c) -> auto& { return c.limits.requests_per_second_per_buyer; }>(
          "limits.requests_per_second_per_buyer", 0, 1'000'000,
          "Requests a second of one buyer on one loop (429); 0 is no limit"),
      number<[](Config& c) -> auto& { return c.holds.seconds_min; }>(
          "holds.seconds_min", 1, 86'400, "Shortest hold; shorter wishes get this"),
      number<[](Config& c) -> auto& { return c.holds.seconds_max; }>(
          "holds.seconds_max", 1, 86'400, "Longest hold; longer wishes get this"),
      number<[](Config& c) -> auto& { return c.holds.seconds_default; }>(
          "holds.seconds_default", 1, 86'400, "Hold when none is wished"),
      number<[](Config& c) -> auto& { return c.holds.life_max_seconds; }>(
          "holds.life_max_seconds", 1, 86'400, "A hold's whole life, over all extends"),
      text<[](Config& c) -> auto& { return c.holds.direct_confirm; }>(
          "holds.direct_confirm", "",
          "Let buyers sell themselves a held seat without paying (box-office terminals only)"),
      number<[](Config& c) -> auto& { return c.payments.deadline_ms; }>(
          "payments.deadline_ms", 100, 3'600'000,
          "Time from the order to its payment; then it is cancelled"),
      number<[](Config& c) -> auto& { return c.payments.call_ms; }>(
          "payments.call_ms", 10, 3'600'000,
          "Time for one call to the provider; then its outcome is unknown and is asked for"),
      number<[](Config& c) -> auto& { return c.payments.orders_in_flight_max; }>(
          "payments.orders_in_flight_max", 1, 1'000'000,
          "Orders being driven at the same time; beyond, they queue"),
      text<[](Config& c) -> auto& { return c.payments.mock.delay; }>(
          "payments.mock.delay", "none|fixed|uniform|exponential|lognormal",
          "Distribution of the mock provider's answer time"),
      number<[](Config& c) -> auto& { return c.payments.mock.delay_ms; }>("payments.mock.delay_ms",
                                                                          0, 3'600'000, "Its mean"),
      number<[](Config& c) -> auto& { return c.payments.mock.spread_ms; }>(
          "payments.mock.spread_ms", 0, 3'600'000, "Its spread (half width or standard deviation)"),
      number<[](Config& c) -> auto& { return c.payments.mock.success_share; }>(
          "payments.mock.success_share", 0, 1, "Share of payments the mock provider authorises"),
      number<[](Config& c) -> auto& { return c.payments.mock.timeout_share; }>(
          "payments.mock.timeout_share", 0, 1,
          "Share of calls it never answers; half of those take effect"),
      number<[](Config& c) -> auto& { return c.payments.mock.seed; }>("payments.mock.seed", 0, kBig,
                                                                      "Seed of its decisions"),
      number<[](Config& c) -> auto& { return c.journal.flush_ms; }>(
          "journal.flush_ms", 1, 50, "Holds reach the disk's cache within this time"),
      number<[](Config& c) -> auto& { return c.journal.segment_bytes_max; }>(
          "journal.segment_bytes_max", 4096, kBig, "Journal size that makes a snapshot"),
      text<[](Config& c) -> auto& { return c.journal.sync; }>(
          "journal.sync", "", "fdatasync each flush: holds survive a power cut too"),
      text<[](Config& c) -> auto& { return c.errors.content_type; }>(
          "errors.content_type", "application/problem+json|application/json",
          "Content-Type of error bodies"),
      text<[](Config& c) -> auto& { return c.log.level; }>(
          "log.level", "trace|debug|info|warn|error|off", "Least severe log line written"),
      text<[](Config& c) -> auto& { return c.log.format; }>("log.format", "text|json",
                                                            "Form of a log line"),
      number<[](Config& c) -> auto& { return c.log.access_sample; }>(
          "log.access_sample", 0, 1, "Share of requests in the access log"),
      text<[](Config& c) -> auto& { return c.tracing.endpoint; }>(
          "tracing.endpoint", "",
          "OpenTelemetry collector for traces, http://host:port (OTLP over HTTP, JSON); empty is "
          "none"),
      number<[](Config& c) -> auto& { return c.tracing.share; }>(
          "tracing.share", 0, 1,
          "Share of traces told; errors, slow calls and what a caller sampled are always"),
      number<[](Config& c) -> auto& { return c.tracing.slow_ms; }>(
          "tracing.slow_ms", 1, 60'000, "A call that takes so long is slow"),
      number<[](Config& c) -> auto& { return c.audit.every_seconds; }>(
          "audit.every_seconds", 0, 86'400,
          "Time between two audits of the open office, in the background; 0 is never"),
  };
}

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> table = make_table();
  return table;
}

}  // namespace onsale
