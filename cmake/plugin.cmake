# saker_plugin(<name> SOURCES files... LIBRARIES libs...): backends/saker_<name>.so, which the library loads when it is
# asked for (base/plugin_file.h). It has its own copy of what it needs of saker, and shows no more than the functions in
# plugin.map.
function(saker_plugin name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(target saker_plugin_${name})
  set(map ${PROJECT_SOURCE_DIR}/cmake/plugin.map)
  add_library(${target} MODULE ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE saker_base fmt::fmt saker_warnings ${ARG_LIBRARIES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME saker_${name} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/backends
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON INSTALL_RPATH_USE_LINK_PATH ON LINK_DEPENDS ${map})
  target_link_options(${target} PRIVATE -Wl,--version-script=${map})
  set(component saker)
  if(name STREQUAL "video")
    set(component video)  # a package of its own
  endif()
  install(TARGETS ${target} LIBRARY DESTINATION lib/saker/backends COMPONENT ${component})
endfunction()
