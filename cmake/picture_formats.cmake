# The picture formats that a build may do without (docs/decisions/2026-11-28-more-picture-formats.md): for each its
# pkg-config module and the extensions of its files. Sets
#   SAKER_HAS_<format>               1 or 0
#   SAKER_PICTURE_LIBRARIES          their targets: include folders for the readers, libraries for tests that write
#   SAKER_PICTURE_SONAMES            SAKER_TIFF_LIBRARY="libtiff.so.6" and the like, for the readers, which load the
#                                    library when the first picture comes (src/media/late_library.h)
#   SAKER_MORE_PICTURE_EXTENSIONS    their extensions, as the initialisers of an array of strings
set(picture_module_TIFF "libtiff-4>=4.5")
set(picture_module_GIF libgif)
set(picture_module_AVIF libavif)
set(picture_module_JPEG2000 "libopenjp2>=2.5")
set(picture_extensions_TIFF .tif .tiff)
set(picture_extensions_GIF .gif)
set(picture_extensions_AVIF .avif)
set(picture_extensions_JPEG2000 .jp2 .j2k .j2c .jpc .jpx)

# By what name programs ask for the library at `file` at run time.
function(saker_soname result file)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${file} OUTPUT_VARIABLE headers ERROR_QUIET)
  if(NOT headers MATCHES "SONAME +([^ \n]+)")
    message(FATAL_ERROR "${file}: no shared library: SAKER_PICTURE_FORMATS without its format does without it")
  endif()
  set(${result} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

set(picture_formats TIFF GIF AVIF JPEG2000)
set(wanted ${SAKER_PICTURE_FORMATS})
foreach(format ${wanted})
  if(NOT format IN_LIST picture_formats AND NOT SAKER_PICTURE_FORMATS MATCHES "^(auto|none)$")
    message(FATAL_ERROR "SAKER_PICTURE_FORMATS: ${format} is none of ${picture_formats}, auto and none")
  endif()
endforeach()

set(SAKER_PICTURE_LIBRARIES "")
set(SAKER_PICTURE_SONAMES "")
set(SAKER_MORE_PICTURE_EXTENSIONS "")
foreach(format ${picture_formats})
  set(SAKER_HAS_${format} 0)
  if(SAKER_PICTURE_FORMATS STREQUAL "auto")
    pkg_check_modules(PICTURE_${format} QUIET IMPORTED_TARGET ${picture_module_${format}})
  elseif(format IN_LIST wanted)
    pkg_check_modules(PICTURE_${format} REQUIRED IMPORTED_TARGET ${picture_module_${format}})
  endif()
  if(TARGET PkgConfig::PICTURE_${format} AND NOT SAKER_PICTURE_FORMATS STREQUAL "none")
    set(SAKER_HAS_${format} 1)
    list(APPEND SAKER_PICTURE_LIBRARIES PkgConfig::PICTURE_${format})
    saker_soname(soname ${PICTURE_${format}_LINK_LIBRARIES})
    list(APPEND SAKER_PICTURE_SONAMES SAKER_${format}_LIBRARY="${soname}")
    foreach(extension ${picture_extensions_${format}})
      string(APPEND SAKER_MORE_PICTURE_EXTENSIONS "\"${extension}\",")
    endforeach()
  endif()
endforeach()
