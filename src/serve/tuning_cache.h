// Tuning tables kept between runs of the program: a JSON file for each model, set of options, CPU and version.
#pragma once

#include <saker/model.h>

#include <optional>
#include <string>
#include <vector>

#include "serve/tuning.h"

namespace saker::serve {

// All that decides what would be measured, the model's contents among it. Reads the whole file.
std::string tuning_key(const Model& model, const TuneOptions& options, int cpus);

// Whether anything was ever kept there.
bool has_tables(const std::string& folder);

class TuningCache {
 public:
  // Under `folder`; empty: nothing is kept.
  TuningCache(const std::string& folder, std::string key);

  // Nothing: there is no such file, or it makes no sense.
  std::optional<TuningTable> read() const;
  Status write(const TuningTable& table) const;  // the file is never half written

  const std::string& path() const { return path_; }

 private:
  std::string key_, path_;
};

}  // namespace saker::serve
