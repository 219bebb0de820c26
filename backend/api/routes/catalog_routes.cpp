// Handlers of the catalog. A seat map answer refreshes the view first, so it is never older than
// any answer this office gave before.
#include "api/routes/catalog_routes.hpp"

#include "api/accept.hpp"
#include "api/codec/json_writer.hpp"

namespace onsale::api {
namespace {

std::string_view name_of(catalog::SaleState state) {
  switch (state) {
    case catalog::SaleState::announced:
      return "ANNOUNCED";
    case catalog::SaleState::on_sale:
      return "ON_SALE";
    case catalog::SaleState::closed:
      return "CLOSED";
  }
  return "";
}

bool wants_gzip(const http::Request& request) {
  const auto accept = request.header("Accept-Encoding");
  return accept && admits_gzip(*accept);
}

// 304 if the client has it (RFC 9110 section 13.1.2); else the caller goes on with the body.
bool answered_not_modified(Call& call, const std::string& etag) {
  call.response.header("ETag", etag);
  const auto validators = call.request.header("If-None-Match");
  if (!validators || !codec::SeatMapBodies::none_match_names(*validators, etag)) return false;
  call.response.status(304);
  return true;
}

// Which form of the seat map a request gets.
enum class Choice : std::uint8_t { json, binary, delta, none };

Choice choose_form(std::string_view accept, bool delta_possible) {
  const int json = quality_of(accept, "application/json");
  const int binary = quality_of(accept, codec::kSeatMapType);
  const int delta = delta_possible ? quality_of(accept, codec::kSeatDeltaType) : 0;
  // JSON unless something else is preferred by name: `*/*` rates all alike.
  if (delta > 0 && delta >= binary && (delta > json || accept.find("seatdelta") != accept.npos)) {
    return Choice::delta;
  }
  if (json >= binary && json > 0 && accept.find("vnd.onsale.seatmap") == accept.npos) {
    return Choice::json;
  }
  if (binary > 0 && binary >= json) return Choice::binary;
  return json > 0 ? Choice::json : Choice::none;
}

std::optional<codec::LayoutForm> choose_layout(std::string_view accept) {
  const int json = quality_of(accept, "application/json");
  const int compact = quality_of(accept, codec::kLayoutType);
  const bool named = accept.find("vnd.onsale.layout") != accept.npos;
  if (compact > 0 && (compact > json || (compact == json && named))) {
    return codec::LayoutForm::compact;
  }
  if (json > 0) return codec::LayoutForm::json;
  return std::nullopt;
}

// Brings the count of free seats up to date, or leaves it at what this node knew last: an event whose
// seats cannot be asked for now is an event still. (Its map is refused then: a seat shown free that is
// sold would be a lie; a number that is some seconds old is not.)
Task<Status> count(Shown& shown) {
  const Status fresh = co_await shown.seat_map.refresh();
  const bool known = shown.seat_map.version() != Version{};
  co_return known ? ok() : fresh;
}

}  // namespace

Shown* CatalogRoutes::shown_event(Call& call) const {
  const auto id = parse_id(call.path.values[0]);
  Shown* shown = id ? showcase_.find(EventId{*id}) : nullptr;
  if (shown == nullptr) call.refuse(Code::event_not_found);
  return shown;
}

void CatalogRoutes::append_event(std::string& out, Shown& shown) const {
  const catalog::Offer& offer = shown.offer;
  const catalog::Event& event = offer.event();
  const auto counts = shown.seat_map.counts();
  out += R"({"id":)";
  json::append_number(out, event.id.value);
  out += R"(,"title":)";
  json::append_string(out, event.title);
  out += R"(,"dateTime":)";
  json::append_time(out, event.starts_at);
  out += R"(,"description":)";
  json::append_string(out, event.description);
  out += R"(,"venue":)";
  json::append_string(out, event.venue);
  out += R"(,"currency":)";
  json::append_string(out, event.currency);
  out += R"(,"status":")";
  out += name_of(offer.sale_state(clock_.now()));
  out += R"(","onSaleAt":)";
  json::append_time(out, event.on_sale_at);
  out += R"(,"seatCount":)";
  json::append_number(out, std::uint64_t{offer.seat_count()});
  out += R"(,"available":)";
  json::append_number(out, std::uint64_t{counts.available()});
  out += R"(,"minPrice":)";
  json::append_number(out, offer.price_min());
  out += R"(,"maxPrice":)";
  json::append_number(out, offer.price_max());
  out += R"(,"layoutHash":")";
  out += shown.layout().hash;
  out += R"("})";
}

Task<void> CatalogRoutes::list_events(Call call) const {
  std::string body = "[";
  for (const auto& entry : catalog_.all()) {
    Shown* shown = showcase_.find(entry.offer->event().id);
    if (shown == nullptr) continue;
    const Status counted = co_await count(*shown);
    if (!counted) {
      call.refuse(counted.error());
      co_return;
    }
    if (body.size() > 1) body += ',';
    append_event(body, *shown);
  }
  body += ']';
  call.response.status(200);
  call.response.content_type("application/json");
  call.response.header("Cache-Control", "no-cache");
  call.response.body(body);
}

Task<void> CatalogRoutes::get_event(Call call) const {
  Shown* shown = shown_event(call);
  if (shown == nullptr) co_return;
  const Status counted = co_await count(*shown);
  if (!counted) {
    call.refuse(counted.error());
    co_return;
  }
  call.response.status(200);
  call.response.content_type("application/json");
  call.response.header("Cache-Control", "no-cache");
  std::string& out = call.response.body_buffer();
  out.clear();
  append_event(out, *shown);
}

