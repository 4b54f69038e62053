// Which kernels serve which CPU.
#pragma once

#include "base/cpu.h"
#include "kernels/conv/conv.h"
#include "kernels/conv_bf16/conv_bf16.h"
#include "kernels/conv_int8/conv_int8.h"
#include "kernels/conv_int8/pairs.h"
#include "kernels/conv_sparse/conv_sparse.h"
#include "kernels/conv_tiles/conv_tiles_bf16.h"
#include "kernels/conv_tiles/conv_tiles_int8.h"
#include "kernels/depthwise/depthwise.h"
#include "kernels/depthwise_int8/depthwise_int8.h"
#include "kernels/depthwise_int8/triples.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/letterbox/letterbox.h"
#include "kernels/lookup/lookup.h"
#include "kernels/pool/pool.h"
#include "kernels/quantize/quantize.h"
#include "kernels/reduce/reduce.h"
#include "kernels/resize/resize.h"
#include "kernels/softmax/softmax.h"
#include "kernels/winograd/winograd.h"
#include "kernels/winograd_int8/winograd_int8.h"

namespace saker {

struct Kernels {
  const ConvKernel& conv;
  const ConvBf16Kernel* conv_bf16;  // this and those of bfloat16 below: null without Isa::kBf16
  const ConvIntoBf16Kernel* conv_into_bf16;
  const ConvInt8Kernel& conv_int8;
  const ConvInt8PairsKernel* conv_int8_pairs;  // null where conv_int8 has the dot product, and at baseline
  const ConvSparseKernel& conv_sparse;
  const ConvSparseInt8Kernel& conv_sparse_int8;
  // Null without Isa::kAmxBf16 and kAmxInt8, or where tiles_permitted() says no.
  const ConvTilesBf16Kernel* conv_tiles_bf16;
  const ConvTilesInt8Kernel* conv_tiles_int8;
  const DepthwiseKernel& depthwise;
  const DepthwiseBf16Kernel* depthwise_bf16;
  const DepthwiseInt8Kernel& depthwise_int8;
  const DepthwiseTriplesKernel* depthwise_triples;  // null where conv_int8 has no dot product
  const ElementwiseKernel& elementwise;
  const LetterboxKernel& letterbox;
  const LookupKernel& lookup;
  const PoolKernel& pool;
  const PoolBf16Kernel* pool_bf16;
  const QuantizeKernel& quantize;
  const ReduceKernel& reduce;
  const ResizeKernel& resize;
  const SoftmaxKernel& softmax;
  const WinogradKernel& winograd;
  const WinogradKernel& winograd_stride2;
  const WinogradInt8Kernel* winograd_int8;  // null at baseline
};

// Of each family the fastest kernel whose level and features `isa` has.
Kernels kernels_for(Isa isa);

}  // namespace saker
