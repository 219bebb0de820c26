// Codes as the world sees them: one table of HTTP status, wire name and plain text for the house's
// one enum. contract/errors.json says the same and a test holds them together.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/code.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "domain/seat/seat.hpp"
#include "runtime/http/message.hpp"

namespace onsale::api {

struct WireError {
  Code code;
  int status;
  std::string_view name;     // "SEAT_SOLD"
  std::string_view title;    // RFC 9457 title
  std::string_view message;  // what to do next, for a person
};

inline constexpr WireError kWireErrors[] = {
    {Code::reservation_conflict, 409, "RESERVATION_CONFLICT", "Seat not free",
     "A seat you asked for is not free. Choose another, or try again when it is released."},
    {Code::seat_sold, 409, "SEAT_SOLD", "Seat sold",
     "A seat you asked for is sold. Choose another seat."},
    {Code::reservation_expired, 410, "RESERVATION_EXPIRED", "Hold lapsed",
     "Your hold on this seat has lapsed. Hold the seat again, then repeat."},
    {Code::hold_not_owned, 403, "HOLD_NOT_OWNED", "Not your hold",
     "Someone else holds this seat. You can act on your own holds only."},
    {Code::validation_failed, 422, "VALIDATION_FAILED", "Request not valid",
     "Some values are not valid. Correct the fields listed in errors and send it again."},
    {Code::malformed_request, 400, "MALFORMED_REQUEST", "Request cannot be read",
     "The request cannot be read. Check that it is valid HTTP with a valid JSON body."},
    {Code::idempotency_key_missing, 400, "IDEMPOTENCY_KEY_MISSING", "Idempotency-Key missing",
     "Send an Idempotency-Key header with a new value for each order."},
    {Code::idempotency_key_reused, 422, "IDEMPOTENCY_KEY_REUSED",
     "Idempotency-Key used for another order",
     "This Idempotency-Key belongs to a different request. Use a new key for a new order."},
    {Code::idempotency_in_progress, 409, "IDEMPOTENCY_IN_PROGRESS", "Same order still being placed",
     "A request with this Idempotency-Key is still running. Send the same request again in a "
     "moment."},
    {Code::event_not_found, 404, "EVENT_NOT_FOUND", "No such event",
     "There is no event with this id. See the list of events."},
    {Code::seat_not_found, 404, "SEAT_NOT_FOUND", "No such seat",
     "The event has no seat with this id. See the event's seat map."},
    {Code::order_not_found, 404, "ORDER_NOT_FOUND", "No such order",
     "You have no order with this id."},
    {Code::limit_exceeded, 409, "LIMIT_EXCEEDED", "Seat limit reached",
     "You would have more seats of this event than one buyer may. Release some first."},
    {Code::not_on_sale, 409, "NOT_ON_SALE", "Not on sale",
     "This event is not on sale now. See its onSaleAt."},
    {Code::too_many_requests, 429, "TOO_MANY_REQUESTS", "Too many requests",
     "You are sending requests too fast. Wait for Retry-After seconds, then go on."},
    {Code::unavailable, 503, "UNAVAILABLE", "Unavailable for the moment",
     "The office cannot answer this now and changed nothing it can tell of. Try again after "
     "Retry-After seconds."},
    {Code::token_invalid, 401, "TOKEN_INVALID", "Buyer token not valid",
     "Your buyer token is not valid. Drop the cookie or token and start again."},
    {Code::origin_not_allowed, 403, "ORIGIN_NOT_ALLOWED", "Sent by another site",
     "A page of another site may not act for you here. Use the office's own page."},
    {Code::not_allowed, 403, "FORBIDDEN", "For staff only",
     "This call is for box-office staff. Place an order instead."},
    {Code::credential_required, 401, "CREDENTIAL_REQUIRED", "Credential required",
     "This is an internal call. Send the office's internal credential as a bearer token."},
    {Code::route_not_found, 404, "NOT_FOUND", "No such address",
     "There is nothing at this address. See /docs for what there is."},
    {Code::method_not_allowed, 405, "METHOD_NOT_ALLOWED", "Method not allowed",
     "This address does not take this method. The Allow header lists those it takes."},
    {Code::unsupported_media_type, 415, "UNSUPPORTED_MEDIA_TYPE", "Media type not supported",
     "Send the body as Content-Type: application/json, not encoded."},
    {Code::not_acceptable, 406, "NOT_ACCEPTABLE", "No acceptable form",
     "None of the media types in Accept can be had here. Ask for application/json."},
    {Code::content_too_large, 413, "CONTENT_TOO_LARGE", "Body too large",
     "The request body is too large. Send fewer seats in one request."},
    {Code::uri_too_long, 414, "URI_TOO_LONG", "Address too long",
     "The address is too long. Shorten its path or query."},
    {Code::headers_too_large, 431, "HEADERS_TOO_LARGE", "Headers too large",
     "The request headers are too large. Send fewer or shorter headers and cookies."},
    {Code::length_required, 411, "LENGTH_REQUIRED", "Length required",
     "Send a Content-Length header with the body."},
    {Code::request_timeout, 408, "REQUEST_TIMEOUT", "Request too slow",
     "The request did not arrive in time. Send it again on a new connection."},
    {Code::expectation_failed, 417, "EXPECTATION_FAILED", "Expectation not met",
     "Only Expect: 100-continue is understood. Send the request without Expect."},
    {Code::not_implemented, 501, "NOT_IMPLEMENTED", "Not implemented",
     "The method or transfer coding is not known here. Use the methods listed in /docs."},
    {Code::internal_error, 500, "INTERNAL_ERROR", "Error in the office",
     "Something went wrong here, not in your request. Try again; if it persists, report the "
     "traceId."},
};

// Indexed by the enum: the table is in its order (checked at compile time in wire_errors.cpp).
const WireError& wire_error(Code code);

// How error bodies are sent. `application/problem+json` (RFC 9457); a switch sends the same body as
// `application/json` for old clients. Set once at start.
struct ProblemForm {
  std::string_view content_type = "application/problem+json";
};

// One field that is wrong: a JSON pointer (RFC 6901) into the body, or a parameter's name.
struct FieldError {
  std::string pointer;
  std::string message;
};

struct ProblemExtras {
  const RefusedSeats* seats = nullptr;
  const std::string* detail = nullptr;  // replaces the table's message
  const FieldError* fields = nullptr;
  std::size_t field_count = 0;
  int retry_after_s = 0;  // > 0: also the Retry-After header
};

// Fills the response with the error body: status, content type, {type,title,status,detail,code,
// message,traceId,…}. Allocates nothing beyond the response's own buffer.
void write_problem(Code code, TraceId trace_id, const ProblemForm& form,
                   const ProblemExtras& extras, http::Response& response);

}  // namespace onsale::api
