// `onsale migrate`: the databases of an office on several machines, brought to this program's schema.
#pragma once

#include "app/config.hpp"

namespace onsale::app {

// `demo`: also stores the demo events if there is no event yet. The process's exit code.
int migrate(const Config& config, bool demo);

}  // namespace onsale::app
