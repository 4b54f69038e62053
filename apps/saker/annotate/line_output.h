// Lines about frames, to stdout or a file, from several threads.
#pragma once

#include <saker/result.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "output.h"
#include "pipeline/result_writers.h"

namespace saker::cli {

class LineOutput {
 public:
  // "-", pipes and devices: each line as it comes. as_they_come: so into a file, too, for somebody who reads it while
  // cameras run; else the file appears when it is complete. Empty: nothing is written.
  static Result<std::unique_ptr<LineOutput>> open(const std::string& path, bool as_they_come);

  void write(std::string_view lines);  // failures are kept for finish()
  bool failed() const;
  Status finish();

  TextOut text_out();  // empty if nothing is written

 private:
  explicit LineOutput(std::string path) : path_(std::move(path)) {}
  void write_now(std::string_view lines);

  std::string path_;
  std::optional<Output> output_;
  Descriptor file_;
  Status status_;
  mutable std::mutex mutex_;
};

}  // namespace saker::cli
