// ONNX's operator test data: finding the cases, and running one.
#pragma once

#include <saker/result.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace saker::conformance {

// A folder of the data: a model and its test_data_set_* folders.
struct Case {
  std::string name;  // of the folder
  std::filesystem::path folder;
  std::string op;  // of its nodes; "several together" when they differ
};

// The folder of the cases below `root`, which scripts/fetch_onnx_testdata.sh fills.
std::filesystem::path data_folder(const std::filesystem::path& root);

// Every case, by name. Error: a folder without a model.
Result<std::vector<Case>> find_cases(const std::filesystem::path& folder);

// What is given when the model runs; the others are constants of the model. The fewer inputs, the
// more of the case is folded or decided in the plan instead of run.
enum class Given { kAll, kFirst, kNone };

enum class Outcome { kPassed, kRefused, kFailed };

struct CaseResult {
  Outcome outcome = Outcome::kPassed;
  std::string message;
};

// Refused: the model cannot be loaded, or compiled for the shapes of the data. Failed: running it
// is an error, an output differs, or the data cannot be read.
CaseResult run_case(const Case& test, std::string_view isa, Given given = Given::kAll);

}  // namespace saker::conformance
