// What an ONNX file says of itself, as text and as JSON.
#pragma once

#include <saker/model.h>

#include <nlohmann/json.hpp>
#include <string>

#include "graph/graph.h"
#include "plan/plan.h"

namespace saker::cli {

using Json = nlohmann::ordered_json;

std::string facts_text(const Model& model);
Json facts_json(const Model& model);
Json graph_json(const Graph& graph);
Json plan_json(const Plan& plan, bool why);
// Bytes that are not UTF-8 are replaced.
std::string dump(const Json& json);
// "12.8 MB"
std::string megabytes(std::size_t bytes);

}  // namespace saker::cli
