#include <fmt/format.h>

#include "base/try.h"
#include "exports/export.h"
#include "passes/passes.h"
#include "passes/pipeline.h"

namespace saker {
namespace {

// Shapes of the outputs where every open extent of the inputs is the one named.
Result<std::vector<Shape>> shapes_at(Graph graph, std::int64_t batch, std::int64_t height, std::int64_t width) {
  const Shape sizes = {batch, 3, height, width};
  std::vector<Shape> inputs;
  for (const auto& declared : graph.declared_inputs) {
    Shape& shape = inputs.emplace_back();
    for (std::size_t i = 0; i < declared.size(); ++i)
      shape.push_back(declared[i].size >= 0 ? declared[i].size : sizes[i % sizes.size()]);
  }
  SAKER_TRY(bind_input_shapes(graph, inputs));
  SAKER_TRY(infer_and_fold(graph));
  std::vector<Shape> outputs;
  for (const ValueId id : graph.outputs) {
    const auto& shape = graph.value(id).shape;
    if (!shape)
      return Error{ErrorCode::kUnsupported,
                   fmt::format("the output '{}' has no shape before a run", graph.value(id).name)};
    outputs.push_back(*shape);
  }
  return outputs;
}

}  // namespace

Result<std::vector<std::vector<DeclaredDim>>> open_output_dims(const Graph& graph, std::int64_t side) {
  SAKER_ASSIGN(const std::vector<Shape> one, shapes_at(graph, 1, side, side));
  SAKER_ASSIGN(const std::vector<Shape> more, shapes_at(graph, 2, side, side));
  SAKER_ASSIGN(const std::vector<Shape> larger, shapes_at(graph, 1, 2 * side, 2 * side));
  std::vector<std::vector<DeclaredDim>> all;
  for (std::size_t i = 0; i < one.size(); ++i) {
    auto& dims = all.emplace_back();
    for (std::size_t k = 0; k < one[i].size(); ++k) {
      const bool of_batch = more[i][k] != one[i][k], of_size = larger[i][k] != one[i][k];
      if (!of_batch && !of_size) {
        dims.push_back({one[i][k], ""});
      } else if (of_batch && !of_size) {
        dims.push_back({-1, "batch"});
      } else {
        dims.push_back({-1, one[i].size() == 3 ? "anchors" : fmt::format("output{}_{}", i, k)});
      }
    }
  }
  return all;
}

}  // namespace saker
