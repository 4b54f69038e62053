// What autotune has measured, kept between runs of the program: a text file for each CPU, ISA level, number of threads
// and version of the library.
#pragma once

#include <saker/result.h>

#include <map>
#include <string>

#include "base/cpu.h"

namespace saker {

// Layer (plan/conv_key.h) -> method -> milliseconds.
using TimingTable = std::map<std::string, std::map<std::string, double>>;

class TimingCache {
 public:
  // Under `folder`; empty: nothing is kept.
  TimingCache(const std::string& folder, Isa isa, int threads);

  // Never fails: a file that is missing, of another machine or version, or no such file holds nothing, and lines that
  // make no sense are passed over.
  TimingTable read() const;
  // Adds to what the file has. Of two that write at the same time one may lose its additions; the file stays whole.
  Status add(const TimingTable& table) const;

  const std::string& path() const { return path_; }

 private:
  std::string head_;  // the file's first lines: whose timings these are
  std::string path_;
};

}  // namespace saker
