// The seam between the HTTP edge and api/: the edge owns framing, limits and time; the handler owns
// meaning. Errors of framing (400, 408, 413, …) are rendered by the same handler, so that every
// answer has one body form.
#pragma once

#include "base/code.hpp"
#include "runtime/http/message.hpp"
#include "runtime/task.hpp"

namespace onsale::http {

class Handler {
 public:
  virtual ~Handler() = default;

  // Answers one request. Runs on the connection's loop; may suspend. `request` and `response` live
  // until the Task has ended, also when the client has gone meanwhile (the answer is then dropped).
  virtual Task<void> handle(const Request& request, Response& response) = 0;

  // Fills `response` for a request the edge refuses before there is a whole Request: sets status,
  // content type and body for `code`. `detail` says what was wrong with the framing. Never suspends.
  virtual void refuse(Code code, std::string_view detail, TraceId trace_id, Response& response) = 0;
};

}  // namespace onsale::http
