// Reads refused.txt and writes docs/onnx-conformance.md.
#include "conformance/report.h"

#include <fmt/format.h>

#include <set>
#include <sstream>

namespace saker::conformance {
namespace {

struct Row {
  int cases = 0, passed = 0;
  std::set<std::string> reasons;
};

constexpr const char* kHead =
    R"(# Conformance with ONNX

ONNX ships small models with inputs and outputs for each of its operators: {} cases in the Python package `onnx` 1.14.1. {} of them need what saker does not have, and are refused with a message:

{}
**All {} others pass.** The result is the same on every instruction-set level (baseline, AVX2, AVX-512).

Every case that passes runs three times: with all inputs given at run time, with all but the first as constants of the model, and with all of them as constants. So the shape rules, the kernels and the folding of constants are all held to the same data. Floats may differ by 1e-5 + 1e-3 x the expected value (float16: 1e-3 + 1e-2 x), integers not at all.

| operator | cases | passed | refused | why |
| --- | ---: | ---: | ---: | --- |
)";

constexpr const char* kFoot = R"(
"Several together" are functions of ONNX that the data also has written out in basic operators.

## Where this page comes from

The data is fetched by `scripts/fetch_onnx_testdata.sh`; without it the tests are skipped. This page is written by the test itself, which also fails when the page is not what it would write:

```
SAKER_CONFORMANCE_PAGE=docs/onnx-conformance.md build/release/tests/conformance_test
```

The refused cases and their messages are listed in `tests/conformance/refused.txt`. A case that is refused and not listed, or listed and not refused, fails the test.
)";

}  // namespace

Result<Expectations> parse_expectations(const std::string& text) {
  Expectations expectations;
  Refusal refusal;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t end = line.find("] ");
    if (line.front() == '[' && end != std::string::npos) {
      refusal = {line.substr(1, end - 1), line.substr(end + 2)};
    } else if (refusal.message.empty() || !expectations.emplace(line, refusal).second) {
      return Error{ErrorCode::kInvalid, fmt::format("'{}' has no reason above it, or is listed twice", line)};
    }
  }
  return expectations;
}

std::string conformance_page(const std::vector<Case>& cases, const std::vector<CaseResult>& results,
                             const Expectations& refused) {
  std::map<std::string, Row> rows;
  std::map<std::string, int> reasons;
  std::size_t passed = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Row& row = rows[cases[i].op];
    ++row.cases;
    if (results[i].outcome == Outcome::kPassed) {
      ++row.passed;
      ++passed;
    } else if (const auto reason = refused.find(cases[i].name); reason != refused.end()) {
      row.reasons.insert(reason->second.why);
      ++reasons[reason->second.why];
    }
  }
  std::string left_out = "| left out | cases |\n| --- | ---: |\n";
  for (const auto& [why, count] : reasons) left_out += fmt::format("| {} | {} |\n", why, count);
  std::string page = fmt::format(fmt::runtime(kHead), cases.size(), cases.size() - passed, left_out, passed);
  for (const auto& [name, row] : rows) {
    page += fmt::format("| {} | {} | {} | {} | {} |\n", name, row.cases, row.passed, row.cases - row.passed,
                        fmt::join(row.reasons, "; "));
  }
  return page + kFoot;
}

}  // namespace saker::conformance
