// Files that the program carries (see backend/api/CMakeLists.txt and cmake/embed.cmake).
#pragma once

#include <string_view>

namespace onsale::embedded {

std::string_view start_page();
std::string_view docs_page();
std::string_view openapi_json();
std::string_view errors_json();
std::string_view page_bundle();  // see codec/page_bundle.hpp

}  // namespace onsale::embedded
