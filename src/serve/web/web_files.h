// The page that the server shows at "/": its files, which the build keeps in the program.
#pragma once

#include <span>
#include <string_view>

namespace saker::serve {

struct WebFile {
  std::string_view path;  // "/page.css"; that of the page itself is "/"
  std::string_view content_type;
  std::string_view etag;  // with its quotes; another one whenever the content is another
  std::string_view body;
};

// Null: there is none of that path (of a request, without its query).
const WebFile* web_file(std::string_view path);
std::span<const WebFile> web_files();

// For every answer that carries one of them. They may be cached, but are to be asked for again by their ETag, so that a
// new server is never driven by an old page: "Cache-Control: no-cache".
inline constexpr std::string_view kPagePolicy =  // Content-Security-Policy
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace saker::serve
