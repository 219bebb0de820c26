// A hall as a table: one line a seat. Sections and rows come to be when their name is first met.
#include "api/codec/hall_csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "api/codec/coordinate_text.hpp"
#include "api/codec/csv_reader.hpp"
#include "api/codec/hall_faults.hpp"

namespace onsale::codec {
namespace {

using catalog::Hall;
using catalog::HallRow;
using catalog::HallSeat;
using catalog::Section;

enum Column : std::size_t { section, row, seat, x, y, tier, price, guid, wheelchair, column_count };
constexpr std::array<std::string_view, column_count> kColumns = {
    "section", "row", "seat", "x", "y", "tier", "price", "guid", "wheelchair"};
constexpr std::size_t kRequired = 6;
// Tiers of a table have no colour of their own; these are told apart by most eyes.
constexpr std::array<std::string_view, 8> kColors = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                     "#56b4e9", "#d55e00", "#f0e442", "#7f7f7f"};

class TableReader {
 public:
  TableReader(std::string_view bytes, const HallFileLimits& limits)
      : limits_(limits), faults_(limits.faults_named_max), lines_(bytes) {}

  Result<Hall> read(std::string_view name) {
    hall_.name = name;
    std::vector<std::string> fields;
    const Result<bool> header = lines_.next(fields);
    if (!header) return header.error();
    if (!*header) return Failure{Code::malformed_request, "the file is empty"};
    read_header(fields);
    if (faults_.any()) return faults_.failure();
    width_ = fields.size();
    for (;;) {
      const Result<bool> more = lines_.next(fields);
      if (!more) return more.error();
      if (!*more) break;
      if (++seats_ > limits_.seats_max) {
        fault("", "the hall has more than " + std::to_string(limits_.seats_max) + " seats");
        break;
      }
      read_seat(fields);
    }
    if (seats_ == 0) fault("", "the hall has no seats");
    if (faults_.any()) return faults_.failure();
    number_seats(hall_);
    return std::move(hall_);
  }

 private:
  void fault(std::string_view column, std::string what) {
    faults_.add(
        [&] {
          std::string place = "line " + std::to_string(lines_.line());
          if (!column.empty()) place += ", " + std::string(column);
          return place;
        },
        std::move(what));
  }

  void read_header(const std::vector<std::string>& names) {
    at_.fill(std::nullopt);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto known = std::find(kColumns.begin(), kColumns.end(), names[i]);
      if (known == kColumns.end()) continue;  // extra columns are tolerated
      auto& place = at_[static_cast<std::size_t>(known - kColumns.begin())];
      if (place) fault(names[i], "the column comes twice");
      place = i;
    }
    for (std::size_t c = 0; c < kRequired; ++c) {
      if (!at_[c]) {
        fault(kColumns[c],
              "the column is missing; the header line is section,row,seat,x,y,tier[,price]");
      }
    }
  }

  std::string_view field(const std::vector<std::string>& fields, Column column) const {
    return at_[column] ? std::string_view(fields[*at_[column]]) : std::string_view();
  }

  void read_seat(const std::vector<std::string>& fields) {
    if (fields.size() != width_) {
      fault("", "has " + std::to_string(fields.size()) + " fields, the header " +
                    std::to_string(width_));
      return;
    }
    for (const std::string& text : fields) {
      if (text.size() <= limits_.text_bytes_max) continue;
      fault("", "a field is longer than " + std::to_string(limits_.text_bytes_max) + " bytes");
      return;
    }
    HallSeat found;
    found.number = field(fields, seat);
    found.x = coordinate(fields, x);
    found.y = coordinate(fields, y);
    found.tier = tier_of(fields);
    found.wheelchair = flag(fields);
    found.guid = field(fields, guid);
    if (found.guid.empty()) {
      found.guid = std::string(field(fields, section)) + "/" + std::string(field(fields, row)) +
                   "/" + found.number;
    }
    const auto [first, is_new] = guids_.try_emplace(found.guid, lines_.line());
    if (!is_new) {
      fault(at_[guid] ? "guid" : "seat",
            "'" + found.guid + "' is a duplicate of line " + std::to_string(first->second));
    }
    hall_.width = std::max(hall_.width, found.x);
    hall_.height = std::max(hall_.height, found.y);
    row_of(fields).seats.push_back(std::move(found));
  }

