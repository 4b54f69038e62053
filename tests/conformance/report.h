// What the cases did, against what is expected of them, and as a table for the documents.
#pragma once

#include <saker/result.h>

#include <map>
#include <string>
#include <vector>

#include "conformance/cases.h"

namespace saker::conformance {

struct Refusal {
  std::string message;  // a part of it
  std::string why;      // for the page
};
using Expectations = std::map<std::string, Refusal>;  // by the name of the case

// "[part of a message] why" lines, each followed by the names of cases; '#' starts a comment.
Result<Expectations> parse_expectations(const std::string& text);

// docs/onnx-conformance.md. `results` are parallel to `cases`.
std::string conformance_page(const std::vector<Case>& cases, const std::vector<CaseResult>& results,
                             const Expectations& refused);

}  // namespace saker::conformance
