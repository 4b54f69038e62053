#include "kernels/conv_int8/bytes_avx512.h"
// (the body is written over Vec and its bytes)
#include "kernels/quantize/quantize.inl"

namespace saker {
extern const QuantizeKernel kQuantizeAvx512;
const QuantizeKernel kQuantizeAvx512 = {
    {"quantize", Isa::kAvx512}, quantize, quantize_planes, dequantize, sum_bytes, range, divide, divide_planes};
}  // namespace saker
