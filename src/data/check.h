// What is wrong with a dataset: all of it, not the first thing only.
#pragma once

#include <saker/result.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace saker {

enum class Problem : std::uint8_t {
  // Errors: training or evaluation would fail, or be wrong.
  kEntry,  // what the reader had to leave out
  kPictureMissing,
  kPictureUnreadable,
  kPictureSize,
  kBoxEmpty,
  kBoxOutside,
  // Warnings: perhaps meant so.
  kBoxOverEdge,
  kBoxTiny,
  kBoxTwice,
  kPictureTwice,
  kPictureUnused,
  kIdZero,
  kClassTwice,
  kClassUnused,
  kClassGap,
  kAllCrowds,
  kPathMoved,
};
constexpr std::size_t kProblems = static_cast<std::size_t>(Problem::kPathMoved) + 1;

struct ProblemInfo {
  const char* name;  // "box-outside"
  bool error;        // else a warning
  const char* what;  // one line for people
};
const ProblemInfo& problem_info(Problem problem);

struct DataFinding {
  Problem problem = Problem::kEntry;
  std::string text;          // where, and what is there
  std::string setting = {};  // as Error's
};

struct ClassCount {
  std::string name;
  std::int64_t id = 0;
  std::size_t boxes = 0, crowds = 0, pictures = 0;  // crowds are among the boxes
};

struct CheckReport {
  std::vector<DataFinding> findings;            // by problem; beyond kMaxFindings they are only counted
  std::array<std::size_t, kProblems> counts{};  // by problem, all of them
  std::vector<ClassCount> classes;
  std::size_t pictures = 0, boxes = 0, crowds = 0, empty_pictures = 0;

  std::size_t errors() const { return sum(true); }
  std::size_t warnings() const { return sum(false); }

 private:
  std::size_t sum(bool error) const;
};
constexpr std::size_t kMaxFindings = 100'000;

struct CheckOptions {
  DatasetOptions reading;                                             // skip_bad and warn are set by check_data
  bool decode = false;                                                // all of every picture, not its header only
  std::function<void(std::size_t done, std::size_t total)> progress;  // pictures looked at; may be empty
};

// Errors are those of read_dataset that leave nothing to look at: no such file, not JSON, no known format.
Result<CheckReport> check_data(const std::string& path, const CheckOptions& options);

}  // namespace saker
