// ONNX's own test data: every case passes, or is refused for a reason that refused.txt lists.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "base/cpu.h"
#include "base/files.h"
#include "conformance/report.h"

namespace saker::conformance {
namespace {

namespace fs = std::filesystem;

// Of onnx 1.14.1, when this was written: fewer means that something was lost.
constexpr std::size_t kCases = 1168;
// What saker leaves out; everything else passes.
const std::set<std::string> kLeftOut = {"8-bit floats",
                                        "data of another shape than its model declares",
                                        "random numbers",
                                        "sequences and optionals",
                                        "strings",
                                        "subgraphs",
                                        "the domain ai.onnx.ml",
                                        "training"};

const fs::path kSource = SAKER_SOURCE_FOLDER;

fs::path data_root() {
  const char* folder = std::getenv("SAKER_ONNX_TESTDATA");
  return folder != nullptr ? fs::path(folder) : kSource / "build" / "testdata";
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Conformance : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path folder = data_folder(data_root());
    if (!fs::is_directory(folder)) {
      GTEST_SKIP() << "no folder " << folder << ": run scripts/fetch_onnx_testdata.sh, or set SAKER_ONNX_TESTDATA";
    }
    auto cases = find_cases(folder);
    ASSERT_TRUE(cases.ok()) << cases.error().message;
    cases_ = std::move(*cases);
    auto expected = parse_expectations(text_of(kSource / "tests" / "conformance" / "refused.txt"));
    ASSERT_TRUE(expected.ok()) << expected.error().message;
    expected_ = std::move(*expected);
  }

  void run_on(const char* isa) {
    if (!choose_isa(isa).ok()) GTEST_SKIP() << "this CPU does not have " << isa;
    for (const Case& test : cases_) check(test, isa);
  }

  void check(const Case& test, const char* isa) {
    const CaseResult result = run_case(test, isa);
    const auto reason = expected_.find(test.name);
    if (reason != expected_.end()) {
      EXPECT_EQ(result.outcome, Outcome::kRefused) << test.name << " is listed as refused; " << result.message;
      EXPECT_NE(result.message.find(reason->second.message), std::string::npos)
          << test.name << " was not refused for '" << reason->second.message << "' but: " << result.message;
      return;
    }
    EXPECT_EQ(result.outcome, Outcome::kPassed) << test.name << ": " << result.message;
    for (const Given given : {Given::kFirst, Given::kNone}) {
      const CaseResult folded = run_case(test, isa, given);
      EXPECT_EQ(folded.outcome, Outcome::kPassed)
          << test.name << " with constants for " << (given == Given::kFirst ? "all inputs but the first" : "all inputs")
          << ": " << folded.message;
    }
  }

  std::vector<Case> cases_;
  Expectations expected_;
};

TEST_F(Conformance, Baseline) {
  run_on("baseline");
}
TEST_F(Conformance, Avx2) {
  run_on("avx2");
}
TEST_F(Conformance, Avx512) {
  run_on("avx512");
}

TEST_F(Conformance, NothingWasLost) {
  EXPECT_GE(cases_.size(), kCases);
  for (const auto& [name, refusal] : expected_) {
    EXPECT_TRUE(kLeftOut.contains(refusal.why)) << name << " is refused for '" << refusal.why << "'";
    EXPECT_EQ(std::ranges::count(cases_, name, &Case::name), 1)
        << "refused.txt lists a case that is not there: " << name;
  }
}

// SAKER_CONFORMANCE_PAGE=FILE writes the page instead.
TEST_F(Conformance, ThePageIsUpToDate) {
  std::vector<CaseResult> results;
  for (const Case& test : cases_) results.push_back(run_case(test, ""));
  const std::string page = conformance_page(cases_, results, expected_);
  if (const char* path = std::getenv("SAKER_CONFORMANCE_PAGE")) {
    const Status written = write_file(path, page);
    ASSERT_TRUE(written.ok()) << written.error().message;
    return;
  }
  EXPECT_EQ(text_of(kSource / "docs" / "onnx-conformance.md"), page) << "write it again, as its last section says";
}

}  // namespace
}  // namespace saker::conformance
