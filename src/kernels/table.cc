#include "kernels/table.h"

namespace saker {
namespace {

constexpr Kernels kBaseline = {
    kConvBaseline,   kDepthwiseBaseline, kElementwiseBaseline, kLetterboxBaseline,       kPoolBaseline, kReduceBaseline,
    kResizeBaseline, kSoftmaxBaseline,   kWinogradBaseline,    kWinogradStride2Baseline, nullptr};
#if SAKER_X86_KERNELS
constexpr Kernels kAvx2 = {kConvAvx2,   kDepthwiseAvx2, kElementwiseAvx2, kLetterboxAvx2,       kPoolAvx2, kReduceAvx2,
                           kResizeAvx2, kSoftmaxAvx2,   kWinogradAvx2,    kWinogradStride2Avx2, nullptr};
constexpr Kernels kAvx512 = {kConvAvx512,     kDepthwiseAvx512,       kElementwiseAvx512, kLetterboxAvx512,
                             kPoolAvx512,     kReduceAvx512,          kResizeAvx512,      kSoftmaxAvx512,
                             kWinogradAvx512, kWinogradStride2Avx512, &kConvBf16Avx512};
#endif

}  // namespace

const Kernels& kernels_for(Isa isa) {
#if SAKER_X86_KERNELS
  if (isa == Isa::kAvx512) return kAvx512;
  if (isa == Isa::kAvx2) return kAvx2;
#endif
  static_cast<void>(isa);
  return kBaseline;
}

}  // namespace saker
