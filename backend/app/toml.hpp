// toml++ believes in places what its parser has not looked at (found by fuzzing): it asserts that "[*"
// begins a key, or assumes it where NDEBUG is set, and it calls it unreachable that a key has a letter
// such as U+00C6. Without the assertion, and with a plain "no" for what cannot be reached, it goes on
// and tells the error; so this is how its header is read.
#pragma once

// clang-format off: the order is the point
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#if __has_include(<toml++/impl/unicode.hpp>)  // 3.4
#include <toml++/impl/forward_declarations.hpp>
#else
#include <toml++/impl/forward_declarations.h>
#endif
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE return {}
#if __has_include(<toml++/impl/unicode.hpp>)
#include <toml++/impl/unicode.hpp>
#else
#include <toml++/impl/unicode.h>
#endif
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE __builtin_unreachable()
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
