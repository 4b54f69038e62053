#include "kernels/conv_int8/dot_baseline.h"
// (the body, over its Vec, bytes and multiply_add)
#include "kernels/conv_int8/conv_int8.inl"

namespace saker {
extern const ConvInt8Kernel kConvInt8Baseline;
const ConvInt8Kernel kConvInt8Baseline = {conv_kernel({"conv_int8_direct", Isa::kBaseline, true}, nullptr),
                                          run_conv<ConvInt8Args>};
}  // namespace saker
