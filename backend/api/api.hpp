// Api: the handler behind the HTTP edge. Finds the route, checks what all routes share (method,
// listener, credential, buyer, body form, origin), lets the route answer, counts.
//
// Refusals are judged in the order the contract gives. Thread-safe: all state is shared read-only
// but the counters.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/call.hpp"
#include "api/exemplars.hpp"
#include "api/identity.hpp"
#include "api/rate_limit.hpp"
#include "api/request_counters.hpp"
#include "api/routes/route_table.hpp"
#include "ports/probe.hpp"
#include "runtime/http/handler.hpp"

namespace onsale::api {

// One answered request, as the access log tells it.
struct AccessRecord {
  const http::Request& request;
  std::string_view route;  // the route's name; "none" without one
  int status = 0;
  std::uint64_t took_us = 0;
  OrderId order;  // nil: it was about none
};

struct ApiOptions {
  // The services that answer here; the others' addresses are 404. Operations and documents always do.
  std::function<bool(Service)> serves;  // none: all
  ProblemForm problem_form;
  std::string internal_credential;           // what internal calls must send as a bearer token
  std::vector<std::string> cors_origins;     // exact origins, or "*"
  double requests_per_second_per_buyer = 0;  // 0: unlimited; more: 429
  double access_sample = 0;                  // share of requests told to access_log
  std::function<void(const AccessRecord&)> access_log;  // any thread; must not wait
  Probe* probe = nullptr;                               // told of the traces it follows, and of …
  std::uint64_t slow_us = 1'000'000;                    // … calls that took at least so long
};

class Api final : public http::Handler {
 public:
  Api(const Desks& desks, const Identity& identity, const Clock& clock, ApiOptions options);

  Task<void> handle(const http::Request& request, http::Response& response) override;
  void refuse(Code code, std::string_view detail, TraceId trace_id,
              http::Response& response) override;

  [[nodiscard]] const RequestCounters& counters() const { return counters_; }
  [[nodiscard]] const Exemplars& exemplars() const { return exemplars_; }

 private:
  // The route's Task, or a finished one if the request was refused or answered here.
  Task<void> dispatch(const http::Request& request, http::Response& response,
                      std::size_t& route_index);
  static void answer_options(const http::Request& request, std::string_view allow,
                             bool cross_origin, http::Response& response);
  [[nodiscard]] bool sampled() const;
  void tell_probe(const http::Request& request, const http::Response& response, std::size_t route,
                  std::uint64_t took_us);
  bool add_cors(const http::Request& request, http::Response& response) const;
  // May a page of another site send this? Only what proves its buyer by Authorization, or comes from
  // an origin that is named, or (where any may call) brings no cookie and is to be given none.
  [[nodiscard]] bool may_act(const http::Request& request) const;

  Desks desks_;
  const Identity& identity_;
  const Clock& clock_;
  const ApiOptions options_;
  RateLimit rate_limit_;
  RequestCounters counters_;
  Exemplars exemplars_;
  std::uint32_t served_ = 0;  // a bit a Service
};

}  // namespace onsale::api
