// A file that grows by whole records: a line of results.csv, an event.
#pragma once

#include <saker/result.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/descriptor.h"

namespace saker::runs {

// A record is one write(2): who kills the program finds it whole or not at all, whoever follows the file sees it at
// once, and a thousand epochs cost a thousand lines, not the square of it as a new file each time would. A disk that
// fills up takes none of it. Only a machine that loses power can leave a part, which the reader has to cut off.
class AppendFile {
 public:
  // Errors: kIo; with `exclusive` also where the file is there.
  static Result<AppendFile> open(const std::string& path, bool exclusive);
  Status append(std::string_view record);

 private:
  AppendFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  Descriptor file_;
};

}  // namespace saker::runs
