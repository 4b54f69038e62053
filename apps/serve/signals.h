// What the operating system asks of a server: to end, to end at once, to look for changes.
#pragma once

#include <functional>
#include <thread>

#include "base/descriptor.h"

namespace saker::cli {

// For programs, one at a time. The first SIGTERM or SIGINT calls `stop`, each SIGHUP `reload`, on a thread of its own;
// the second SIGTERM or SIGINT removes temporary files and ends the program (exit code 1). SIGPIPE is ignored.
class Signals {
 public:
  Signals(std::function<void()> stop, std::function<void()> reload);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void wait(const std::function<void()>& stop, const std::function<void()>& reload) const;

  Descriptor read_end_, write_end_;
  std::thread thread_;
};

}  // namespace saker::cli
