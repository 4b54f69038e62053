#include "kernels/conv_int8/dot_avx2.h"
// (the body, over its Vec, bytes and multiply_add)
#include "kernels/conv_int8/conv_int8.inl"

namespace saker {
extern const ConvInt8Kernel kConvInt8Avx2;
const ConvInt8Kernel kConvInt8Avx2 = {conv_kernel({"conv_int8_direct", Isa::kAvx2, true}, nullptr),
                                      run_conv<ConvInt8Args>};
}  // namespace saker
