// What the lowerings of pools and resizes share: which pictures they take, and the rows of the result in parts.
#pragma once

#include "plan/planner.h"

namespace saker {

// Why kernels for pictures of float32, perhaps of bytes too, do not take the node; or empty.
std::string refusal_of_picture(const Graph& graph, const Node& node, bool takes_bytes);

std::int64_t parts_of_rows(std::int64_t rows, int threads);

// Output rows in parts, `batch` times: body(picture, first, last).
void run_rows(RunContext& context, std::int64_t batch, std::int64_t rows, std::int64_t parts,
              const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& body);

}  // namespace saker
