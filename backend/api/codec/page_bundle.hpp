// Reading the bundle of the page's files that the program carries (tools/page_bundle.py writes it and
// describes its form). It is part of the program: one that cannot be read is a bug, not an error.
#pragma once

#include <string_view>
#include <vector>

namespace onsale::codec {

struct PageFile {
  std::string_view path;  // below the page's folder, "assets/index-a1b2c3d4.js"
  std::string_view media_type;
  std::string_view bytes;
  std::string_view gzip;    // empty where it would not be smaller
  std::string_view brotli;  // empty where there is none
};

// Views into `bundle`, ordered by path.
std::vector<PageFile> read_page_bundle(std::string_view bundle);

}  // namespace onsale::codec
