// The portable graph: every operator and its attributes, in one place.
//
// Semantics are those of ONNX opset 23 whatever the file's opset was: importers in model/ rewrite
// older forms (axes as attributes, Clip bounds as attributes, Upsample, ...) into these. Optional
// inputs that are absent are kNoValue. Reference: https://onnx.ai/onnx/operators/
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/activation.h"
#include "graph/layer_attributes.h"
#include "graph/window_attributes.h"

namespace saker {

enum class Op : std::uint8_t {
  kAbs,
  kAcos,
  kAcosh,
  kAdd,
  kAffineGrid,
  kAnd,
  kArgMax,
  kArgMin,
  kAsin,
  kAsinh,
  kAtan,
  kAtanh,
  kAttention,
  kAveragePool,
  kBatchNormalization,
  kBitShift,
  kBitwiseAnd,
  kBitwiseNot,
  kBitwiseOr,
  kBitwiseXor,
  kBlackmanWindow,
  kCast,
  kCastLike,
  kCeil,
  kCelu,
  kCenterCropPad,
  kClip,
  kCol2Im,
  kCompress,
  kConcat,
  kConstantOfShape,
  kConv,
  kConvInt8,
  kConvTranspose,
  kCos,
  kCosh,
  kCumSum,
  kDecodeBoxes,
  kDeformConv,
  kDepthToSpace,
  kDequantizeLinear,
  kDet,
  kDFT,
  kDiv,
  kDynamicQuantizeLinear,
  kEinsum,
  kElu,
  kEqual,
  kErf,
  kExp,
  kExpand,
  kEyeLike,
  kFlatten,
  kFloor,
  kGather,
  kGatherElements,
  kGatherND,
  kGelu,
  kGemm,
  kGlobalAveragePool,
  kGlobalLpPool,
  kGlobalMaxPool,
  kGreater,
  kGreaterOrEqual,
  kGridSample,
  kGroupNormalization,
  kGRU,
  kHammingWindow,
  kHannWindow,
  kHardmax,
  kHardSigmoid,
  kHardSwish,
  kIdentity,
  kInstanceNormalization,
  kIsInf,
  kIsNaN,
  kLayerNormalization,
  kLeakyRelu,
  kLog,
  kLogSoftmax,
  kLookup,
  kLpNormalization,
  kLpPool,
  kLRN,
  kLSTM,
  kMatMul,
  kMax,
  kMaxPool,
  kMaxRoiPool,
  kMaxUnpool,
  kMeanVarianceNormalization,
  kMelWeightMatrix,
  kMin,
  kMod,
  kMul,
  kNonMaxSuppression,
  kNonZero,
  kNot,
  kOneHot,
  kOr,
  kPad,
  kPow,
  kPRelu,
  kQuantizeLinear,
  kRange,
  kReduceL1,
  kReduceL2,
  kReduceLogSum,
  kReduceLogSumExp,
  kReduceMax,
  kReduceMean,
  kReduceMin,
  kReduceProd,
  kReduceSum,
  kReduceSumSquare,
  kRelu,
  kReshape,
  kResize,
  kReverseSequence,
  kRMSNormalization,
  kRNN,
  kRoiAlign,
  kRotaryEmbedding,
  kRound,
  kScatterElements,
  kScatterND,
  kSelu,
  kShape,
  kShrink,
  kSigmoid,
  kSign,
  kSilu,
  kSin,
  kSinh,
  kSlice,
  kSoftmax,
  kSoftplus,
  kSoftsign,
  kSpaceToDepth,
  kSplit,
  kSqrt,
  kSqueeze,
  kSTFT,
  kSub,
  kSumInt8,
  kTan,
  kTanh,
  kTfIdfVectorizer,
  kThresholdedRelu,
  kTile,
  kTopK,
  kTranspose,
  kTrilu,
  kUnique,
  kUnsqueeze,
  kWhere,
  kXor,
};
// Operators ONNX opset 23 does not have; passes create them.
//   kSilu         x * sigmoid(x)
//   kDecodeBoxes  inputs x [..., n], a, b and c [..., k], k <= n, which broadcast to x's other axes: along the last
//   axis
//                 the first k values of x become (a x + b) x + c, the others stay
//   kConvInt8     ConvInt8Attrs
//   kLookup       y = table[x], both uint8
//   kSumInt8      SumInt8Attrs

// Inputs: x [N,C,spatial], w [M,C/group,kernel], optional bias [M], optional residual [N,M,out
// spatial] and coarse [N,M,height/2,width/2] (set by passes).
// y = activation(conv(x, w) + bias + each value of coarse four times) + residual.
struct ConvAttrs {
  WindowAttrs window;
  std::int64_t group = 1;
  Activation activation;
  bool operator==(const ConvAttrs&) const = default;
};

// Inputs: x uint8 [N,C,H,W], w int8 [M,C/group,kernel], optional residual uint8 [N,M,out spatial], optional scale
// float32 and zero point uint8, one number each, which are known at run time only: scale times multiplier in place of
// that, the zero point in place of zero_points.
//   v = activation(multiplier[m] * conv(x - zero_points, w) + bias[m])
//   v = out_scale[m] * v + out_offset[m]                  if there is an out_scale
//   v = residual_scale[m] * residual + v                  if there is a residual
//   y = v, or uint8: table[round half to even(v), clamped to 0..255]; without a table the number itself
struct ConvInt8Attrs {
  ConvAttrs conv;
  std::vector<float> multiplier, bias;       // [M]
  std::vector<float> out_scale, out_offset;  // [M]; empty: v stays as it is
  std::vector<float> residual_scale;         // [M] with a residual
  std::vector<std::uint8_t> zero_points;     // [C], or none; what stands outside the picture
  std::vector<std::uint8_t> table;           // 256 entries; empty: none
  DType to = DType::kUint8;                  // or float32
  bool operator==(const ConvInt8Attrs&) const = default;
};

struct ConvTransposeAttrs {  // weights [C, M/group, kernel]
  WindowAttrs window;
  std::int64_t group = 1;
  std::vector<std::int64_t> output_padding, output_shape;
  bool operator==(const ConvTransposeAttrs&) const = default;
};

struct PoolAttrs {
  WindowAttrs window;
  bool ceil_mode = false;
  bool count_include_pad = false;     // AveragePool
  bool column_major_indices = false;  // MaxPool's second output
  bool operator==(const PoolAttrs&) const = default;
};

struct AlphaAttrs {
  float alpha = 1;
  bool operator==(const AlphaAttrs&) const = default;
};  // Celu, Elu, ThresholdedRelu
struct ArgMaxAttrs {
  std::int64_t axis = 0;
  bool keepdims = true, select_last = false;
  bool operator==(const ArgMaxAttrs&) const = default;
};  // ArgMax, ArgMin
struct AxisAttrs {
  std::int64_t axis = 0;
  std::int64_t block =
      0;  // DequantizeLinear, QuantizeLinear: how many elements of the axis share a scale; 0: see there
  bool operator==(const AxisAttrs&) const = default;
};  // Concat, DequantizeLinear, Flatten, Gather, GatherElements, OneHot, QuantizeLinear
struct BatchDimsAttrs {
  std::int64_t batch_dims = 0;
  bool operator==(const BatchDimsAttrs&) const = default;
};  // GatherND
struct BatchNormalizationAttrs {
  float epsilon = 1e-5F;
  bool operator==(const BatchNormalizationAttrs&) const = default;
};
struct BitShiftAttrs {
  bool left = true;
  bool operator==(const BitShiftAttrs&) const = default;
};
struct CastAttrs {
  DType to = DType::kFloat32;
  bool operator==(const CastAttrs&) const = default;
};
struct CompressAttrs {
  std::optional<std::int64_t> axis;  // none: of all elements in their order
  bool operator==(const CompressAttrs&) const = default;
};
struct ConstantOfShapeAttrs {
  Tensor value;
};  // one element
struct CumSumAttrs {
  bool exclusive = false, reverse = false;
  bool operator==(const CumSumAttrs&) const = default;
};
enum class DepthOrder : std::uint8_t { kDcr, kCrd };
struct DepthSpaceAttrs {
  std::int64_t block = 1;
  DepthOrder order = DepthOrder::kDcr;
  bool operator==(const DepthSpaceAttrs&) const = default;
};
struct EyeLikeAttrs {
  std::int64_t k = 0;  // of the diagonal, upwards
  bool operator==(const EyeLikeAttrs&) const = default;
};
struct GeluAttrs {
  bool by_tanh = false;
  bool operator==(const GeluAttrs&) const = default;
};
struct GemmAttrs {
  float alpha = 1, beta = 1;
  bool trans_a = false, trans_b = false;
  bool operator==(const GemmAttrs&) const = default;
};
struct HardSigmoidAttrs {
  float alpha = 0.2F, beta = 0.5F;
  bool operator==(const HardSigmoidAttrs&) const = default;
};
struct IsInfAttrs {
  bool negative = true, positive = true;
  bool operator==(const IsInfAttrs&) const = default;
};
struct LeakyReluAttrs {
  float alpha = 0.01F;
  bool operator==(const LeakyReluAttrs&) const = default;
};
struct LookupAttrs {
  std::vector<std::uint8_t> table;  // 256 entries
  bool operator==(const LookupAttrs&) const = default;
};
struct ModAttrs {
  bool fmod = false;
  bool operator==(const ModAttrs&) const = default;
};
struct NonMaxSuppressionAttrs {
  bool center_point_box = false;
  bool operator==(const NonMaxSuppressionAttrs&) const = default;
};
enum class PadMode : std::uint8_t { kConstant, kReflect, kEdge, kWrap };
struct PadAttrs {
  PadMode mode = PadMode::kConstant;
  bool operator==(const PadAttrs&) const = default;
};
struct ReduceAttrs {
  bool keepdims = true, noop_with_empty_axes = false;
  bool operator==(const ReduceAttrs&) const = default;
};  // axes: input 1
struct ReshapeAttrs {
  bool allow_zero = false;
  bool operator==(const ReshapeAttrs&) const = default;
};
enum class ResizeMode : std::uint8_t { kNearest, kLinear, kCubic };
enum class ResizeCoordinates : std::uint8_t {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kTfCropAndResize
};
enum class ResizeNearest : std::uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };
enum class ResizeAspect : std::uint8_t { kStretch, kNotLarger, kNotSmaller };
struct ResizeAttrs {  // inputs: x, roi, scales, sizes
  ResizeMode mode = ResizeMode::kNearest;
  ResizeCoordinates coordinates = ResizeCoordinates::kHalfPixel;
  ResizeNearest nearest = ResizeNearest::kRoundPreferFloor;
  ResizeAspect aspect = ResizeAspect::kStretch;
  float cubic_coeff_a = -0.75F, extrapolation_value = 0;
  bool exclude_outside = false, antialias = false;
  std::vector<std::int64_t> axes;  // empty: all
  bool operator==(const ResizeAttrs&) const = default;
};
struct ScatterNDAttrs {
  ScatterReduction reduction = ScatterReduction::kNone;
  bool operator==(const ScatterNDAttrs&) const = default;
};
struct SeluAttrs {
  float alpha = 1.67326319217681884765625F, gamma = 1.05070102214813232421875F;
  bool operator==(const SeluAttrs&) const = default;
};
struct ShapeAttrs {
  std::int64_t start = 0;
  std::int64_t end = INT64_MAX;
  bool operator==(const ShapeAttrs&) const = default;
};
struct ShrinkAttrs {
  float bias = 0, lambd = 0.5F;
  bool operator==(const ShrinkAttrs&) const = default;
};
// Also of Hardmax and LogSoftmax.
// Before opset 13, Softmax normalised over all axes from `axis` on: flatten_trailing.
// With `expectation`, set by passes, the result is sum_i expectation[i] * y_i, and the axis has extent 1.
struct SoftmaxAttrs {
  std::int64_t axis = -1;
  bool flatten_trailing = false;
  std::vector<float> expectation = {};
  bool operator==(const SoftmaxAttrs&) const = default;
};
struct SplitAttrs {
  std::int64_t axis = 0;
  bool operator==(const SplitAttrs&) const = default;
};  // sizes: optional input 1; number of parts: the node's outputs
// Inputs: uint8 tensors of one shape; parameters have one entry, or one for each channel (axis 1).
//   y = round half to even(out_scale * sum over the inputs of activation(scale * x + shift) + out_offset), uint8
struct SumInt8Attrs {
  struct Term {
    std::vector<float> scale, shift;
    Activation activation;
    bool operator==(const Term&) const = default;
  };
  std::vector<Term> terms;  // one for each input
  std::vector<float> out_scale, out_offset;
  bool operator==(const SumInt8Attrs&) const = default;
};
struct TopKAttrs {
  std::int64_t axis = -1;
  bool largest = true, sorted = true;
  bool operator==(const TopKAttrs&) const = default;
};
struct TransposeAttrs {
  std::vector<std::int64_t> perm;
  bool operator==(const TransposeAttrs&) const = default;
};  // empty: reverse
struct TriluAttrs {
  bool upper = true;
  bool operator==(const TriluAttrs&) const = default;
};

