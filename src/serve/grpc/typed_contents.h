// Tensors as the protocol's repeated fields have them, one for each kind of number.
#pragma once

#include <open_inference.pb.h>

#include "serve/api/fit_request.h"

namespace saker::serve {

// What an input's values are read with. `contents` must outlive it.
InputData typed_data(const inference::InferTensorContents& contents);

// Whether there is anything in it.
bool has_elements(const inference::InferTensorContents& contents);

// FP16 and BF16 have no such field: they travel raw.
bool can_be_typed(const OipTensor& tensor);
void write_typed(const OipTensor& tensor, inference::InferTensorContents& contents);

}  // namespace saker::serve
