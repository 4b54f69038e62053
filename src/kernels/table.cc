#include "kernels/table.h"

namespace saker {
namespace {

constexpr Kernels kBaseline = {kConvBaseline,
                               kConvInt8Baseline,
                               kDepthwiseBaseline,
                               kDepthwiseInt8Baseline,
                               kElementwiseBaseline,
                               kLetterboxBaseline,
                               kPoolBaseline,
                               kQuantizeBaseline,
                               kReduceBaseline,
                               kResizeBaseline,
                               kSoftmaxBaseline,
                               kWinogradBaseline,
                               kWinogradStride2Baseline,
                               nullptr};
#if SAKER_X86_KERNELS
constexpr Kernels avx2_with(const ConvInt8Kernel& conv_int8) {
  return {
      kConvAvx2,     conv_int8,   kDepthwiseAvx2, kDepthwiseInt8Avx2, kElementwiseAvx2, kLetterboxAvx2,       kPoolAvx2,
      kQuantizeAvx2, kReduceAvx2, kResizeAvx2,    kSoftmaxAvx2,       kWinogradAvx2,    kWinogradStride2Avx2, nullptr};
}
constexpr Kernels avx512_with(const ConvInt8Kernel& conv_int8) {
  return {kConvAvx512,      conv_int8,       kDepthwiseAvx512,       kDepthwiseInt8Avx512, kElementwiseAvx512,
          kLetterboxAvx512, kPoolAvx512,     kQuantizeAvx512,        kReduceAvx512,        kResizeAvx512,
          kSoftmaxAvx512,   kWinogradAvx512, kWinogradStride2Avx512, &kConvBf16Avx512};
}
constexpr Kernels kAvx2 = avx2_with(kConvInt8Avx2), kAvx2Vnni = avx2_with(kConvInt8Avx2Vnni);
constexpr Kernels kAvx512 = avx512_with(kConvInt8Avx512), kAvx512Vnni = avx512_with(kConvInt8Avx512Vnni);
#endif

}  // namespace

const Kernels& kernels_for(Isa isa) {
#if SAKER_X86_KERNELS
  switch (isa) {
    case Isa::kBaseline:
      break;
    case Isa::kAvx2:
      return kAvx2;
    case Isa::kAvx2Vnni:
      return kAvx2Vnni;
    case Isa::kAvx512:
      return kAvx512;
    case Isa::kAvx512Vnni:
      return kAvx512Vnni;
  }
#endif
  static_cast<void>(isa);
  return kBaseline;
}

}  // namespace saker
