// Reading a seating plan: one pass over the document, every value met with its path in hand, so that
// a fault can say where it is. Nothing is kept of a plan that has any.
#include "api/codec/hall_json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "api/codec/hall_faults.hpp"

namespace onsale::codec {
namespace {

namespace json = boost::json;
using catalog::Hall;
using catalog::HallArea;
using catalog::HallRow;
using catalog::HallSeat;
using catalog::Section;
using catalog::Tier;

constexpr std::string_view kColorDefault = "#7f7f7f";
// A single number may reach further than a sum may: a zone far left, a seat of it far right.
constexpr double kNumberMax = 4 * catalog::kHallCoordinateMax;

// Where we are in the document; turned into text only for a fault.
struct Path {
  const Path* parent = nullptr;
  std::string_view key;
  std::optional<std::size_t> index;

  [[nodiscard]] std::string text() const {
    std::string out = parent == nullptr ? std::string() : parent->text();
    if (index) return out + "/" + std::to_string(*index);
    return key.empty() ? out : out + "/" + std::string(key);
  }
};

struct Point {
  double x = 0;
  double y = 0;
};

// A CSS colour by its alphabet; it ends up in a style, so nothing that could end one.
bool is_color(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && std::string_view("#(),.% -").find(c) == std::string_view::npos) return false;
  }
  return true;
}

class PlanReader {
 public:
  explicit PlanReader(const HallFileLimits& limits)
      : limits_(limits), faults_(limits.faults_named_max) {}

  Result<Hall> read(const json::value& document) {
    const Path root;
    const json::object* plan = document.if_object();
    if (plan == nullptr) {
      fault(root, "a seating plan is a JSON object");
      return faults_.failure();
    }
    Hall hall;
    hall.name = text(*plan, root, "name", true);
    read_categories(*plan, root, hall);
    if (const json::array* zones = array(*plan, root, "zones", true)) {
      const Path path{&root, "zones", {}};
      for (std::size_t i = 0; i < zones->size(); ++i) read_zone((*zones)[i], {&path, "", i}, hall);
      if (seats_ == 0) fault(path, "the plan has no seats");
    }
    read_size(*plan, root, hall);
    if (faults_.any()) return faults_.failure();
    number_seats(hall);
    return hall;
  }

 private:
  void fault(const Path& path, std::string what) {
    faults_.add(
        [&path] {
          std::string place = path.text();
          return place.empty() ? std::string("/") : place;
        },
        std::move(what));
  }
  void fault(const Path& parent, std::string_view key, std::string what) {
    fault(Path{&parent, key, {}}, std::move(what));
  }

