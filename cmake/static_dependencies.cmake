# SAKER_STATIC_DEPENDENCIES: programs and modules that need no library but glibc's, to be carried to other machines
# (docs/decisions/2026-11-29-wheels.md). The targets that dependencies.cmake has found are pointed at archives: those of
# scripts/build_static_libraries.sh where there is one, else those of Debian's -dev packages.
set(SAKER_STATIC_LIBRARIES ${PROJECT_SOURCE_DIR}/build/static CACHE PATH "What scripts/build_static_libraries.sh has made")
set(SAKER_GLIBC_FLOOR "" CACHE PATH "Link against an older glibc's names: a folder that cmake/glibc/make_floor.sh has made")

# saker_archive(<target> <library> [<what the archive needs>...])
function(saker_archive target library)
  if(NOT TARGET ${target})
    return()
  endif()
  find_library(archive_${library} lib${library}.a PATHS ${SAKER_STATIC_LIBRARIES}/lib NO_DEFAULT_PATH)
  find_library(archive_${library} lib${library}.a)
  if(NOT archive_${library})
    message(FATAL_ERROR "SAKER_STATIC_DEPENDENCIES: no lib${library}.a; scripts/build_static_libraries.sh makes those that Debian lacks")
  endif()
  mark_as_advanced(archive_${library})
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    add_library(saker_archive_${library} STATIC IMPORTED GLOBAL)
    set_target_properties(saker_archive_${library} PROPERTIES
      IMPORTED_LOCATION ${archive_${library}} INTERFACE_LINK_LIBRARIES "${ARGN}")
    set_property(TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES saker_archive_${library})
    return()
  endif()
  get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
  foreach(configuration ${configurations})
    set_property(TARGET ${target} PROPERTY IMPORTED_LOCATION_${configuration} ${archive_${library}})
  endforeach()
  set_property(TARGET ${target} PROPERTY IMPORTED_LOCATION ${archive_${library}})
endfunction()

saker_archive(fmt::fmt fmt)
saker_archive(yaml-cpp yaml-cpp)
saker_archive(pugixml::pugixml pugixml)
saker_archive(ZLIB::ZLIB z)
saker_archive(JPEG::JPEG jpeg)
saker_archive(PkgConfig::SPNG spng ZLIB::ZLIB)
saker_archive(PkgConfig::WEBP webp)
saker_archive(PkgConfig::RE2 re2)

set(CMAKE_SKIP_BUILD_RPATH ON)  # nothing to be found at run time

# What comes out of these stays inside: other copies of the same libraries in a process are not to be mixed up with it.
set(inside libfmt.a:libyaml-cpp.a:libpugixml.a:libz.a:libjpeg.a:libspng.a:libwebp.a:libre2.a:libstdc++.a:libgcc.a:libgcc_eh.a)
add_link_options(-static-libstdc++ -static-libgcc -Wl,--exclude-libs,${inside} -Wl,--gc-sections)
if(SAKER_GLIBC_FLOOR)
  if(NOT EXISTS ${SAKER_GLIBC_FLOOR}/libc.so)
    message(FATAL_ERROR "SAKER_GLIBC_FLOOR: no libc.so in ${SAKER_GLIBC_FLOOR}; cmake/glibc/make_floor.sh makes such a folder")
  endif()
  add_link_options(-B${SAKER_GLIBC_FLOOR}/)
endif()
