// What becomes of an entry that is broken: it ends the reading, or it is left out, counted and told.
#pragma once

#include <fmt/format.h>
#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/plural.h"
#include "data/dataset.h"

namespace saker {

class BadEntries {
 public:
  enum class Kind : std::uint8_t { kBox, kOther };

  explicit BadEntries(const DatasetOptions& options) : options_(options) {}

  std::size_t skipped() const { return skipped_; }

  // The error, which names file and place; or none, and the caller goes on without the entry.
  Status refuse(const Error& error, Kind kind = Kind::kOther) {
    if (!options_.skip_bad) return with_hint(error);
    if (first_.empty()) first_ = error.message;
    boxes_ += kind == Kind::kBox ? 1 : 0;
    leave_out(error.message);
    return {};
  }

  // Left out whatever the options say.
  void leave_out(const std::string& message) {
    ++skipped_;
    if (options_.warn) options_.warn(message + " (left out)");
  }

  // Error kInvalid: broken entries were left out, and so nothing is left of `file`.
  Status check_left(const std::string& file, std::size_t pictures, std::size_t boxes) const {
    const bool lost = boxes_ > 0 && boxes == 0;
    if (first_.empty() || options_.allow_empty || (pictures > 0 && !lost)) return {};
    std::string what = boxes_ > 0 ? counted(boxes_, "box") : "";
    if (const std::size_t others = skipped_ - boxes_; others > 0)
      what += boxes_ > 0 ? " and " + counted(others, "other entry") : counted(others, "entry");
    return Error{ErrorCode::kInvalid, fmt::format("{}: nothing is left of {}: {} left out as broken; the first:\n{}",
                                                  file, pictures > 0 ? "its boxes" : "its pictures", what, first_)};
  }

 private:
  Error with_hint(Error error) const {
    if (!error.message.ends_with(options_.hint)) error.message += options_.hint;  // refused again by an outer reader
    return error;
  }

  const DatasetOptions& options_;
  std::size_t skipped_ = 0, boxes_ = 0;  // boxes_ of those that were refused
  std::string first_;                    // of those: why
};

}  // namespace saker
