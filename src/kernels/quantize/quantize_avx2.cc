#include "kernels/conv_int8/bytes_avx2.h"
// (the body is written over Vec and its bytes)
#include "kernels/quantize/quantize.inl"

namespace saker {
extern const QuantizeKernel kQuantizeAvx2;
const QuantizeKernel kQuantizeAvx2 = {
    {"quantize", Isa::kAvx2}, quantize, quantize_planes, dequantize, sum_bytes, range, divide, divide_planes};
}  // namespace saker
