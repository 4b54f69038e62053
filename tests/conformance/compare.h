// Tensors compared with those of the test data.
#pragma once

#include <saker/tensor.h>

#include <string>

namespace saker::conformance {

// What differs first, or an empty text. Integers and bools must be equal; floats lie within
// absolute + relative * |expected|: 1e-5 and 1e-3, for float16 1e-3 and 1e-2, for bfloat16 1e-2 and
// 2e-2. ONNX's own runner: 1e-7 and 1e-3 for all floats.
std::string difference(const Tensor& got, const Tensor& expected);

}  // namespace saker::conformance
