# Files that Debian packages have and other installations do not: copyright, changelog, the service.
# Sets late_packages: those with the libraries that programs load when they are first needed.
set(documents ${CMAKE_INSTALL_DATADIR}/doc)
file(MAKE_DIRECTORY ${debian_folder})

file(READ NOTICE notice)
file(WRITE ${debian_folder}/copyright "saker is under the Apache License, Version 2.0: /usr/share/common-licenses/Apache-2.0\n\n${notice}")

execute_process(COMMAND ${GIT_EXECUTABLE} log -1 --format=%cD WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
  OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT date)
  set(date "Sun, 29 Nov 2026 00:00:00 +0000")
endif()
file(WRITE ${debian_folder}/changelog "saker (${PROJECT_VERSION}) unstable; urgency=medium

  * What changed: CHANGELOG.md of the sources.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
execute_process(COMMAND gzip -9nf ${debian_folder}/changelog COMMAND_ERROR_IS_FATAL ANY)

foreach(pair saker:saker libsaker-dev:c-dev saker-video:video saker-train:train)
  string(REGEX MATCH "^(.*):(.*)$" pair ${pair})
  install(FILES ${debian_folder}/copyright ${debian_folder}/changelog.gz DESTINATION ${documents}/${CMAKE_MATCH_1}
    COMPONENT ${CMAKE_MATCH_2})
endforeach()

if(TARGET saker_server)
  file(READ deploy/systemd/saker-serve.service service)
  string(REPLACE /usr/local/bin /usr/bin service "${service}")
  string(REGEX REPLACE "#   install [^\n]*\n#   systemctl [^\n]*" "#   systemctl enable --now saker-serve" service "${service}")
  file(WRITE ${debian_folder}/saker-serve.service "${service}")
  install(FILES ${debian_folder}/saker-serve.service DESTINATION /lib/systemd/system)
  install(FILES deploy/systemd/serve.yaml DESTINATION /etc/saker)
  file(WRITE ${debian_folder}/conffiles "/etc/saker/serve.yaml\n")
else()
  file(WRITE ${debian_folder}/conffiles "")
endif()
file(WRITE ${debian_folder}/triggers "activate-noawait ldconfig\n")

# The packages whose files the linker found.
set(late_packages "")
set(late_libraries ${ZMQ_LINK_LIBRARIES})
foreach(format ${picture_formats})
  list(APPEND late_libraries ${PICTURE_${format}_LINK_LIBRARIES})
endforeach()
foreach(library ${late_libraries})
  file(REAL_PATH ${library} file)
  execute_process(COMMAND dpkg-query --search ${file} OUTPUT_VARIABLE owner OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(owner MATCHES "^([^:]+):")
    list(APPEND late_packages ${CMAKE_MATCH_1})
  endif()
endforeach()
list(APPEND late_packages curl)
list(JOIN late_packages ", " late_packages)
