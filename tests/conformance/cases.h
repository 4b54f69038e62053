// ONNX's operator test data: finding the cases that concern saker, running one, comparing.
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
  std::string operators;  // of its nodes, each once, sorted, joined by " + "
};

// The folder of the cases below `root`, the folder scripts/fetch_onnx_testdata.sh fills.
std::filesystem::path data_folder(const std::filesystem::path& root);

// Every case whose model has only operators that saker reads, by name. Error: a folder without a model.
Result<std::vector<Case>> find_cases(const std::filesystem::path& folder);

enum class Outcome { kPassed, kRefused, kFailed };

struct CaseResult {
  Outcome outcome = Outcome::kPassed;
  std::string message;
};

// Refused: the library says that it does not support the model. Every other error is a failure, and
// so is an output that differs.
CaseResult run_case(const Case& test, std::string_view isa);

}  // namespace saker::conformance
