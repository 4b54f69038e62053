// How sparse a model is, as a table and as JSON.
#pragma once

#include <string>

#include "report/json.h"
#include "sparsify/sparsity_report.h"

namespace saker::cli {

std::string sparsity_text(const sparsify::SparsityReport& report);
Json sparsity_json(const sparsify::SparsityReport& report);

}  // namespace saker::cli
