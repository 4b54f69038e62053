// Which input a detector's model is compiled for.
#pragma once

#include <saker/detector_spec.h>

namespace saker {

struct SpecInput {
  int batch = 1, height = 0, width = 0;
  bool fixed_batch = false;

  Shape shape() const { return {batch, 3, height, width}; }
};

// Errors without the model's path.
Result<SpecInput> choose_input(const Model& model, const SpecOptions& options);

// The same error; of a model whose input leaves its size open, with the size as what may be wrong.
Error with_size_hint(Error error, const TensorInfo& declared, const Shape& input);

}  // namespace saker
