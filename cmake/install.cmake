# make install: the libraries, their headers, the commands, and packages for find_package(saker) and pkg-config.
# Components: saker (what has no other), c-dev, cxx-dev, video, train; cmake/packages.cmake makes packages of them.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/saker)
file(RELATIVE_PATH SAKER_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" SAKER_PC_TO_PREFIX "${SAKER_PC_TO_PREFIX}")

# The C++ library.
install(TARGETS saker EXPORT saker ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT cxx-dev)
install(DIRECTORY include/saker DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT cxx-dev)
install(EXPORT saker NAMESPACE saker:: DESTINATION ${package_folder} COMPONENT cxx-dev)
set(SAKER_PC_REQUIRES fmt yaml-cpp pugixml zlib)
if(SAKER_WITH_MEDIA)
  list(APPEND SAKER_PC_REQUIRES libjpeg spng libwebp re2)
endif()
list(JOIN SAKER_PC_REQUIRES " " SAKER_PC_REQUIRES)
configure_file(cmake/saker-cxx.pc.in ${CMAKE_BINARY_DIR}/saker-cxx.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/saker-cxx.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT cxx-dev)

# The C library.
if(TARGET saker_shared)
  install(TARGETS saker_shared EXPORT saker-c LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    COMPONENT saker NAMELINK_COMPONENT c-dev)
  install(EXPORT saker-c NAMESPACE saker:: DESTINATION ${package_folder} COMPONENT c-dev)
  install(FILES include/saker.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT c-dev)
  configure_file(cmake/saker.pc.in ${CMAKE_BINARY_DIR}/saker.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/saker.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT c-dev)
endif()

configure_package_config_file(cmake/sakerConfig.cmake.in ${CMAKE_BINARY_DIR}/sakerConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/sakerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/sakerConfig.cmake ${CMAKE_BINARY_DIR}/sakerConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT c-dev)

# What is read rather than run: manual pages out of --help, completion that asks --help.
if(TARGET saker_cli)
  set(man_folder ${CMAKE_BINARY_DIR}/man1)
  set(programs "")
  foreach(program saker_server saker_loadtest saker_trainer)
    if(TARGET ${program})
      list(APPEND programs ${program})
    endif()
  endforeach()
  add_custom_command(OUTPUT ${man_folder}/saker.1.gz
    COMMAND bash ${PROJECT_SOURCE_DIR}/scripts/make_man_pages.sh $<TARGET_FILE:saker_cli> ${man_folder}
    DEPENDS saker_cli ${programs} ${PROJECT_SOURCE_DIR}/scripts/make_man_pages.sh VERBATIM)
  add_custom_target(saker_man_pages ALL DEPENDS ${man_folder}/saker.1.gz)
  install(DIRECTORY ${man_folder}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL
    FILES_MATCHING PATTERN "*.gz" PATTERN "saker-train*" EXCLUDE)
  if(TARGET saker_trainer)
    install(FILES ${man_folder}/saker-train.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT train OPTIONAL)
  endif()
  install(FILES deploy/completion/saker.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME saker)
  install(FILES deploy/completion/_saker DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${SAKER_ZSH_FOLDER})
  install(FILES models/signs.int8.onnx models/signs.jpg DESTINATION ${CMAKE_INSTALL_DATADIR}/saker/models)
  install(FILES NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
  if(SAKER_STATIC_DEPENDENCIES)
    install(FILES ${SAKER_STATIC_LIBRARIES}/THIRD_PARTY_LICENSES.txt DESTINATION ${CMAKE_INSTALL_DOCDIR})
  endif()
  install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md"
    PATTERN decisions EXCLUDE PATTERN pictures EXCLUDE)
endif()
