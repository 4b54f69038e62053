#include <fmt/format.h>

#include "base/try.h"
#include "exports/export.h"
#include "passes/passes.h"
#include "passes/pipeline.h"

namespace saker {
namespace {

// The graph where every open extent of the inputs is the one named, with the shapes that follow.
Result<Graph> inferred_at(Graph graph, std::int64_t batch, std::int64_t height, std::int64_t width) {
  const Shape sizes = {batch, 3, height, width};
  std::vector<Shape> inputs;
  for (const auto& declared : graph.declared_inputs) {
    Shape& shape = inputs.emplace_back();
    for (std::size_t i = 0; i < declared.size(); ++i)
      shape.push_back(declared[i].size >= 0 ? declared[i].size : sizes[i % sizes.size()]);
  }
  SAKER_TRY(bind_input_shapes(graph, inputs));
  SAKER_TRY(infer_and_fold(graph));
  return graph;
}

// At sizes that differ in the batch, and in the picture.
struct Inferred {
  Graph one, more, larger;
};
Result<Inferred> inferred(const Graph& graph, std::int64_t side) {
  Inferred at;
  SAKER_ASSIGN(at.one, inferred_at(graph, 1, side, side));
  SAKER_ASSIGN(at.more, inferred_at(graph, 2, side, side));
  SAKER_ASSIGN(at.larger, inferred_at(graph, 1, 2 * side, 2 * side));
  return at;
}

}  // namespace

Result<std::vector<std::vector<DeclaredDim>>> open_output_dims(const Graph& graph, std::int64_t side) {
  SAKER_ASSIGN(const Inferred at, inferred(graph, side));
  std::vector<std::vector<DeclaredDim>> all;
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const ValueId id = graph.outputs[i];
    const auto &one = at.one.value(id).shape, &more = at.more.value(id).shape, &larger = at.larger.value(id).shape;
    if (!one || !more || !larger)
      return Error{ErrorCode::kUnsupported,
                   fmt::format("the output '{}' has no shape before a run", graph.value(id).name)};
    auto& dims = all.emplace_back();
    for (std::size_t k = 0; k < one->size(); ++k) {
      const bool of_batch = (*more)[k] != (*one)[k], of_size = (*larger)[k] != (*one)[k];
      if (!of_batch && !of_size) {
        dims.push_back({(*one)[k], ""});
      } else if (of_batch && !of_size) {
        dims.push_back({-1, "batch"});
      } else {
        dims.push_back({-1, one->size() == 3 ? "anchors" : fmt::format("output{}_{}", i, k)});
      }
    }
  }
  return all;
}

Result<std::vector<std::optional<Shape>>> open_value_dims(const Graph& graph, std::int64_t side) {
  SAKER_ASSIGN(const Inferred at, inferred(graph, side));
  std::vector<std::optional<Shape>> all;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    std::optional<Shape> dims = at.one.values[i].shape;
    for (const auto* other : {&at.more.values[i].shape, &at.larger.values[i].shape}) {
      if (!*other || !dims || dims->size() != (*other)->size()) {
        dims.reset();
        break;
      }
      for (std::size_t k = 0; k < dims->size(); ++k) {
        if ((*dims)[k] != (**other)[k]) (*dims)[k] = -1;
      }
    }
    all.push_back(std::move(dims));
  }
  return all;
}

}  // namespace saker