  HallRow& row_of(const std::vector<std::string>& fields) {
    const std::string section_name(field(fields, section));
    const std::string row_name(field(fields, row));
    const auto [place, new_section] = sections_.try_emplace(section_name, hall_.sections.size());
    if (new_section) hall_.sections.push_back({.name = section_name});
    Section& in = hall_.sections[place->second];
    // NUL cannot occur in a field, so the two names cannot run into each other.
    const auto [row_place, new_row] =
        rows_.try_emplace(section_name + '\0' + row_name, in.rows.size());
    if (new_row) in.rows.push_back({.name = row_name});
    return in.rows[row_place->second];
  }

  double coordinate(const std::vector<std::string>& fields, Column column) {
    const std::string_view text = field(fields, column);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      fault(kColumns[column], "'" + std::string(text) + "' is no number");
      return 0;
    }
    if (std::abs(value) > catalog::kHallCoordinateMax) {
      fault(kColumns[column], "is out of range");
      return 0;
    }
    return catalog::hall_coordinate(value);
  }

  bool flag(const std::vector<std::string>& fields) {
    const std::string_view text = field(fields, wheelchair);
    if (text == "true" || text == "1" || text == "yes") return true;
    if (!text.empty() && text != "false" && text != "0" && text != "no") {
      fault("wheelchair", "'" + std::string(text) + "' is neither true nor false");
    }
    return false;
  }

  std::uint32_t tier_of(const std::vector<std::string>& fields) {
    const std::string name(field(fields, tier));
    if (name.empty()) {
      fault("tier", "is empty");
      return 0;
    }
    Money wanted = catalog::kUnpriced;
    if (const std::string_view text = field(fields, price); !text.empty()) {
      std::int64_t amount = -1;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
      if (error != std::errc() || end != text.data() + text.size() || amount < 0 ||
          amount > catalog::kPriceMax) {
        fault("price", "'" + std::string(text) + "' is no whole number, 0 or more");
      } else {
        wanted = Money{amount};
      }
    }
    const auto [place, is_new] = tiers_.try_emplace(name, hall_.tiers.size());
    if (is_new) {
      if (hall_.tiers.size() >= 65'535) {
        fault("tier", "is one too many");
        return 0;
      }
      hall_.tiers.push_back({.name = name,
                             .color = std::string(kColors[hall_.tiers.size() % kColors.size()]),
                             .price = wanted});
    } else if (Money& known = hall_.tiers[place->second].price;
               wanted != known && wanted != catalog::kUnpriced) {
      if (known != catalog::kUnpriced) {
        fault("price", "tier '" + name + "' has two prices, " + std::to_string(known.amount) +
                           " and " + std::to_string(wanted.amount));
      }
      known = wanted;
    }
    return static_cast<std::uint32_t>(place->second);
  }

  const HallFileLimits& limits_;
  HallFaults faults_;
  CsvReader lines_;
  Hall hall_;
  std::array<std::optional<std::size_t>, column_count> at_;
  std::size_t width_ = 0;
  std::size_t seats_ = 0;
  std::unordered_map<std::string, std::size_t> sections_, rows_, tiers_, guids_;
};

}  // namespace

Result<Hall> read_hall_csv(std::string_view bytes, std::string_view name,
                           const HallFileLimits& limits) {
  if (bytes.size() > limits.bytes_max) {
    return Failure{Code::malformed_request,
                   "the table is larger than " + std::to_string(limits.bytes_max) + " bytes"};
  }
  return TableReader(bytes, limits).read(name);
}

std::string write_hall_csv(const Hall& hall) {
  std::string out = "section,row,seat,x,y,tier,price,guid,wheelchair\r\n";
  for (const Section& in : hall.sections) {
    for (const HallRow& of : in.rows) {
      for (const HallSeat& one : of.seats) {
        append_csv_field(out, in.name);
        out += ',';
        append_csv_field(out, of.name);
        out += ',';
        append_csv_field(out, one.number);
        out += ',';
        append_coordinate(out, one.x);
        out += ',';
        append_coordinate(out, one.y);
        out += ',';
        append_csv_field(out, hall.tiers[one.tier].name);
        out += ',';
        const Money cost = hall.tiers[one.tier].price;
        if (cost != catalog::kUnpriced) out += std::to_string(cost.amount);
        out += ',';
        append_csv_field(out, one.guid);
        out += one.wheelchair ? ",true\r\n" : ",\r\n";
      }
    }
  }
  return out;
}

}  // namespace onsale::codec
