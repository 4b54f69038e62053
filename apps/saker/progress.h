// A progress bar on stderr, for people who watch.
#pragma once

#include <cstddef>

#include "base/clock.h"

namespace saker::cli {

class Progress {
 public:
  // Shown only when stderr is a terminal and there is more than one; total 0: nobody knows how many. `unit`: of what, in
  // the plural.
  Progress(std::size_t total, bool wanted, const char* unit = "pictures");
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Takes the bar away, so that something else can be printed.
  void clear();
  // Draws it again, at most ten times a second unless it was cleared.
  void show(std::size_t done, std::size_t failed);

 private:
  std::size_t total_;
  bool active_;
  const char* unit_;
  bool visible_ = false;
  Stopwatch started_, drawn_;
};

}  // namespace saker::cli
