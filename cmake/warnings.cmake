# Flags for all of our own code. Warnings are errors: a warning nobody reads is noise.
add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wthread-safety -Wno-missing-designated-field-initializers
                      -Wno-missing-field-initializers)
else()
  add_compile_options(-fcoroutines -Wno-missing-field-initializers -Wno-maybe-uninitialized
                      -Wno-attributes -Wno-dangling-reference -Wno-unknown-warning-option)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    add_compile_options(-Wno-restrict)  # g++ 12 sees overlaps in std::string that are not there
    remove_definitions(-Wno-dangling-reference)
  endif()
endif()
if(ONSALE_SANITIZE)
  add_compile_options(-fsanitize=${ONSALE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ONSALE_SANITIZE})
  if(ONSALE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
