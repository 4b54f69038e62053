// The portable graph: every operator and its attributes, in one place.
//
// Semantics are those of ONNX opset 20 whatever the file's opset was: importers in model/ rewrite
// older forms (axes as attributes, Clip bounds as attributes, Upsample, ...) into these. Optional
// inputs that are absent are kNoValue. Reference: https://onnx.ai/onnx/operators/
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <variant>
#include <vector>

#include "base/activation.h"

namespace saker {

enum class Op : std::uint8_t {
  kAdd,
  kArgMax,
  kAveragePool,
  kBatchNormalization,
  kCast,
  kCeil,
  kClip,
  kConcat,
  kConstantOfShape,
  kConv,
  kConvTranspose,
  kDecodeBoxes,
  kDepthToSpace,
  kDiv,
  kEqual,
  kErf,
  kExp,
  kExpand,
  kFlatten,
  kFloor,
  kGather,
  kGatherElements,
  kGatherND,
  kGemm,
  kGlobalAveragePool,
  kGreater,
  kHardSigmoid,
  kHardSwish,
  kIdentity,
  kLeakyRelu,
  kMatMul,
  kMax,
  kMaxPool,
  kMin,
  kMod,
  kMul,
  kNonMaxSuppression,
  kNonZero,
  kPad,
  kPow,
  kPRelu,
  kRange,
  kReduceMax,
  kReduceMean,
  kReduceSum,
  kRelu,
  kReshape,
  kResize,
  kScatterND,
  kShape,
  kSigmoid,
  kSilu,
  kSlice,
  kSoftmax,
  kSpaceToDepth,
  kSplit,
  kSqrt,
  kSqueeze,
  kSub,
  kTanh,
  kTile,
  kTopK,
  kTranspose,
  kUnsqueeze,
  kWhere,
};
// Two operators ONNX opset 20 does not have; passes create them.
//   kSilu         x * sigmoid(x)
//   kDecodeBoxes  inputs x [..., n], a, b and c [..., k], k <= n, which broadcast to x's other axes: along the last axis
//                 the first k values of x become (a x + b) x + c, the others stay

enum class AutoPad : std::uint8_t { kExplicit, kSameUpper, kSameLower, kValid };

// Spatial windows: lists have one entry per spatial axis; pads has begins, then ends.
struct WindowAttrs {
  std::vector<std::int64_t> kernel, strides, dilations, pads;
  AutoPad auto_pad = AutoPad::kExplicit;
  bool operator==(const WindowAttrs&) const = default;
};

// Inputs: x [N,C,spatial], w [M,C/group,kernel], optional bias [M], optional residual [N,M,out
// spatial] and coarse [N,M,height/2,width/2] (set by passes).
// y = activation(conv(x, w) + bias + each value of coarse four times) + residual.
struct ConvAttrs {
  WindowAttrs window;
  std::int64_t group = 1;
  Activation activation;
  bool operator==(const ConvAttrs&) const = default;
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

struct ArgMaxAttrs {
  std::int64_t axis = 0;
  bool keepdims = true, select_last = false;
  bool operator==(const ArgMaxAttrs&) const = default;
};
struct AxisAttrs {
  std::int64_t axis = 0;
  bool operator==(const AxisAttrs&) const = default;
};  // Concat, Flatten, Gather, GatherElements
struct BatchDimsAttrs {
  std::int64_t batch_dims = 0;
  bool operator==(const BatchDimsAttrs&) const = default;
};  // GatherND
struct BatchNormalizationAttrs {
  float epsilon = 1e-5F;
  bool operator==(const BatchNormalizationAttrs&) const = default;
};
struct CastAttrs {
  DType to = DType::kFloat32;
  bool operator==(const CastAttrs&) const = default;
};
struct ConstantOfShapeAttrs {
  Tensor value;
};  // one element
enum class DepthOrder : std::uint8_t { kDcr, kCrd };
struct DepthSpaceAttrs {
  std::int64_t block = 1;
  DepthOrder order = DepthOrder::kDcr;
  bool operator==(const DepthSpaceAttrs&) const = default;
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
struct LeakyReluAttrs {
  float alpha = 0.01F;
  bool operator==(const LeakyReluAttrs&) const = default;
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
enum class ScatterReduction : std::uint8_t { kNone, kAdd, kMul, kMax, kMin };
struct ScatterNDAttrs {
  ScatterReduction reduction = ScatterReduction::kNone;
  bool operator==(const ScatterNDAttrs&) const = default;
};
struct ShapeAttrs {
  std::int64_t start = 0;
  std::int64_t end = INT64_MAX;
  bool operator==(const ShapeAttrs&) const = default;
};
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
struct TopKAttrs {
  std::int64_t axis = -1;
  bool largest = true, sorted = true;
  bool operator==(const TopKAttrs&) const = default;
};
struct TransposeAttrs {
  std::vector<std::int64_t> perm;
  bool operator==(const TransposeAttrs&) const = default;
};  // empty: reverse

using Attributes =
    std::variant<std::monostate, ArgMaxAttrs, AxisAttrs, BatchDimsAttrs, BatchNormalizationAttrs, CastAttrs,
                 ConstantOfShapeAttrs, ConvAttrs, ConvTransposeAttrs, DepthSpaceAttrs, GemmAttrs, HardSigmoidAttrs,
                 LeakyReluAttrs, ModAttrs, NonMaxSuppressionAttrs, PadAttrs, PoolAttrs, ReduceAttrs, ReshapeAttrs,
                 ResizeAttrs, ScatterNDAttrs, ShapeAttrs, SoftmaxAttrs, SplitAttrs, TopKAttrs, TransposeAttrs>;

}  // namespace saker
