#include "serve/web/web_files.h"

#include <algorithm>

namespace saker::serve {

const WebFile* web_file(std::string_view path) {
  const std::span<const WebFile> files = web_files();
  const auto found = std::ranges::find(files, path, &WebFile::path);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace saker::serve
