# cmake -D OUTPUT=web_files_data.cc -D "FILES=a.html;b.css" -P embed.cmake: C++ that holds the files (web_files.h).
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(arrays "")
set(entries "")
set(count 0)
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  string(REGEX REPLACE ".*\\." "" extension ${name})
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "${file}: embed.cmake knows no content type of .${extension}")
  endif()
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 20 hash)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND arrays "constexpr unsigned char kFile${count}[] = {  // ${name}\n${bytes}};\n\n")
  string(APPEND entries "      {\"${path}\", \"${type_${extension}}\", \"\\\"${hash}\\\"\", text(kFile${count})},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE ${OUTPUT} "// Made by src/serve/web/embed.cmake.
#include <cstddef>

#include \"serve/web/web_files.h\"

namespace saker::serve {
namespace {

${arrays}template <std::size_t size>
std::string_view text(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::span<const WebFile> web_files() {
  static const WebFile files[] = {
${entries}  };
  return files;
}

}  // namespace saker::serve
")
