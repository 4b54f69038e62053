# saker_stage(<name> [FAST | FAST_SOURCES files...] SOURCES files... [DEPENDS stages...] [LIBRARIES libs...])
# One folder of src/: an object library saker_<name>, whose objects end up in the library `saker`. A release's code is
# small rather than fast, because pages of code count as memory too, but where pixels, tensors or boxes pass through in
# numbers: FAST, or only the FAST_SOURCES (docs/decisions/2026-11-28-size-of-the-binary.md).
function(saker_stage name)
  cmake_parse_arguments(ARG "FAST" "" "FAST_SOURCES;SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(saker_${name} OBJECT ${ARG_SOURCES})
  target_include_directories(saker_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
  list(TRANSFORM ARG_DEPENDS PREPEND saker_)
  target_link_libraries(saker_${name} PUBLIC ${ARG_DEPENDS} ${ARG_LIBRARIES} PRIVATE $<BUILD_INTERFACE:saker_warnings>)
  if(NOT ARG_FAST)
    target_compile_options(saker_${name} PRIVATE $<$<CONFIG:Release>:-Os -ffunction-sections -fdata-sections>)
    set_property(SOURCE ${ARG_FAST_SOURCES} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:-O3>)
  endif()
  set_property(GLOBAL APPEND PROPERTY SAKER_STAGES saker_${name})
endfunction()

# saker_test(<name> files...): a GoogleTest program linked with the whole library.
function(saker_test name)
  if(NOT SAKER_BUILD_TESTS)
    return()
  endif()
  add_executable(${name} ${ARGN})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE saker saker_warnings GTest::gtest GTest::gtest_main nlohmann_json::nlohmann_json)
  if(SAKER_SANITIZE)
    target_compile_options(${name} PRIVATE -Wno-array-bounds)  # GCC 12 takes its own instrumentation for overflows
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  # Tests that need real models look in SAKER_ASSETS, by default ../shared/assets beside the checkout.
  # Tests ask for more memory than there is; the address sanitizer takes that for a fault unless it is told.
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES ENVIRONMENT "ASAN_OPTIONS=allocator_may_return_null=1;TSAN_OPTIONS=allocator_may_return_null=1")
endfunction()
