#include "kernels/conv_int8/bytes_baseline.h"
// (the body is written over Vec and its bytes)
#include "kernels/quantize/quantize.inl"

namespace saker {
extern const QuantizeKernel kQuantizeBaseline;
const QuantizeKernel kQuantizeBaseline = {
    {"quantize", Isa::kBaseline}, quantize, quantize_planes, dequantize, sum_bytes, range, divide, divide_planes};
}  // namespace saker
