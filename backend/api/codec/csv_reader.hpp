// CSV as RFC 4180 has it: fields between commas, quoted where they hold a comma, a quote or a line
// end; lines end with LF or CRLF. A byte order mark and empty lines are skipped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace onsale::codec {

class CsvReader {
 public:
  explicit CsvReader(std::string_view bytes);

  // The next line's fields; false at the end. malformed_request when quoting is broken, the text is
  // not UTF-8 or holds a NUL.
  Result<bool> next(std::vector<std::string>& fields);
  // Where the fields last told began; lines count from 1, line ends inside quotes too.
  [[nodiscard]] std::size_t line() const { return line_; }

 private:
  Failure broken(const char* what) const;

  std::string_view rest_;
  std::size_t line_ = 0;
  std::size_t next_line_ = 1;
};

// Quotes the field if it has to be.
void append_csv_field(std::string& out, std::string_view field);

bool is_utf8(std::string_view text);

}  // namespace onsale::codec
