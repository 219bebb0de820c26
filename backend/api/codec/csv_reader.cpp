// A line at a time, nothing kept but the line.
#include "api/codec/csv_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace onsale::codec {

CsvReader::CsvReader(std::string_view bytes) : rest_(bytes) {
  if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
}

Failure CsvReader::broken(const char* what) const {
  return {Code::malformed_request, "line " + std::to_string(line_) + ": " + what};
}

Result<bool> CsvReader::next(std::vector<std::string>& fields) {
  while (!rest_.empty() && (rest_.front() == '\n' || rest_.starts_with("\r\n"))) {
    rest_.remove_prefix(rest_.front() == '\n' ? 1 : 2);
    ++next_line_;
  }
  line_ = next_line_;
  fields.clear();
  if (rest_.empty()) return false;
  for (;;) {
    std::string field;
    if (rest_.starts_with('"')) {
      rest_.remove_prefix(1);
      for (;;) {
        const std::size_t quote = rest_.find('"');
        if (quote == std::string_view::npos) return broken("a quoted field has no end");
        field += rest_.substr(0, quote);
        rest_.remove_prefix(quote + 1);
        if (!rest_.starts_with('"')) break;
        field += '"';
        rest_.remove_prefix(1);
      }
      next_line_ += static_cast<std::size_t>(std::count(field.begin(), field.end(), '\n'));
    } else {
      const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
      field = rest_.substr(0, end);
      rest_.remove_prefix(end);
      if (field.find('"') != std::string::npos) return broken("a quote inside an unquoted field");
    }
    if (field.find('\0') != std::string::npos) return broken("holds a NUL byte");
    if (!is_utf8(field)) return broken("is not UTF-8");
    fields.push_back(std::move(field));
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      continue;
    }
    if (rest_.empty()) return true;
    ++next_line_;
    if (rest_.starts_with("\r\n")) {
      rest_.remove_prefix(2);
    } else if (rest_.starts_with('\n')) {
      rest_.remove_prefix(1);
    } else {
      return broken(rest_.front() == '\r' ? "a CR without its LF" : "text after a closing quote");
    }
    return true;
  }
}

void append_csv_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

bool is_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t more = 0;
    std::uint32_t point = 0;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1;
      point = lead & 0x1FU;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2;
      point = lead & 0x0FU;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3;
      point = lead & 0x07U;
    } else {
      return false;
    }
    if (text.size() - i <= more) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      point = point << 6U | (next & 0x3FU);
    }
    const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += more + 1;
  }
  return true;
}

}  // namespace onsale::codec
