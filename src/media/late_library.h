// Libraries that are loaded when the first picture of their format comes. Most runs see none, and AVIF alone would
// bring a dozen codecs: 4 ms and 3 MB of every process.
#pragma once

#include <dlfcn.h>
#include <fmt/format.h>
#include <saker/result.h>

namespace saker {

// A library's functions are members of a class derived from this one (SAKER_LATE_FUNCTION). Never unloaded.
class LateLibrary {
 public:
  // kUnsupported: the library is missing on this machine, or another version of it.
  const Status& status() const { return status_; }

 protected:
  LateLibrary(const char* format, const char* file)
      : format_(format), file_(file), handle_(dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) fail(dlerror());
  }

  template <typename Function>
  Function* find(const char* name) {
    void* const found = handle_ == nullptr ? nullptr : dlsym(handle_, name);
    if (handle_ != nullptr && found == nullptr) fail(dlerror());
    return reinterpret_cast<Function*>(found);
  }

 private:
  void fail(const char* why) {
    status_ = Error{ErrorCode::kUnsupported,
                    fmt::format("{} pictures are read by {}, which cannot be loaded ({}); install it, or convert the "
                                "picture to PNG or JPEG",
                                format_, file_, why == nullptr ? "no reason given" : why)};
  }

  const char *format_, *file_;
  void* handle_;
  Status status_;
};

// A member of the name and the type of the function that the library's header declares.
#define SAKER_LATE_FUNCTION(function) decltype(::function)* function = find<decltype(::function)>(#function);

}  // namespace saker
