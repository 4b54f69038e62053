#include "kernels/conv_int8/dot_avx512_vnni.h"
#include "kernels/depthwise_int8/lanes_avx512.h"
// (the body, over its Vec, bytes, lanes and multiply_add)
#include "kernels/depthwise_int8/triples.inl"

namespace saker {
extern const DepthwiseTriplesKernel kDepthwiseTriplesAvx512Vnni;
const DepthwiseTriplesKernel kDepthwiseTriplesAvx512Vnni = {
    {"depthwise_int8_triples", {Isa::kAvx512, Isa::kVnni}, true}, Vec::kWidth, run_triples};
}  // namespace saker
