// Two halls drawn by rule: a theatre with curved rows on two levels, and a stadium bowl.
#pragma once

#include "domain/catalog/hall.hpp"

namespace onsale::app {

// Some 1,500 seats; units are about 2 cm.
catalog::Hall demo_theatre();

// Exactly 50,000 seats; units are centimetres.
catalog::Hall demo_stadium();

}  // namespace onsale::app