  const json::object* object(const json::value& value, const Path& path) {
    const json::object* found = value.if_object();
    if (found == nullptr) fault(path, "must be an object");
    return found;
  }
  const json::array* array(const json::object& in, const Path& path, std::string_view key,
                           bool required) {
    const json::value* value = in.if_contains(key);
    if (value == nullptr || (value->is_null() && !required)) {
      if (required) fault(path, key, "is missing");
      return nullptr;
    }
    const json::array* found = value->if_array();
    if (found == nullptr) fault(path, key, "must be a list");
    return found;
  }
  // A text; a whole number is taken as its digits (row and seat numbers come so too).
  std::string text(const json::object& in, const Path& path, std::string_view key, bool required) {
    const json::value* value = in.if_contains(key);
    if (value == nullptr || value->is_null()) {
      if (required) fault(path, key, "is missing");
      return {};
    }
    if (value->is_int64()) return std::to_string(value->get_int64());
    if (!value->is_string()) {
      fault(path, key, "must be a text");
      return {};
    }
    const std::string_view found = value->get_string();
    if (found.size() > limits_.text_bytes_max) {
      fault(path, key, "is longer than " + std::to_string(limits_.text_bytes_max) + " bytes");
      return {};
    }
    if (found.empty() && required) fault(path, key, "is empty");
    return std::string(found);
  }
  std::string color(const json::object& in, const Path& path, std::string_view key) {
    std::string found = text(in, path, key, false);
    if (!found.empty() && !is_color(found)) fault(path, key, "is no colour");
    return found;
  }
  double number(const json::object& in, const Path& path, std::string_view key, bool required,
                double least = -kNumberMax) {
    const json::value* value = in.if_contains(key);
    if (value == nullptr || value->is_null()) {
      if (required) fault(path, key, "is missing");
      return 0;
    }
    if (!value->is_number()) {
      fault(path, key, "must be a number");
      return 0;
    }
    const auto found = value->to_number<double>();
    if (!std::isfinite(found) || found > kNumberMax || found < least) {
      fault(path, key, least < 0 ? "is out of range" : "is negative or out of range");
      return 0;
    }
    return found;
  }
  Point position(const json::object& in, const Path& path, bool required, Point base,
                 std::string_view key = "position") {
    const json::value* value = in.if_contains(key);
    if (value == nullptr || value->is_null()) {
      if (required) fault(path, key, "is missing");
      return base;
    }
    const Path here{&path, key, {}};
    const json::object* point = object(*value, here);
    if (point == nullptr) return base;
    return {base.x + number(*point, here, "x", true), base.y + number(*point, here, "y", true)};
  }
  Point absolute(Point sum, const Path& path) {
    const Point kept{catalog::hall_coordinate(sum.x), catalog::hall_coordinate(sum.y)};
    if (std::abs(kept.x) > catalog::kHallCoordinateMax ||
        std::abs(kept.y) > catalog::kHallCoordinateMax) {
      fault(path, "stands out of range");
    }
    return kept;
  }

  void read_size(const json::object& plan, const Path& root, Hall& hall) {
    const json::value* value = plan.if_contains("size");
    if (value != nullptr && !value->is_null()) {
      const Path path{&root, "size", {}};
      if (const json::object* size = object(*value, path)) {
        hall.width = number(*size, path, "width", true, 0);
        hall.height = number(*size, path, "height", true, 0);
      }
      return;
    }
    for (const Section& section : hall.sections) {
      for (const HallRow& row : section.rows) {
        for (const HallSeat& seat : row.seats) {
          hall.width = std::max(hall.width, seat.x);
          hall.height = std::max(hall.height, seat.y);
        }
      }
    }
  }

