#include "api/output_shapes.h"

#include "api/guarded.h"
#include "api/internals.h"
#include "base/check.h"
#include "base/try.h"
#include "passes/passes.h"
#include "passes/pipeline.h"

namespace saker {

Result<std::vector<Shape>> infer_output_shapes(const Model& model, std::span<const Shape> input_shapes) {
  SAKER_CHECK(graph_of(model) != nullptr);
  return guarded(model.path(), [&]() -> Result<std::vector<Shape>> {
    Graph graph = *graph_of(model);
    auto status = bind_input_shapes(graph, input_shapes);
    if (status.ok()) status = infer_and_fold(graph);
    if (!status.ok()) return status.error().with_context(model.path());
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      shapes.push_back(graph.value(graph.outputs[i]).shape.value_or(model.outputs()[i].shape));
    return shapes;
  });
}

}  // namespace saker
