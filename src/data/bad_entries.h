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
    if (!options_.skip_bad) return with_hint(error);
    leave_out(error.message);
    return {};
  }

  // Left out whatever the options say.
  void leave_out(const std::string& message) {
    ++skipped_;
    if (options_.warn) options_.warn(message + " (left out)");
  }

 private:
  Error with_hint(Error error) const {
    if (!error.message.ends_with(options_.hint)) error.message += options_.hint;  // refused again by an outer reader
    return error;
  }

  const DatasetOptions& options_;
  std::size_t skipped_ = 0;
};

}  // namespace saker