  void read_categories(const json::object& plan, const Path& root, Hall& hall) {
    const json::array* categories = array(plan, root, "categories", true);
    if (categories == nullptr) return;
    const Path path{&root, "categories", {}};
    for (std::size_t i = 0; i < categories->size(); ++i) {
      const Path here{&path, "", i};
      const json::object* category = object((*categories)[i], here);
      if (category == nullptr) continue;
      Tier tier{.name = text(*category, here, "name", true),
                .color = color(*category, here, "color"),
                .price = catalog::kUnpriced};
      if (tier.color.empty()) tier.color = kColorDefault;
      if (const json::value* price = category->if_contains("price"); price != nullptr) {
        const auto amount = price->is_int64() ? price->get_int64() : -1;
        if (amount < 0 || amount > catalog::kPriceMax) {
          fault(here, "price", "must be a whole number, 0 or more");
        } else {
          tier.price = Money{amount};
        }
      }
      if (!tier.name.empty() && !tiers_.emplace(tier.name, i).second) {
        fault(here, "name", "duplicate of /categories/" + std::to_string(tiers_.at(tier.name)));
      }
      hall.tiers.push_back(std::move(tier));
    }
    if (hall.tiers.size() > 65'535) fault(path, "too many categories");
  }

  void read_zone(const json::value& value, const Path& path, Hall& hall) {
    const json::object* zone = object(value, path);
    if (zone == nullptr) return;
    Section section;
    section.name = text(*zone, path, "name", false);
    const Point base = position(*zone, path, false, {});
    const Point kept = absolute(base, path);
    section.x = kept.x;
    section.y = kept.y;
    if (const json::array* rows = array(*zone, path, "rows", false)) {
      const Path rows_path{&path, "rows", {}};
      for (std::size_t i = 0; i < rows->size(); ++i) {
        read_row((*rows)[i], {&rows_path, "", i}, base, section);
      }
    }
    if (const json::array* areas = array(*zone, path, "areas", false)) {
      const Path areas_path{&path, "areas", {}};
      for (std::size_t i = 0; i < areas->size(); ++i) {
        read_area((*areas)[i], {&areas_path, "", i}, base, section);
      }
    }
    hall.sections.push_back(std::move(section));
  }

  void read_row(const json::value& value, const Path& path, Point zone, Section& section) {
    const json::object* found = object(value, path);
    if (found == nullptr) return;
    HallRow row;
    row.name = text(*found, path, "row_number", false);
    const Point base = position(*found, path, false, zone);
    if (const json::array* seats = array(*found, path, "seats", true)) {
      const Path seats_path{&path, "seats", {}};
      row.seats.reserve(std::min(seats->size(), limits_.seats_max));
      for (std::size_t i = 0; i < seats->size(); ++i) {
        const Path here{&seats_path, "", i};
        if (++seats_ > limits_.seats_max) {
          if (seats_ == limits_.seats_max + 1) {
            fault(here, "the plan has more than " + std::to_string(limits_.seats_max) + " seats");
          }
          return;
        }
        read_seat((*seats)[i], here, base, row);
      }
    }
    section.rows.push_back(std::move(row));
  }

  void read_seat(const json::value& value, const Path& path, Point row_base, HallRow& row) {
    const json::object* found = object(value, path);
    if (found == nullptr) return;
    HallSeat seat;
    seat.guid = text(*found, path, "seat_guid", true);
    seat.number = text(*found, path, "seat_number", false);
    const Point at = absolute(position(*found, path, true, row_base), path);
    seat.x = at.x;
    seat.y = at.y;
    const std::string category = text(*found, path, "category", true);
    if (const auto tier = tiers_.find(category); tier != tiers_.end()) {
      seat.tier = static_cast<std::uint32_t>(tier->second);
    } else if (!category.empty()) {
      fault(path, "category", "there is no category '" + category + "'");
    }
    if (const json::value* wheelchair = found->if_contains("wheelchair")) {
      if (wheelchair->is_bool()) {
        seat.wheelchair = wheelchair->get_bool();
      } else if (!wheelchair->is_null()) {
        fault(path, "wheelchair", "must be true or false");
      }
    }
    if (!seat.guid.empty()) {
      const auto [first, is_new] = guids_.try_emplace(seat.guid);
      if (is_new) {
        first->second = path_of(path);
      } else {
        fault(path, "seat_guid", "duplicate of " + text_of(first->second) + "/seat_guid");
      }
    }
    row.seats.push_back(std::move(seat));
  }

  // Three numbers name a seat's path; a text for each of many thousand seats would be too much.
  struct SeatPath {
    std::size_t zone = 0, row = 0, seat = 0;
  };
  static SeatPath path_of(const Path& seat) {
    const Path& row = *seat.parent->parent;
    const Path& zone = *row.parent->parent;
    return {*zone.index, *row.index, *seat.index};
  }
  static std::string text_of(const SeatPath& path) {
    return "/zones/" + std::to_string(path.zone) + "/rows/" + std::to_string(path.row) + "/seats/" +
           std::to_string(path.seat);
  }

  void read_area(const json::value& value, const Path& path, Point zone, Section& section) {
    const json::object* found = object(value, path);
    if (found == nullptr) return;
    if (++areas_ > limits_.areas_max) {
      if (areas_ == limits_.areas_max + 1) {
        fault(path, "the plan has more than " + std::to_string(limits_.areas_max) + " areas");
      }
      return;
    }
    HallArea area;
    area.shape = text(*found, path, "shape", true);
    const Point base = position(*found, path, false, zone);
    const Point at = absolute(base, path);
    area.x = at.x;
    area.y = at.y;
    area.rotation = number(*found, path, "rotation", false);
    area.color = color(*found, path, "color");
    area.border_color = color(*found, path, "border_color");
    read_shape(*found, path, base, area);
    read_text(*found, path, base, area);
    section.areas.push_back(std::move(area));
  }

  void read_shape(const json::object& in, const Path& path, Point base, HallArea& area) {
    const bool known = area.shape == "rectangle" || area.shape == "circle" ||
                       area.shape == "ellipse" || area.shape == "polygon" || area.shape == "text";
    if (!known) {
      if (!area.shape.empty()) fault(path, "shape", "there is no shape '" + area.shape + "'");
      return;
    }
    if (area.shape == "text") return;
    const Path here{&path, area.shape, {}};
    const json::value* value = in.if_contains(area.shape);
    if (value == nullptr) {
      fault(here, "is missing");
      return;
    }
    const json::object* shape = object(*value, here);
    if (shape == nullptr) return;
    if (area.shape == "rectangle") {
      area.width = number(*shape, here, "width", true, 0);
      area.height = number(*shape, here, "height", true, 0);
    } else if (area.shape == "circle") {
      area.radius = number(*shape, here, "radius", true, 0);
    } else if (area.shape == "ellipse") {
      const json::value* radius = shape->if_contains("radius");
      const Path radius_path{&here, "radius", {}};
      if (radius == nullptr) {
        fault(radius_path, "is missing");
      } else if (const json::object* radii = object(*radius, radius_path)) {
        area.width = 2 * number(*radii, radius_path, "x", true, 0);
        area.height = 2 * number(*radii, radius_path, "y", true, 0);
      }
    } else if (const json::array* points = array(*shape, here, "points", true)) {
      const Path points_path{&here, "points", {}};
      if (points->size() > 10'000) fault(points_path, "has too many points");
      for (std::size_t i = 0; i < points->size() && i < 10'000; ++i) {
        const Path point_path{&points_path, "", i};
        const json::object* point = object((*points)[i], point_path);
        if (point == nullptr) continue;
        const Point at = absolute({base.x + number(*point, point_path, "x", true),
                                   base.y + number(*point, point_path, "y", true)},
                                  point_path);
        area.points.emplace_back(at.x, at.y);
      }
    }
  }

  void read_text(const json::object& in, const Path& path, Point base, HallArea& area) {
    const json::value* value = in.if_contains("text");
    if (value == nullptr || value->is_null()) return;
    const Path here{&path, "text", {}};
    const json::object* found = object(*value, here);
    if (found == nullptr) return;
    area.text = text(*found, here, "text", false);
    if (area.text.empty()) return;
    area.text_size = number(*found, here, "size", false, 0);
    area.text_color = color(*found, here, "color");
    const Point at = absolute(position(*found, here, false, base), here);
    area.text_x = at.x;
    area.text_y = at.y;
  }

  const HallFileLimits& limits_;
  HallFaults faults_;
  std::size_t seats_ = 0;
  std::size_t areas_ = 0;
  std::unordered_map<std::string, std::size_t> tiers_;
  std::unordered_map<std::string, SeatPath> guids_;
};

}  // namespace

Result<Hall> read_hall_json(std::string_view bytes, const HallFileLimits& limits) {
  if (bytes.size() > limits.bytes_max) {
    return Failure{Code::malformed_request,
                   "the plan is larger than " + std::to_string(limits.bytes_max) + " bytes"};
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  json::parse_options options;
  options.max_depth = limits.depth_max;
  json::monotonic_resource memory;
  json::stream_parser parser(json::storage_ptr(), options);
  parser.reset(&memory);
  json::error_code error;
  const std::size_t taken = parser.write_some(bytes.data(), bytes.size(), error);
  if (!error && taken == bytes.size()) parser.finish(error);
  if (error || taken != bytes.size()) {
    return Failure{Code::malformed_request,
                   "not JSON: " + (error ? error.message() : std::string("extra data")) +
                       " near byte " + std::to_string(taken)};
  }
  const json::value document = parser.release();
  return PlanReader(limits).read(document);
}

}  // namespace onsale::codec
