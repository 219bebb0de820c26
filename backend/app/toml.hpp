// toml++ asserts in two places what its parser has not looked at before ("[*"); without the
// assertion it goes on and tells the error. Its header turns assertions into assumptions where
// NDEBUG is set, which would be worse; so it is read as if it were not set, with none.
#pragma once

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
