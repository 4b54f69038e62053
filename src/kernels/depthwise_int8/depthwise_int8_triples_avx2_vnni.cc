#include "kernels/conv_int8/dot_avx2_vnni.h"
#include "kernels/depthwise_int8/lanes_avx2.h"
// (the body, over its Vec, bytes, lanes and multiply_add)
#include "kernels/depthwise_int8/triples.inl"

namespace saker {
extern const DepthwiseTriplesKernel kDepthwiseTriplesAvx2Vnni;
const DepthwiseTriplesKernel kDepthwiseTriplesAvx2Vnni = {
    {"depthwise_int8_triples", {Isa::kAvx2, Isa::kVnni}, true}, Vec::kWidth, run_triples};
}  // namespace saker
