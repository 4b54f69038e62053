// Whether an engine survives a file, learned in a process that may be lost.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>

namespace saker {

// Has the engine load, compile and run the file once in a process of its own: saker_trial, beside the plug-in. What the
// engine refuses with an error of its own, it will refuse again: that is no failure here. Errors: those of find_plugin;
// kInternal (no such process can be started); kInvalid (it died, or did not end within the time).
Status try_out(const std::string& name, const std::string& path, double timeout_ms);

// What saker_trial says on stdout at the end. Its exit code would not do: engines may call exit(), and a host that
// ignores SIGCHLD never learns it.
constexpr const char* kSurvived = "survived";

// As long as a file of so many bytes may take: 8 s, and a second more for each 10 MB, as both compiling and running
// take longer for more weights.
constexpr double trial_ms(std::uintmax_t bytes) {
  return 1000 * (8 + static_cast<double>(bytes / 10'000'000));
}

}  // namespace saker
