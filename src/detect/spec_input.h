// Which input of a model takes pictures, what it is compiled for, and what the other inputs get.
#pragma once

#include <saker/detector_spec.h>

#include <vector>

#include "detect/letterbox.h"
#include "detect/other_inputs.h"

namespace saker {

struct SpecInput {
  std::size_t index = 0;  // among the model's inputs
  PixelLayout layout;
  int batch = 1, height = 0, width = 0;
  bool fixed_batch = false;
  std::vector<OtherInput> others;  // all but the picture

  Shape shape() const;
  std::vector<Shape> shapes() const;  // of all inputs
};

// Errors without the model's path.
Result<SpecInput> choose_input(const Model& model, const SpecOptions& options);

// Into a session's inputs what the others get. Error kInvalid: the session was compiled for other shapes or types.
Status fill_other_inputs(const SpecInput& input, Session& session);

// The same error; of a model whose input leaves its size open, with the size as what may be wrong.
Error with_size_hint(Error error, const TensorInfo& declared, const SpecInput& input);

}  // namespace saker