Task<void> CatalogRoutes::get_seat_map(Call call) const {
  Shown* shown = shown_event(call);
  if (shown == nullptr) co_return;
  std::optional<Version> since;
  if (const auto text = call.request.query_value("since")) {
    since = *text == "0" ? Version{} : sse::parse_event_id(*text);
    if (!since) {
      call.refuse_field("/since", "must be a version");
      co_return;
    }
  }
  const Status fresh = co_await shown->seat_map.refresh();
  if (!fresh) {
    call.refuse(fresh.error());
    co_return;
  }
  const std::string_view accept = call.request.header("Accept").value_or("");
  std::optional<codec::SeatMapBodies::Body> delta;
  if (since && accept.find("seatdelta") != accept.npos) delta = shown->bodies().delta(*since);
  const Choice choice = choose_form(accept, delta.has_value());
  if (choice == Choice::none) {
    call.refuse(Code::not_acceptable);
    co_return;
  }
  call.response.header("Cache-Control", "no-cache");
  call.response.header("Vary", "Accept, Accept-Encoding");
  if (choice == Choice::delta) {
    if (answered_not_modified(call, delta->etag)) co_return;
    call.response.status(200);
    call.response.content_type(codec::kSeatDeltaType);
    call.response.body(delta->bytes);
    co_return;
  }
  const bool gzip = wants_gzip(call.request);
  using codec::SeatMapForm;
  const SeatMapForm form = choice == Choice::json
                               ? (gzip ? SeatMapForm::json_gzip : SeatMapForm::json)
                               : (gzip ? SeatMapForm::binary_gzip : SeatMapForm::binary);
  if (call.request.header("If-None-Match")) {
    if (answered_not_modified(call, shown->bodies().etag(form))) co_return;
    call.response.reset();
    call.response.header("Cache-Control", "no-cache");
    call.response.header("Vary", "Accept, Accept-Encoding");
  }
  const auto body = shown->bodies().body(form);
  call.response.header("ETag", body.etag);
  if (gzip) call.response.header("Content-Encoding", "gzip");
  call.response.status(200);
  call.response.content_type(choice == Choice::json ? "application/json" : codec::kSeatMapType);
  call.response.body(body.bytes);
}

Task<void> CatalogRoutes::get_layout(Call call) const {
  Shown* shown = shown_event(call);
  if (shown == nullptr) co_return;
  const auto form = choose_layout(call.request.header("Accept").value_or(""));
  if (!form) {
    call.refuse(Code::not_acceptable);
    co_return;
  }
  const bool by_hash = call.request.query_value("hash") == shown->layout().hash;
  call.response.header("Cache-Control",
                       by_hash ? "public, max-age=31536000, immutable" : "no-cache");
  call.response.header("Vary", "Accept, Accept-Encoding");
  const codec::LayoutBody::Form& layout = shown->layout().of(*form);
  const http::SharedBytes packed = wants_gzip(call.request) ? shown->layout_gzip(*form) : nullptr;
  const bool gzip = packed != nullptr;
  if (answered_not_modified(call, gzip ? layout.etag_gzip : layout.etag)) co_return;
  if (gzip) call.response.header("Content-Encoding", "gzip");
  call.response.status(200);
  call.response.content_type(*form == codec::LayoutForm::json ? "application/json"
                                                              : codec::kLayoutType);
  call.response.body(gzip ? packed : layout.bytes);
}

Task<void> CatalogRoutes::stream_seats(Call call) const {
  Shown* shown = shown_event(call);
  if (shown == nullptr) co_return;
  if (shown->offer.sale_state(clock_.now()) == catalog::SaleState::closed) {
    call.response.status(204);
    co_return;
  }
  call.response.status(200);
  call.response.content_type("text/event-stream");
  call.response.header("Cache-Control", "no-store");
  call.response.header("X-Accel-Buffering", "no");
  if (call.request.method == http::Method::head) co_return;
  const Status fresh = co_await shown->seat_map.refresh();
  if (!fresh) {
    call.response.reset();
    call.refuse(fresh.error());
    co_return;
  }
  std::optional<std::string> asked;
  if (const auto header = call.request.header("Last-Event-ID")) {
    asked = std::string{*header};
  } else {
    asked = call.request.query_value("lastEventId");
  }
  auto opening = shown->channel->open(asked, ids_.random_bits().lo);
  call.response.stream(shown->channel, opening.cursor, std::move(opening.first));
}

Task<void> CatalogRoutes::reflect_seat_update(Call call) const {
  const auto body = read_seat_update_body(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  const auto& update = std::get<SeatUpdateBody>(body);
  Shown* shown = showcase_.find(update.event);
  if (shown == nullptr) {
    call.refuse(Code::event_not_found);
    co_return;
  }
  const SeatNumbering& numbering = shown->offer.event().numbering;
  if (numbering.index_of(update.seat) >= numbering.count) {
    call.refuse(Code::seat_not_found);
    co_return;
  }
  const Status fresh = co_await shown->seat_map.refresh();
  if (!fresh) {
    call.refuse(fresh.error());
    co_return;
  }
  const Version present = shown->seat_map.version();
  if (update.version > present) {
    auto frame = std::make_shared<const std::string>(
        shown->channel->aside(update.seat, update.status, update.version));
    announce_(shown->channel, present.value, present.value, std::move(frame));
  }
  call.response.status(204);
}

}  // namespace onsale::api
