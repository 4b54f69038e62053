// Calls into the library: without the interpreter's lock, ended by Ctrl-C, left behind by fork, waited for at exit.
#pragma once

#include <atomic>
#include <functional>

#include "buffers.h"

namespace saker::python {

// Whether a call's work should end early: between pictures, and while it waits for a detector.
class Stop {
 public:
  virtual bool wanted() const = 0;

 protected:
  ~Stop() = default;
};

using Work = std::function<void(const Stop& stop)>;

// Runs `work` without the interpreter's lock and throws what it throws. From the process's main thread, the one that
// signals interrupt, it runs on another thread: a signal whose handler raises ends the call within 50 ms, and `work`
// goes on alone until it sees that it should stop. So `work` owns all that it touches; what it reads of Python objects
// is in `buffers`. It must not touch Python. `brief`: it will take less time than a user would notice, and stays on the
// caller's thread, as changing threads takes its time, the more the busier the machine is.
void run(Work work, Buffers buffers = {}, bool brief = false);

// The number of forks between the first process and this one: what another process made must not be touched.
unsigned process_generation();

// Tells all work to stop, waits for it, and lets no thread but the main one come back to the interpreter. For atexit.
void finish_calls();

}  // namespace saker::python
