// The house's one enum of expected failures. Its names on the wire and their HTTP status live in
// one table, api/wire_errors, which is tested against contract/errors.json.
#pragma once

#include <cstdint>

namespace onsale {

enum class Code : std::uint8_t {
  reservation_conflict,  // a seat is held by another buyer, or blocked
  seat_sold,
  reservation_expired,  // the caller's hold lapsed, or never was
  hold_not_owned,
  validation_failed,
  malformed_request,
  idempotency_key_missing,
  idempotency_key_reused,
  idempotency_in_progress,
  event_not_found,
  seat_not_found,
  order_not_found,
  limit_exceeded,
  not_on_sale,
  too_many_requests,
  unavailable,
  token_invalid,
  origin_not_allowed,   // a browser sent it for a page of another site
  not_allowed,          // a staff-only call by a buyer (403 FORBIDDEN)
  credential_required,  // internal listener without its credential (401)
  route_not_found,
  method_not_allowed,
  unsupported_media_type,
  not_acceptable,
  content_too_large,
  uri_too_long,
  headers_too_large,
  length_required,
  request_timeout,
  expectation_failed,
  not_implemented,
  internal_error,
};

}  // namespace onsale
