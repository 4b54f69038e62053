// Which file a path means (model/read.h).
#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"
#include "model/read.h"

namespace saker {

Result<std::string> model_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(path, error)) return path;
  std::string found;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    if (lower_extension(it->path()) != ".xml") continue;
    if (!found.empty()) {
      return Error{
          ErrorCode::kInvalid,
          fmt::format("{}: the folder has several .xml files, {} and {} among them: name the one that is meant", path,
                      found, it->path().string())};
    }
    found = it->path().string();
  }
  if (error) return Error{ErrorCode::kIo, fmt::format("{}: {}", path, error.message())};
  if (found.empty()) {
    return Error{
        ErrorCode::kNotFound,
        fmt::format("{}: is a folder without an .xml; a model is a file, or a folder with OpenVINO IR in it", path)};
  }
  return found;
}

}  // namespace saker
