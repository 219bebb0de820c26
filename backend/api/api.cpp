// Dispatch. What is checked here is checked for every route, in the contract's order: path, method,
// load, Accept, credential, body form; values and state are the handler's.
#include "api/api.hpp"

#include <chrono>
#include <string>

#include "api/accept.hpp"
#include "base/constant_time.hpp"

namespace onsale::api {
namespace {

constexpr std::size_t kNoRoute = RequestCounters::kRoutesMax - 1;

std::uint64_t monotonic_us() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

// An address names a service, or none (then the route's own counts); operations answer under every
// service; operations and documents also at the root, the rest only under /ticketing.
bool service_fits(const Address& address, const Route& route) {
  switch (route.service) {
    case Service::operations:
      return true;
    case Service::documents:
      return address.rooted;
    case Service::catalog:
    case Service::reservation:
    case Service::order:
    case Service::payment:
      return !address.rooted && (!address.service || *address.service == route.service);
  }
  return false;
}

struct Found {
  const Route* route = nullptr;
  PathValues path;
  std::string allow;  // filled only when no route has the verb
  bool any = false;
};

Found find_route(const http::Request& request, http::Method verb, std::uint32_t served) {
  Found found;
  if (request.path == "*") {  // the office as a whole (RFC 9110 section 9.3.7)
    found.any = true;
    found.allow = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
    return found;
  }
  const auto address = parse_address(request.path);
  if (!address) return found;
  for (const Route& route : route_table()) {
    if ((served >> static_cast<unsigned>(route.service) & 1U) == 0) continue;
    if (!service_fits(*address, route)) continue;
    if (route.door != Door::both && !request.internal_listener) continue;
    PathValues values;
    if (!matches(*address, route.pattern, values)) continue;
    found.any = true;
    if (route.verb == verb) {
      found.route = &route;
      found.path = values;
      return found;
    }
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += http::name_of(route.verb);
    if (route.verb == http::Method::get) found.allow += ", HEAD";
  }
  if (found.any) found.allow += ", OPTIONS";
  return found;
}

// Did a browser send this for a page of another site? Browsers tell by Sec-Fetch-Site; those too old
// for it by Origin. A caller that is no browser tells neither, and has no cookie that another's page
// could make it send. (`Sec-Fetch-Site: same-site` is another origin too: one that a cookie goes with.)
bool sent_by_another_site(const http::Request& request) {
  if (const auto site = request.header("Sec-Fetch-Site")) {
    return *site != "same-origin" && *site != "none";
  }
  const auto origin = request.header("Origin");
  if (!origin) return false;
  const std::size_t scheme = origin->find("://");
  const auto host = request.header("Host");
  return scheme == std::string_view::npos || !host || origin->substr(scheme + 3) != *host;
}

}  // namespace

Api::Api(const Desks& desks, const Identity& identity, const Clock& clock, ApiOptions options)
    : desks_(desks),
      identity_(identity),
      clock_(clock),
      options_(std::move(options)),
      rate_limit_(options_.requests_per_second_per_buyer) {
  check(route_table().size() < kNoRoute, "more routes than counters");
  for (const Service service : {Service::catalog, Service::reservation, Service::order,
                                Service::payment, Service::operations, Service::documents}) {
    const bool always = service == Service::operations || service == Service::documents;
    if (always || !options_.serves || options_.serves(service)) {
      served_ |= 1U << static_cast<unsigned>(service);
    }
  }
}

Task<void> Api::handle(const http::Request& request, http::Response& response) {
  const std::uint64_t started_us = monotonic_us();
  std::size_t route = kNoRoute;
  if (options_.probe != nullptr && request.sampled) options_.probe->follow(request.trace_id);
  co_await dispatch(request, response, route);
  const std::uint64_t took_us = monotonic_us() - started_us;
  counters_.count(route, response.status(), took_us, response.refusal());
  if (options_.probe != nullptr) tell_probe(request, response, route, took_us);
  if (options_.access_sample > 0 && sampled()) {
    const std::string_view name = route == kNoRoute ? "none" : route_table()[route].name;
    options_.access_log({request, name, response.status(), took_us, response.order()});
  }
}

// Errors and slow calls are told whatever the share of followed traces is; from then on all of their
// trace is. The clock is the wall's, since a trace joins machines.
void Api::tell_probe(const http::Request& request, const http::Response& response,
                     std::size_t route, std::uint64_t took_us) {
  Probe& probe = *options_.probe;
  constexpr int kOurFault = 500;
  const bool failed = response.status() >= kOurFault;
  if (!probe.follows(request.trace_id)) {
    if (!failed && took_us < options_.slow_us) return;
    probe.follow(request.trace_id);
  }
  const Instant now = clock_.now();
  const bool known = route != kNoRoute;
  const Route* found = known ? &route_table()[route] : nullptr;
  constexpr int kCreated = 201;
  Span span;
  span.trace = request.trace_id;
  if (!response.order().is_nil() && found != nullptr && found->service == Service::order &&
      response.status() == kCreated) {
    span.id = spans::placing(response.order());
  } else {
    span.id = spans::derive(
        request.trace_id.bits,
        request.parent_span_id + (static_cast<std::uint64_t>(ms_of(now)) << 20U) + took_us + route);
  }
  span.parent = request.parent_span_id;
  span.kind = SpanKind::server;
  span.name = known ? std::string{found->name} : std::string{"none"};
  span.began_us = ms_of(now) * 1000 - static_cast<std::int64_t>(took_us);
  span.took_us = static_cast<std::int64_t>(took_us);
  span.failed = failed;
  span.notes = {{"http.request.method", std::string{http::name_of(request.method)}},
                {"http.response.status_code", std::to_string(response.status())}};
  if (known) {
    span.notes.emplace_back("http.route", std::string{found->pattern});
    span.notes.emplace_back("onsale.role", std::string{name_of(found->service)});
  }
  if (response.refusal()) {
    span.notes.emplace_back("onsale.code", std::string{wire_error(*response.refusal()).name});
  }
  if (!response.order().is_nil()) {
    span.notes.emplace_back("onsale.order", response.order().to_string());
  }
  if (response.changed().version.value != 0) {
    probe.changed({response.changed().event, response.changed().version, {span.trace, span.id}});
  }
  exemplars_.remember(route, took_us, request.trace_id, now);
  probe.tell(std::move(span));
}

// A cheap dice a thread: which requests are told need not be unpredictable.
bool Api::sampled() const {
  thread_local std::uint32_t state = 0x9E37'79B9U;
  state ^= state << 13U;
  state ^= state >> 17U;
  state ^= state << 5U;
  return static_cast<double>(state) < options_.access_sample * 4294967296.0;
}

Task<void> Api::dispatch(const http::Request& request, http::Response& response,
                         std::size_t& route_index) {
  Call call{.request = request,
            .response = response,
            .problem_form = options_.problem_form,
            .path = {},
            .buyer = {}};
  const bool cross_origin = !options_.cors_origins.empty() && add_cors(request, response);
  const http::Method verb =
      request.method == http::Method::head ? http::Method::get : request.method;
  Found found = find_route(request, verb, served_);
  if (!found.any) {
    call.refuse(Code::route_not_found);
    return Task<void>::ready();
  }
  if (request.method == http::Method::options) {
    answer_options(request, found.allow, cross_origin, response);
    return Task<void>::ready();
  }
  if (found.route == nullptr) {
    response.header("Allow", found.allow);
    call.refuse(request.method == http::Method::other ? Code::not_implemented
                                                      : Code::method_not_allowed);
    return Task<void>::ready();
  }
  const Route& route = *found.route;
  route_index = static_cast<std::size_t>(&route - route_table().data());
  call.path = found.path;

  // The buyer is looked at before anything is refused, so that a first call is always given its
  // token; whether a wrong one is told comes at its place below.
  Identity::Who who;
  if (route.buyer != BuyerNeed::ignored) {
    const auto bearer = request.internal_listener ? bearer_of(request) : std::nullopt;
    const bool credential = bearer && equal_in_constant_time(*bearer, options_.internal_credential);
    who = identity_.ask(request, credential);
    if (rate_limit_.is_on() && who.buyer && !rate_limit_.admit(*who.buyer, clock_.now())) {
      call.refuse(Code::too_many_requests);
      return Task<void>::ready();
    }
  }
  if (!route.produces.empty()) {
    const auto accept = request.header("Accept");
    if (accept && quality_of(*accept, route.produces) == 0) {
      call.refuse(Code::not_acceptable);
      return Task<void>::ready();
    }
  }
  // Before a cookie is believed or given.
  if (route.buyer == BuyerNeed::made && sent_by_another_site(request) && !may_act(request)) {
    call.refuse(Code::origin_not_allowed);
    return Task<void>::ready();
  }
  if (route.door == Door::staff) {
    const auto bearer = bearer_of(request);
    if (!bearer || !equal_in_constant_time(*bearer, options_.internal_credential)) {
      response.header("WWW-Authenticate", "Bearer realm=\"onsale-internal\"");
      call.refuse(Code::credential_required);
      return Task<void>::ready();
    }
  }
  if (!who.valid) {
    response.header("WWW-Authenticate", "Bearer realm=\"onsale\", error=\"invalid_token\"");
    if (!request.header("Authorization")) Identity::dismiss(response);
    call.refuse(Code::token_invalid);
    return Task<void>::ready();
  }
  call.buyer = who.buyer;
  if (route.buyer == BuyerNeed::made && !call.buyer) call.buyer = identity_.welcome(response);
  if (route.body == BodyNeed::json && request.body.empty() && !request.header("Content-Length") &&
      !request.header("Transfer-Encoding")) {
    call.refuse(Code::length_required);
    return Task<void>::ready();
  }
  if (route.body == BodyNeed::json && !request.body.empty()) {
    const auto type = request.header("Content-Type");
    const auto encoding = request.header("Content-Encoding");
    if ((type && !is_media_type(*type, "application/json")) ||
        (encoding && !is_media_type(*encoding, "identity"))) {
      call.refuse(Code::unsupported_media_type);
      return Task<void>::ready();
    }
  }
  return route.handle(desks_, std::move(call));
}

void Api::answer_options(const http::Request& request, std::string_view allow, bool cross_origin,
                         http::Response& response) {
  response.status(204);
  response.header("Allow", allow);
  if (cross_origin && request.header("Access-Control-Request-Method")) {
    response.header("Access-Control-Allow-Methods", allow);
    response.header("Access-Control-Allow-Headers",
                    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, "
                    "Trace-Id, traceparent");
    response.header("Access-Control-Max-Age", "600");
  }
}

bool Api::add_cors(const http::Request& request, http::Response& response) const {
  const auto origin = request.header("Origin");
  if (!origin) return false;
  for (const std::string& allowed : options_.cors_origins) {
    if (allowed != "*" && allowed != *origin) continue;
    response.header("Access-Control-Allow-Origin", allowed);
    // Any origin may read, but only a named one may act as the buyer whose cookie it is.
    if (allowed != "*") response.header("Access-Control-Allow-Credentials", "true");
    response.header("Access-Control-Expose-Headers",
                    "Trace-Id, Buyer-Token, ETag, Location, Retry-After, Idempotent-Replayed");
    response.header("Vary", "Origin");
    return true;
  }
  return false;
}

bool Api::may_act(const http::Request& request) const {
  if (request.header("Authorization")) return true;  // no page has it but the one it was given to
  const auto origin = request.header("Origin");
  if (!origin) return false;
  for (const std::string& allowed : options_.cors_origins) {
    if (allowed == *origin) return true;
    if (allowed == "*" && !request.header("Cookie") &&
        request.header("Sec-Fetch-Mode").value_or("cors") == "cors") {
      return true;
    }
  }
  return false;
}

void Api::refuse(Code code, std::string_view detail, TraceId trace_id, http::Response& response) {
  const std::string text{detail};
  write_problem(code, trace_id, options_.problem_form,
                {.detail = &text, .retry_after_s = Call::retry_after_s(code)}, response);
  counters_.count(kNoRoute, response.status(), 0, code);
}

}  // namespace onsale::api
