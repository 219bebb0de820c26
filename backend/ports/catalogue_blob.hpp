// An event and its hall as one blob: the form in which the stores keep them (a stadium of
// 50,000 seats is read in a few milliseconds at start). One description of the fields serves both
// directions. Nothing outside this file reads it; the wire has forms of its own.
#pragma once

#include <string>
#include <string_view>

#include "ports/catalogue_store.hpp"

namespace onsale {

std::string render_catalogue_entry(const CatalogueEntry& entry);
// False: not a blob of ours, or cut short.
bool parse_catalogue_entry(std::string_view bytes, CatalogueEntry& entry);

}  // namespace onsale
