// A folder that appears only when it is complete: built under a temporary name beside its place, then renamed.
#pragma once

#include <saker/result.h>

#include <string>

namespace saker {

class NewFolder {
 public:
  // A folder with something in it is replaced only if `replace` is set and it has a file called `marker`, which says
  // that it is of the same making. Error kIo: it may not be replaced, or cannot be made.
  static Result<NewFolder> begin(const std::string& path, const std::string& marker, bool replace);
  NewFolder(NewFolder&& other) noexcept;
  NewFolder& operator=(NewFolder&&) = delete;
  ~NewFolder();  // without commit() nothing is left behind

  const std::string& path() const { return temporary_; }  // to build in
  Status commit();

 private:
  NewFolder(std::string final_path, std::string temporary);

  std::string final_, temporary_;  // temporary_ is empty once it has its final name
};

}  // namespace saker
