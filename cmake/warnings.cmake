add_library(saker_warnings INTERFACE)
target_compile_options(saker_warnings INTERFACE -Wall -Wextra -Wshadow -Wundef -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms of GCC 12 on std::string at -O3 (bugs 105329, 105651).
  target_compile_options(saker_warnings INTERFACE -Wno-restrict -Wno-stringop-overflow)
  if(SAKER_SANITIZE)
    # It loses sight of std::optional's flag among its own instrumentation (bug 80635).
    target_compile_options(saker_warnings INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
