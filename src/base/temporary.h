// Temporary files and folders, never left behind: removed by whoever made them, or when a signal ends the program.
#pragma once

#include <string>

namespace saker {

// A name in the folder of `path`, our own, and short whatever the length of the final name. What is made under it is
// removed, a folder with all in it, unless keep() was called.
class TemporaryPath {
 public:
  static TemporaryPath beside(const std::string& path);
  TemporaryPath(TemporaryPath&& other) noexcept;
  TemporaryPath& operator=(TemporaryPath&& other) noexcept;
  ~TemporaryPath();

  const std::string& path() const { return path_; }
  void keep() noexcept;  // it has been renamed

 private:
  explicit TemporaryPath(std::string path);
  void remove() noexcept;

  std::string path_;  // empty: kept, or moved from
  int slot_ = -1;     // what a signal looks at; -1: there was no room
};

// All that there are, from any thread or signal handler, when the program is about to end: none is made after it.
void remove_temporaries() noexcept;

// For programs, once, before threads start: SIGINT, SIGTERM, SIGHUP and SIGPIPE remove what TemporaryPath has made and
// then end the program as they do by default; those that are ignored stay so. Writing beyond the limit for files is an
// error (EFBIG) instead of SIGXFSZ.
void remove_temporaries_on_signals();

}  // namespace saker
