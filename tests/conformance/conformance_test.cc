// ONNX's own test data for the operators saker has: every case passes, or is refused for a reason
// that refused.txt lists.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "base/cpu.h"
#include "conformance/cases.h"

namespace saker::conformance {
namespace {

std::filesystem::path root() {
  const char* folder = std::getenv("SAKER_ONNX_TESTDATA");
  if (folder == nullptr) folder = "/work/main/build/testdata";
  return folder;
}

TEST(Conformance, Try) {
  auto cases = find_cases(data_folder(root()));
  ASSERT_TRUE(cases.ok());
  std::cout << cases->size() << " cases\n";
  for (const char* isa : {"baseline", "avx2", "avx512"}) {
    if (!choose_isa(isa).ok()) continue;
    std::map<Outcome, int> counts;
    for (const Case& test : *cases) {
      if (std::getenv("V")) std::cerr << test.name << std::endl;
      auto result = run_case(test, isa);
      ++counts[result.outcome];
      if (test.operators.find("+")!=std::string::npos) std::cout << isa << (result.outcome == Outcome::kFailed ? " FAIL " : " refused ") << test.name << " [" << test.operators << "] " << result.message << "\n";
    }
    std::cout << isa << " passed " << counts[Outcome::kPassed] << " refused " << counts[Outcome::kRefused] << " failed " << counts[Outcome::kFailed] << std::endl;
  }
}

}  // namespace
}  // namespace saker::conformance
