# For packages that are carried elsewhere (SAKER_STATIC_DEPENDENCIES): the module and the command have most of their code
# in common, and a wheel with both would hold it twice. So both are thin over libsaker_whole.so, which has the library
# and the command inside and shows what exports.map names.
set_target_properties(saker_cli PROPERTIES POSITION_INDEPENDENT_CODE OFF)
target_compile_options(saker_cli PRIVATE -fPIC)  # else code for programs alone, which no shared object can have

set(exports ${CMAKE_CURRENT_SOURCE_DIR}/exports.map)
add_library(saker_whole SHARED $<TARGET_OBJECTS:saker_cli>)
set_target_properties(saker_whole PROPERTIES LINKER_LANGUAGE CXX LIBRARY_OUTPUT_DIRECTORY ${package} LINK_DEPENDS ${exports})
target_include_directories(saker_whole INTERFACE ${PROJECT_SOURCE_DIR}/include)
# All of the library, as the command alone does not use all that the module does; what neither reaches is dropped again.
target_link_libraries(saker_whole PRIVATE $<LINK_LIBRARY:WHOLE_ARCHIVE,saker> fmt::fmt PkgConfig::RE2)
target_link_options(saker_whole PRIVATE -Wl,--version-script=${exports} -Wl,--defsym=saker_command=main -Wl,-Bsymbolic
  -Wl,--no-undefined)

add_executable(saker_command command.cc)
set_target_properties(saker_command PROPERTIES OUTPUT_NAME saker RUNTIME_OUTPUT_DIRECTORY ${package}/bin
  INSTALL_RPATH "$ORIGIN/..")
target_link_libraries(saker_command PRIVATE saker_whole saker_warnings)
set_target_properties(_core PROPERTIES INSTALL_RPATH "$ORIGIN")
add_dependencies(_core saker_command)

install(TARGETS saker_whole saker_command
  LIBRARY DESTINATION saker COMPONENT python EXCLUDE_FROM_ALL
  RUNTIME DESTINATION saker/bin COMPONENT python EXCLUDE_FROM_ALL)
install(FILES ${SAKER_STATIC_LIBRARIES}/THIRD_PARTY_LICENSES.txt DESTINATION saker COMPONENT python EXCLUDE_FROM_ALL)
