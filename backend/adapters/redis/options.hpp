// Where Redis is and how patient we are with it: everything an operator may set for this adapter.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace onsale::redis {

struct Endpoint {
  std::string host;
  std::uint16_t port = 6379;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

enum class Form : std::uint8_t {
  single,    // one server
  sentinel,  // the master that the sentinels name
  cluster,   // masters that share the slots; an event lives on one of them
};

struct Options {
  Form form = Form::single;
  std::vector<Endpoint> seeds{
      {"127.0.0.1", 6379}};  // the server, the sentinels, some cluster nodes
  std::string master_name;   // sentinel only
  std::string user;          // empty: the default user
  std::string password;      // empty: no AUTH

  Milliseconds connect_within{1000};
  Milliseconds answer_within{1000};  // later: the connection is dropped, the outcome is unknown
  Milliseconds call_within{2000};    // a port call, with all its repeats; then `unavailable`
  Milliseconds patience{250};        // a server away for longer: calls are refused at once
  Milliseconds probe_every{1000};    // asks each connection whether it is still the same master

  std::size_t calls_per_batch_max = 64;    // bounds the time one script holds the server
  std::size_t batches_in_flight_max = 2;   // of one event on one connection; the others gather
  std::size_t calls_waiting_max = 16'384;  // of one event on one loop; beyond: unavailable
  std::size_t feed_entries_max = 65'536;   // entries an event's stream keeps, about
  std::size_t expiries_per_step_max = 128;
  Milliseconds expire_every{250};  // at the latest
};

// redis://[[user:]password@]host[:port]
// redis-sentinel://[[user:]password@]host[:port][,host[:port]…]/master-name
// redis-cluster://[[user:]password@]host[:port][,host[:port]…]
// validation_failed with a text for the operator.
Result<Options> parse_url(std::string_view url);

}  // namespace onsale::redis
