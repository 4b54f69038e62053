# The page's files as code: page_code.
set(page ${CMAKE_CURRENT_LIST_DIR}/page)
set(page_files
  ${page}/index.html
  ${page}/page.css
  ${page}/page.js
  ${page}/camera.js
  ${page}/api.js
  ${page}/found.js
  ${page}/live.js
  ${page}/view.js
  ${page}/watch.js
  ${page}/icon.svg)
set(page_code ${CMAKE_CURRENT_BINARY_DIR}/web_files_data.cc)
add_custom_command(OUTPUT ${page_code}
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${page_code} "-DFILES=${page_files}" -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
  DEPENDS ${page_files} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
  VERBATIM)

