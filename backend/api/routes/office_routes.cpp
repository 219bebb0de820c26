// Handlers of the office's own calls.
#include "api/routes/office_routes.hpp"

#include "api/codec/json_writer.hpp"

namespace onsale::api {

Task<void> OfficeRoutes::reset(Call call) const {
  const auto body = read_event_body(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  const EventId event = std::get<EventBody>(body).event;
  const auto version = co_await office_.reset(event);
  if (!version) {
    call.refuse(version.error());
    co_return;
  }
  std::string& out = call.json(200);
  out += R"({"eventId":)";
  json::append_number(out, event.value);
  out += R"(,"version":)";
  json::append_number(out, version->value);
  out += R"(,"traceId":")";
  json::append_hex(out, call.request.trace_id.bits);
  out += R"("})";
}

Task<void> OfficeRoutes::import(Call call) const {
  auto body = read_import_wish(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  ImportWish wish = std::move(std::get<ImportWish>(body));
  const auto report = co_await office_.import_hall(std::move(wish));
  if (!report) {
    call.refuse(report.error());
    co_return;
  }
  call.json(report->created ? 201 : 200) += write_import_report(*report);
}

}  // namespace onsale::api
