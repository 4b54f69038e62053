#include "kernels/table.h"

#include "base/knobs.h"
#include "base/tiles.h"

namespace saker {
namespace {

Kernels baseline() {
  return {
      .conv = kConvBaseline,
      .conv_bf16 = nullptr,
      .conv_into_bf16 = nullptr,
      .conv_int8 = kConvInt8Baseline,
      .conv_int8_pairs = nullptr,
      .conv_sparse = kConvSparseBaseline,
      .conv_sparse_int8 = kConvSparseInt8Baseline,
      .conv_tiles_bf16 = nullptr,
      .conv_tiles_int8 = nullptr,
      .depthwise = kDepthwiseBaseline,
      .depthwise_bf16 = nullptr,
      .depthwise_int8 = kDepthwiseInt8Baseline,
      .depthwise_triples = nullptr,
      .elementwise = kElementwiseBaseline,
      .letterbox = kLetterboxBaseline,
      .lookup = kLookupBaseline,
      .pool = kPoolBaseline,
      .pool_bf16 = nullptr,
      .quantize = kQuantizeBaseline,
      .reduce = kReduceBaseline,
      .resize = kResizeBaseline,
      .softmax = kSoftmaxBaseline,
      .winograd = kWinogradBaseline,
      .winograd_stride2 = kWinogradStride2Baseline,
      .winograd_int8 = nullptr,
  };
}

#if SAKER_X86_KERNELS

Kernels avx2(Isa isa) {
  return {
      .conv = kConvAvx2,
      .conv_bf16 = nullptr,
      .conv_into_bf16 = nullptr,
      .conv_int8 = isa.has(Isa::kVnni) ? kConvInt8Avx2Vnni : kConvInt8Avx2,
      .conv_int8_pairs = isa.has(Isa::kVnni) ? nullptr : &kConvInt8PairsAvx2,
      .conv_sparse = kConvSparseAvx2,
      .conv_sparse_int8 = isa.has(Isa::kVnni) ? kConvSparseInt8Avx2Vnni : kConvSparseInt8Avx2,
      .conv_tiles_bf16 = nullptr,
      .conv_tiles_int8 = nullptr,
      .depthwise = kDepthwiseAvx2,
      .depthwise_bf16 = nullptr,
      .depthwise_int8 = kDepthwiseInt8Avx2,
      .depthwise_triples = isa.has(Isa::kVnni) ? &kDepthwiseTriplesAvx2Vnni : nullptr,
      .elementwise = kElementwiseAvx2,
      .letterbox = kLetterboxAvx2,
      .lookup = kLookupAvx2,
      .pool = kPoolAvx2,
      .pool_bf16 = nullptr,
      .quantize = kQuantizeAvx2,
      .reduce = kReduceAvx2,
      .resize = kResizeAvx2,
      .softmax = kSoftmaxAvx2,
      .winograd = kWinogradAvx2,
      .winograd_stride2 = kWinogradStride2Avx2,
      .winograd_int8 = isa.has(Isa::kVnni) ? &kWinogradInt8Avx2Vnni : &kWinogradInt8Avx2,
  };
}

Kernels avx512(Isa isa) {
  return {
      .conv = kConvAvx512,
      .conv_bf16 = isa.has(Isa::kBf16) ? &kConvBf16Avx512 : nullptr,
      .conv_into_bf16 = isa.has(Isa::kBf16) ? &kConvIntoBf16Avx512 : nullptr,
      .conv_int8 = isa.has(Isa::kVnni) ? kConvInt8Avx512Vnni : kConvInt8Avx512,
      .conv_int8_pairs = isa.has(Isa::kVnni) ? nullptr : &kConvInt8PairsAvx512,
      .conv_sparse = kConvSparseAvx512,
      .conv_sparse_int8 = isa.has(Isa::kVnni) ? kConvSparseInt8Avx512Vnni : kConvSparseInt8Avx512,
      .conv_tiles_bf16 = isa.has(Isa::kAmxBf16) && tiles_permitted() ? &kConvTilesBf16Amx : nullptr,
      .conv_tiles_int8 = isa.has(Isa::kAmxInt8) && tiles_permitted() ? &kConvTilesInt8Amx : nullptr,
      .depthwise = kDepthwiseAvx512,
      .depthwise_bf16 = isa.has(Isa::kBf16) ? &kDepthwiseBf16Avx512 : nullptr,
      .depthwise_int8 = kDepthwiseInt8Avx512,
      .depthwise_triples = isa.has(Isa::kVnni) ? &kDepthwiseTriplesAvx512Vnni : nullptr,
      .elementwise = kElementwiseAvx512,
      .letterbox = kLetterboxAvx512,
      .lookup = isa.has(Isa::kVbmi) ? kLookupAvx512Vbmi : kLookupAvx2,
      .pool = kPoolAvx512,
      .pool_bf16 = isa.has(Isa::kBf16) ? &kPoolBf16Avx512 : nullptr,
      .quantize = kQuantizeAvx512,
      .reduce = kReduceAvx512,
      .resize = kResizeAvx512,
      .softmax = kSoftmaxAvx512,
      .winograd = kWinogradAvx512,
      .winograd_stride2 = kWinogradStride2Avx512,
      .winograd_int8 = isa.has(Isa::kVnni) ? &kWinogradInt8Avx512Vnni : &kWinogradInt8Avx512,
  };
}

#endif

}  // namespace

static Kernels of_level(Isa isa) {
#if SAKER_X86_KERNELS
  if (isa.level == Isa::kAvx512) return avx512(isa);
  if (isa.level == Isa::kAvx2) return avx2(isa);
#endif
  static_cast<void>(isa);
  return baseline();
}

Kernels kernels_for(Isa isa) {
  Kernels kernels = of_level(isa);
  if (knobs().tiles == Knobs::Tiles::kSoftware) {
    kernels.conv_tiles_bf16 = &kConvTilesBf16Software;
    kernels.conv_tiles_int8 = &kConvTilesInt8Software;
  }
  return kernels;
}

}  // namespace saker
