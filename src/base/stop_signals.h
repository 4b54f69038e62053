// A clean end when somebody presses Ctrl-C: what has been written so far becomes a whole file.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>

#include "base/descriptor.h"

namespace saker {

// For programs, one at a time. The first SIGINT, SIGTERM or SIGHUP, or the end of the time, calls `stop` on a thread of
// its own; a second signal does what it did before there was this: it removes temporary files and ends the program.
// Signals that are ignored stay so.
class StopSignals {
 public:
  // `seconds`: at most a year counts.
  explicit StopSignals(std::function<void()> stop, std::optional<double> seconds = std::nullopt);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int signal() const;                               // that came; 0: none
  bool stopped() const { return stopped_.load(); }  // a signal came, or the time is over

 private:
  void wait(const std::function<void()>& stop, std::optional<double> seconds);

  std::atomic<bool> stopped_{false};
  Descriptor read_end_, write_end_;
  std::thread thread_;
};

}  // namespace saker
