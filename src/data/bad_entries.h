// What becomes of an entry that is broken: it ends the reading, or it is left out, counted and told.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <string>

#include "data/dataset.h"

namespace saker {

class BadEntries {
 public:
  explicit BadEntries(const DatasetOptions& options) : options_(options) {}

  std::size_t skipped() const { return skipped_; }

  // The error, which names file and place; or none, and the caller goes on without the entry.
  Status refuse(const Error& error) {
    if (!options_.skip_bad) return error;
    leave_out(error.message);
    return {};
  }

  // Left out whatever the options say.
  void leave_out(const std::string& message) {
    ++skipped_;
    if (options_.warn) options_.warn(message + " (left out)");
  }

 private:
  const DatasetOptions& options_;
  std::size_t skipped_ = 0;
};

}  // namespace saker
