// The demo catalogue: five events on sale right after the first start, made by a generator.
//
//   1–3  10×10 seats each, price 50000 + col*1000 (col from 0), seat ids 3k+1, 3k+2, 3k+3
//   4    a theatre of some 1,500 seats: stalls and balcony, curved rows, aisles, wheelchair places
//   5    a stadium of 50,000 seats in two tiers around the pitch
#pragma once

#include <vector>

#include "ports/catalogue_store.hpp"

namespace onsale::app {

// Deterministic in `now`: dates are some weeks after it, sales are open.
std::vector<CatalogueEntry> demo_catalogue(Instant now);

}  // namespace onsale::app
