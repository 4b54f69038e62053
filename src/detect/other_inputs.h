// Inputs of a detector that are no pictures.
#pragma once

#include <saker/detector_spec.h>

#include <string>
#include <vector>

namespace saker {

struct OtherInput {
  std::size_t index = 0;  // among the model's inputs
  Tensor values;
  std::string note;  // what it was given unasked, and why; else empty
};

// For a picture input `picture` of that size. Values: those of `options.inputs`; else what inputs of these names and
// shapes [N, 2] mean, so that boxes come out in pixels of the input:
//   orig_target_sizes   width, height: RT-DETR, D-FINE, DEIM
//   im_shape            height, width: PaddleDetection
//   scale_factor        1, 1: the same
// Errors: kUnsupported (another one without values), kInvalid (values that do not fit, or of no input).
Result<std::vector<OtherInput>> choose_other_inputs(const Model& model, std::size_t picture, int batch, int height,
                                                    int width, const SpecOptions& options);

}  // namespace saker
