// What a model's outputs will look like, known without compiling it.
#pragma once

#include <saker/model.h>

#include <span>
#include <vector>

namespace saker {

// Parallel to model.outputs(), for inputs of these shapes: as they follow from the graph; where only the data decides,
// as the file declares them (-1: open). Takes 0.1 ms. The model must be one that saker reads.
Result<std::vector<Shape>> infer_output_shapes(const Model& model, std::span<const Shape> input_shapes);

}  // namespace saker
