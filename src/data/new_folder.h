// A folder that appears only when it is complete: built under a temporary name beside its place, then renamed.
#pragma once

#include <saker/result.h>

#include <string>
#include <utility>

#include "base/temporary.h"

namespace saker {

// A folder to build in, with a name of its own.
class TemporaryFolder {
 public:
  // In the folder `parent`, which exists. Error kIo.
  static Result<TemporaryFolder> make(const std::string& parent);

  const std::string& path() const { return path_.path(); }
  void release() { path_.keep(); }  // it has another name now

 private:
  explicit TemporaryFolder(TemporaryPath path) : path_(std::move(path)) {}

  TemporaryPath path_;
};

// The same error, with what it says of files below `temporary` said of the place that they would have had.
Error named_in_place(Error error, const std::string& temporary, const std::string& place);

class NewFolder {
 public:
  // A folder with something in it is replaced only if `replace` is set and it has a file called `marker`, which says
  // that it is of the same making. Error kIo: it may not be replaced, or cannot be made.
  static Result<NewFolder> begin(const std::string& path, const std::string& marker, bool replace);

  const std::string& path() const { return temporary_.path(); }  // to build in; without commit() nothing is left behind
  // Error kIo; what others have put into the place meanwhile stays, unless it was to be replaced.
  Status commit();
  Error in_place(Error error) const { return named_in_place(std::move(error), path(), asked_); }

 private:
  NewFolder(std::string asked, std::string final_path, TemporaryFolder temporary, bool replace)
      : asked_(std::move(asked)), final_(std::move(final_path)), temporary_(std::move(temporary)), replace_(replace) {}

  std::string asked_, final_;  // as the caller named it, and where that is
  TemporaryFolder temporary_;
  bool replace_;
};

}  // namespace saker
