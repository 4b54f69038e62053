// What an ONNX file says of itself, as text and as JSON.
#pragma once

#include <saker/model.h>

#include <string>
#include <vector>

#include "graph/graph.h"
#include "plan/plan.h"
#include "report/json.h"

namespace saker::cli {

std::string facts_text(const Model& model);
Json facts_json(const Model& model);
Json graph_json(const Graph& graph);
Json plan_json(const Plan& plan, bool why);
// The items behind `line`, which begins with the name of the fact; further lines are indented below it.
std::string wrapped(std::string line, const std::vector<std::string>& items);
// "12.8 MB"
std::string megabytes(std::size_t bytes);

}  // namespace saker::cli
