# make install: the library, its headers, the command, and a package for find_package(saker).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS saker EXPORT saker ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/saker DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT saker NAMESPACE saker:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)
configure_package_config_file(cmake/sakerConfig.cmake.in ${CMAKE_BINARY_DIR}/sakerConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/sakerConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/sakerConfig.cmake ${CMAKE_BINARY_DIR}/sakerConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/saker)
if(TARGET saker_cli)
  install(TARGETS saker_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
