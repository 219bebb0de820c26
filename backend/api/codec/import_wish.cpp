// JSON forms of an import order and its report.
#include "api/codec/import_wish.hpp"

#include <boost/json.hpp>

namespace onsale::api {
namespace {

namespace bj = boost::json;

std::string text_of(const bj::object& object, std::string_view name) {
  const bj::value* member = object.if_contains({name.data(), name.size()});
  return member != nullptr && member->is_string() ? std::string{member->get_string()} : "";
}

std::optional<std::int64_t> number_of(const bj::object& object, std::string_view name) {
  const bj::value* member = object.if_contains({name.data(), name.size()});
  if (member == nullptr || !member->is_int64()) return std::nullopt;
  return member->get_int64();
}

}  // namespace

std::string write_import_wish(const ImportWish& wish) {
  bj::object out{
      {"path", wish.path},          {"title", wish.title},       {"description", wish.description},
      {"venue", wish.venue},        {"currency", wish.currency}, {"startsAt", wish.starts_at},
      {"onSaleAt", wish.on_sale_at}};
  if (wish.event) out["eventId"] = static_cast<std::int64_t>(*wish.event);
  if (wish.default_price) out["defaultPrice"] = *wish.default_price;
  bj::object prices;
  for (const auto& [tier, price] : wish.prices) prices[tier] = price;
  out["prices"] = std::move(prices);
  return bj::serialize(out);
}

Body<ImportWish> read_import_wish(std::string_view json) {
  BodyFault fault{.code = Code::malformed_request, .detail = {}, .fields = {}};
  boost::system::error_code error;
  const bj::value value = bj::parse({json.data(), json.size()}, error);
  if (error || !value.is_object()) {
    fault.detail = "The body is not a JSON object.";
    return fault;
  }
  const bj::object& object = value.get_object();
  ImportWish wish;
  wish.path = text_of(object, "path");
  wish.title = text_of(object, "title");
  wish.description = text_of(object, "description");
  wish.venue = text_of(object, "venue");
  wish.currency = text_of(object, "currency");
  wish.starts_at = text_of(object, "startsAt");
  wish.on_sale_at = text_of(object, "onSaleAt");
  wish.default_price = number_of(object, "defaultPrice");
  if (const auto event = number_of(object, "eventId")) {
    if (*event <= 0) {
      fault.fields.push_back({"/eventId", "must be an event id"});
    } else {
      wish.event = static_cast<std::uint64_t>(*event);
    }
  }
  if (const bj::value* prices = object.if_contains("prices")) {
    if (!prices->is_object()) {
      fault.fields.push_back({"/prices", "must be an object of tier name and price"});
    } else {
      for (const auto& [tier, price] : prices->get_object()) {
        if (!price.is_int64() || price.get_int64() < 0) {
          fault.fields.push_back({"/prices/" + std::string{tier}, "must be a whole number from 0"});
        } else {
          wish.prices.emplace_back(std::string{tier}, price.get_int64());
        }
      }
    }
  }
  if (wish.path.empty()) fault.fields.push_back({"/path", "is missing"});
  if (!fault.fields.empty()) {
    fault.code = Code::validation_failed;
    return fault;
  }
  return wish;
}

std::string write_import_report(const ImportReport& report) {
  return bj::serialize(bj::object{{"eventId", report.event},
                                  {"created", report.created},
                                  {"title", report.title},
                                  {"seats", report.seats},
                                  {"added", report.added},
                                  {"retired", report.retired}});
}

std::optional<ImportReport> read_import_report(std::string_view json) {
  boost::system::error_code error;
  const bj::value value = bj::parse({json.data(), json.size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  const bj::object& object = value.get_object();
  const bj::value* created = object.if_contains("created");
  ImportReport report;
  report.event = static_cast<std::uint64_t>(number_of(object, "eventId").value_or(0));
  report.created = created != nullptr && created->is_bool() && created->get_bool();
  report.title = text_of(object, "title");
  report.seats = static_cast<std::uint32_t>(number_of(object, "seats").value_or(0));
  report.added = static_cast<std::uint32_t>(number_of(object, "added").value_or(0));
  report.retired = static_cast<std::uint32_t>(number_of(object, "retired").value_or(0));
  return report;
}

}  // namespace onsale::api
