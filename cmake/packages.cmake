# Packages by cpack; scripts/build_packages.sh calls it (docs/decisions/2026-11-29-packages.md).
#   cpack -G DEB   saker, libsaker-dev, saker-video, saker-train; a build with SAKER_DEBIAN_FILES, for /usr
#   cpack -G TXZ   one relocatable archive; a build with SAKER_STATIC_DEPENDENCIES
if(NOT TARGET saker_cli)
  return()
endif()
set(CPACK_PACKAGE_NAME saker)
set(CPACK_PACKAGE_VENDOR "The saker authors")
set(CPACK_PACKAGE_CONTACT "The saker authors <saker@packages.saker.invalid>")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_STRIP_FILES ON)
set(CPACK_OUTPUT_FILE_PREFIX packages)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/package_options.cmake)
set(CPACK_VERBATIM_VARIABLES ON)

# The archive.
set(CPACK_PACKAGE_FILE_NAME saker-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})

# The Debian packages.
set(debian_folder ${CMAKE_BINARY_DIR}/debian)
if(SAKER_DEBIAN_FILES)
  include(cmake/debian_files.cmake)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(same "saker (= ${PROJECT_VERSION})")

set(CPACK_DEBIAN_SAKER_PACKAGE_NAME saker)
set(CPACK_DEBIAN_SAKER_PACKAGE_SECTION science)
set(CPACK_DEBIAN_SAKER_PACKAGE_RECOMMENDS "${late_packages}")
set(CPACK_DEBIAN_SAKER_PACKAGE_SUGGESTS "saker-video, saker-train, libsaker-dev")
set(CPACK_DEBIAN_SAKER_PACKAGE_CONTROL_EXTRA "${debian_folder}/conffiles;${debian_folder}/triggers")
set(CPACK_DEBIAN_SAKER_DESCRIPTION "real-time YOLO object detection on ordinary CPUs
saker finds objects in pictures with the detectors of the YOLO family: it
reads ONNX files, OpenVINO IR and checkpoints of PyTorch, and runs them
with an engine of its own for x86-64 CPUs. It evaluates, measures,
quantizes to 8 bits and serves them over HTTP. No Python, no framework.
.
The package has the commands saker, saker-serve and saker-loadtest, a
service for systemd, and libsaker.so.0, the detector for other languages.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libsaker-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "${same}, libfmt-dev, libyaml-cpp-dev, libpugixml-dev, zlib1g-dev, libjpeg-dev, libspng-dev, libwebp-dev, libre2-dev")
set(CPACK_DEBIAN_DEV_DESCRIPTION "YOLO object detection on CPUs, for programs in C and C++
The header saker.h for libsaker.so.0, and the C++20 library, which is
static; with packages for CMake and pkg-config.")

set(CPACK_DEBIAN_VIDEO_PACKAGE_NAME saker-video)
set(CPACK_DEBIAN_VIDEO_PACKAGE_SECTION science)
set(CPACK_DEBIAN_VIDEO_PACKAGE_DEPENDS "${same}")
set(CPACK_DEBIAN_VIDEO_DESCRIPTION "videos and cameras for saker
The plug-in that lets saker read and write videos, streams and cameras
through FFmpeg's libraries. It is a package of its own because Debian
builds those under the GPL, which saker itself is not.")

set(CPACK_DEBIAN_TRAIN_PACKAGE_NAME saker-train)
set(CPACK_DEBIAN_TRAIN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_TRAIN_PACKAGE_DEPENDS "${same}")
set(CPACK_DEBIAN_TRAIN_DESCRIPTION "training of YOLO object detectors on CPUs
The program behind saker train: it trains detectors on labelled pictures,
with LibTorch for the network. The models run in saker and elsewhere.")

set(CPACK_COMPONENTS_ALL saker c-dev cxx-dev)
foreach(optional video train)
  if((optional STREQUAL "video" AND TARGET saker_plugin_video) OR (optional STREQUAL "train" AND TARGET saker_trainer))
    list(APPEND CPACK_COMPONENTS_ALL ${optional})
  endif()
endforeach()
include(CPack)
cpack_add_component_group(saker)
cpack_add_component_group(dev)
cpack_add_component_group(video)
cpack_add_component_group(train)
cpack_add_component(saker GROUP saker REQUIRED)
cpack_add_component(c-dev GROUP dev)
cpack_add_component(cxx-dev GROUP dev)
cpack_add_component(video GROUP video)
cpack_add_component(train GROUP train)
