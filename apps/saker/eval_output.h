// What `saker eval` found out, as a table and as JSON.
#pragma once

#include <string>

#include "eval/evaluation.h"
#include "facts.h"

namespace saker::cli {

std::string eval_table(const Evaluated& evaluated);
Json eval_json(const Evaluated& evaluated);

}  // namespace saker::cli