using Attributes =
    std::variant<std::monostate, AffineGridAttrs, AlphaAttrs, ArgMaxAttrs, AttentionAttrs, AxesAttrs, AxisAttrs,
                 BatchDimsAttrs, BatchNormalizationAttrs, BitShiftAttrs, CastAttrs, CompressAttrs, ConstantOfShapeAttrs,
                 ConvAttrs, ConvInt8Attrs, ConvTransposeAttrs, CumSumAttrs, DeformConvAttrs, DepthSpaceAttrs, DftAttrs,
                 EinsumAttrs, EyeLikeAttrs, GeluAttrs, GemmAttrs, GridSampleAttrs, HardSigmoidAttrs, IsInfAttrs,
                 LeakyReluAttrs, LookupAttrs, LpAttrs, LpPoolAttrs, LrnAttrs, MaxRoiPoolAttrs, ModAttrs,
                 NonMaxSuppressionAttrs, NormalizationAttrs, PadAttrs, PoolAttrs, RecurrentAttrs, ReduceAttrs,
                 ReshapeAttrs, ResizeAttrs, ReverseSequenceAttrs, RoiAlignAttrs, RotaryEmbeddingAttrs,
                 ScatterElementsAttrs, ScatterNDAttrs, SeluAttrs, ShapeAttrs, ShrinkAttrs, SignalWindowAttrs,
                 SoftmaxAttrs, SplitAttrs, StftAttrs, SumInt8Attrs, TfIdfVectorizerAttrs, TopKAttrs, TransposeAttrs,
                 TriluAttrs, UniqueAttrs, WindowAttrs>;

}  // namespace saker
