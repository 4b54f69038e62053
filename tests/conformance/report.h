// What the cases did, against what is expected of them, and as a table for the documents.
#pragma once

#include <saker/result.h>

#include <map>
#include <string>
#include <vector>

#include "conformance/cases.h"

namespace saker::conformance {

// Case name -> what its message must hold.
using Expectations = std::map<std::string, std::string>;

// A text of "[part of a message]" lines, each followed by the names of cases; '#' starts a comment.
Result<Expectations> parse_expectations(const std::string& text);

// docs/onnx-conformance.md. `results` are parallel to `cases`.
std::string conformance_page(const std::vector<Case>& cases, const std::vector<CaseResult>& results,
                             const Expectations& refused);

}  // namespace saker::conformance
