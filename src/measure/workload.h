// The work that is measured, inside the process that measures it: a loaded engine, its input, its streams.
#pragma once

#include <saker/result.h>

#include <memory>
#include <string>
#include <vector>

#include "measure/protocol.h"

namespace saker {

class Workload {
 public:
  // Loads, makes the streams and warms up.
  static Result<std::unique_ptr<Workload>> load(const Configuration& configuration);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  const Loaded& loaded() const { return loaded_; }
  // Begins with an untimed run of each stream: other engines have used the caches in between.
  Result<Round> round(const RoundOrder& order);
  // saker only.
  Result<std::vector<LayerTime>> layers(int runs);

 private:
  class Streams;
  Workload();
  void describe(const Configuration& configuration);
  Status warm_up(const Configuration& configuration);

  Loaded loaded_;
  std::unique_ptr<Streams> streams_;
};

// Of this process: what it has in RAM now (VmRSS) or had at most (VmHWM).
double resident_megabytes(const char* field = "VmRSS:");

}  // namespace saker
