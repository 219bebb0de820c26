// One request on its way through a handler: what was asked, what stood in the path, where the answer
// goes, and the few ways of refusing that all handlers share.
#pragma once

#include <optional>
#include <string>

#include "api/codec/request_body.hpp"
#include "api/router.hpp"
#include "api/wire_errors.hpp"
#include "ports/seat_ledger.hpp"
#include "runtime/http/message.hpp"

namespace onsale::api {

struct Call {
  const http::Request& request;
  http::Response& response;
  const ProblemForm& problem_form;
  PathValues path;
  std::optional<BuyerId> buyer;  // always there for routes with Buyer::needed

  void refuse(Code code) {
    write_problem(code, request.trace_id, problem_form, {.retry_after_s = retry_after_s(code)},
                  response);
  }
  void refuse(const Failure& failure) {
    write_problem(failure.code, request.trace_id, problem_form,
                  {.detail = &failure.detail, .retry_after_s = retry_after_s(failure.code)},
                  response);
  }
  void refuse(const Refused& refused, const std::string& detail = {}) {
    write_problem(
        refused.code, request.trace_id, problem_form,
        {.seats = &refused.seats, .detail = &detail, .retry_after_s = retry_after_s(refused.code)},
        response);
  }
  void refuse(const BodyFault& fault) {
    write_problem(fault.code, request.trace_id, problem_form,
                  {.detail = &fault.detail,
                   .fields = fault.fields.data(),
                   .field_count = fault.fields.size()},
                  response);
  }
  void refuse_field(std::string pointer, std::string message) {
    BodyFault fault{.code = Code::validation_failed, .detail = {}, .fields = {}};
    fault.fields.push_back({std::move(pointer), std::move(message)});
    refuse(fault);
  }

  // 200 with a JSON body that the caller appends; answers about seats, holds and orders are never
  // kept by a cache.
  std::string& json(int status) {
    response.status(status);
    response.content_type("application/json");
    response.header("Cache-Control", "no-store");
    return response.body_buffer();
  }

  static int retry_after_s(Code code) {
    return code == Code::unavailable || code == Code::too_many_requests ? 1 : 0;
  }
};

}  // namespace onsale::api
