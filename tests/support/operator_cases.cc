#include "support/operator_cases.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/case_tensors.h"
#include "support/test_graphs.h"

namespace saker {
namespace {

using namespace operator_cases_detail;
using Cases = std::vector<OperatorCase>;

void add_elementwise(Cases& cases) {
  for (const Op op : {Op::kCeil, Op::kErf, Op::kExp, Op::kFloor, Op::kHardSwish, Op::kIdentity, Op::kRelu, Op::kSigmoid,
                      Op::kSilu, Op::kSqrt, Op::kTanh}) {
    cases.push_back({op, {floats({2, kRow})}});
  }
  cases.push_back({Op::kHardSigmoid, {floats({2, kRow})}, HardSigmoidAttrs{}});
  cases.push_back({Op::kLeakyRelu, {floats({2, kRow})}, LeakyReluAttrs{}});
  cases.push_back({Op::kClip, {floats({2, kRow}), scalar(DType::kFloat32, 2), scalar(DType::kFloat32, 3)}});
  for (const Op op : {Op::kAdd, Op::kDiv, Op::kEqual, Op::kGreater, Op::kMax, Op::kMin, Op::kMul, Op::kPow, Op::kSub}) {
    cases.push_back({op, {floats({2, kRow}), floats({1, kRow})}});
    cases.push_back({op, {floats({kRow, 2}), floats({kRow, 1})}});
    cases.push_back({op, {scalar(DType::kInt32, 2), numbers(DType::kInt32, {kRow})}, {}, 1, 2});
  }
  for (const DType dtype : {DType::kInt32, DType::kInt64})
    cases.push_back({Op::kMod, {numbers(dtype, {kRow}), scalar(dtype, 3)}, ModAttrs{}});
  cases.push_back({Op::kPRelu, {floats({2, kRow}), floats({kRow})}});
  cases.push_back(
      {Op::kWhere, {numbers(DType::kBool, {2, 1}), floats({1, kRow}), scalar(DType::kFloat32, 1)}, {}, 1, 2});
  cases.push_back({Op::kCast, {floats({2, kRow})}, CastAttrs{DType::kInt64}});
  cases.push_back({Op::kSoftmax, {floats({2, kRow})}, SoftmaxAttrs{}});
}

void add_functions(Cases& cases) {
  const Tensor x = floats({2, kRow}), halves = numbers(DType::kFloat32, {2, kRow}, 0.5);
  for (const Op op :
       {Op::kAbs, Op::kAcos, Op::kAcosh, Op::kAsin, Op::kAsinh, Op::kAtan, Op::kAtanh, Op::kCos, Op::kCosh, Op::kIsNaN,
        Op::kLog, Op::kRound, Op::kSign, Op::kSin, Op::kSinh, Op::kSoftplus, Op::kSoftsign, Op::kTan}) {
    cases.push_back({op, {halves}});
  }
  for (const Op op : {Op::kCelu, Op::kElu, Op::kThresholdedRelu}) cases.push_back({op, {x}, AlphaAttrs{2}});
  for (const Op op : {Op::kHardmax, Op::kLogSoftmax}) cases.push_back({op, {x}, SoftmaxAttrs{}});
  cases.push_back({Op::kGelu, {x}, GeluAttrs{true}});
  cases.push_back({Op::kIsInf, {x}, IsInfAttrs{}});
  cases.push_back({Op::kSelu, {x}, SeluAttrs{}});
  cases.push_back({Op::kShrink, {numbers(DType::kInt64, {2, kRow})}, ShrinkAttrs{}});
  cases.push_back({Op::kCastLike, {x, scalar(DType::kFloat16, 1)}});
  cases.push_back({Op::kGreaterOrEqual, {x, floats({1, kRow})}});
  const Tensor yes = numbers(DType::kBool, {2, kRow});
  for (const Op op : {Op::kAnd, Op::kOr, Op::kXor}) cases.push_back({op, {yes, yes}, {}, 1, 2});
  for (const Op op : {Op::kBitwiseAnd, Op::kBitwiseOr, Op::kBitwiseXor})
    cases.push_back({op, {numbers(DType::kInt32, {2, kRow}), scalar(DType::kInt32, 3)}});
  cases.push_back({Op::kNot, {yes}});
  cases.push_back({Op::kBitwiseNot, {numbers(DType::kInt16, {2, kRow})}});
  cases.push_back({Op::kBitShift, {bytes({2, kRow}), scalar(DType::kUint8, 3)}, BitShiftAttrs{}});
}

void add_layers(Cases& cases) {
  const Tensor x = floats({1, 2, 64, 256}), line = floats({1, 1, kRow});
  ConvAttrs same;
  same.window.pads = {1, 1, 1, 1};
  cases.push_back({Op::kConv, {x, floats({2, 2, 3, 3}), floats({2})}, same});
  cases.push_back({Op::kConv, {line, floats({1, 1, 1 << 12})}, ConvAttrs{}});
  ConvTransposeAttrs twice;
  twice.window.strides = {2};
  cases.push_back({Op::kConvTranspose, {line, floats({1, 1, 2})}, twice});
  PoolAttrs pool;
  pool.window.kernel = {3};
  cases.push_back({Op::kAveragePool, {line}, pool});
  cases.push_back({Op::kMaxPool, {line}, pool, 2});
  for (const Op op : {Op::kGlobalAveragePool, Op::kGlobalMaxPool}) cases.push_back({op, {line}});
  cases.push_back({Op::kBatchNormalization,
                   {floats({1, kRow}), floats({kRow}), floats({kRow}), floats({kRow}), floats({kRow})},
                   BatchNormalizationAttrs{}});
  cases.push_back({Op::kMatMul, {floats({4, 8}), floats({8, kRow})}});
  cases.push_back({Op::kGemm, {floats({4, 8}), floats({8, kRow}), floats({4, 1})}, GemmAttrs{}});
  cases.push_back(
      {Op::kDecodeBoxes, {floats({1, kRow, 6}), floats({1, 1, 4}), floats({1, 1, 4}), floats({1, kRow, 4})}});
  ConvInt8Attrs int8;
  int8.conv = same;
  int8.multiplier = int8.bias = {1, 1};
  int8.zero_points = {0, 0};
  cases.push_back({Op::kConvInt8, {bytes({1, 2, 64, 256}), numbers(DType::kInt8, {2, 2, 3, 3})}, int8});
  cases.push_back({Op::kLookup, {bytes({1, 2, 64, 256})}, LookupAttrs{std::vector<std::uint8_t>(256, 1)}});
  cases.push_back({Op::kSumInt8,
                   {bytes({1, 2, 64, 256}), bytes({1, 2, 64, 256})},
                   SumInt8Attrs{{{{1}, {0}, {}}, {{1}, {0}, {}}}, {1}, {0}},
                   1,
                   2});
  const Tensor scale = scalar(DType::kFloat32, 1);
  cases.push_back({Op::kQuantizeLinear, {x, scale, scalar(DType::kUint8, 1)}, AxisAttrs{}});
  cases.push_back({Op::kDequantizeLinear, {bytes({1, 2, 64, 256}), scale, scalar(DType::kUint8, 1)}, AxisAttrs{}});
  cases.push_back({Op::kDynamicQuantizeLinear, {x}, {}, 3});
}

void add_moves(Cases& cases) {
  const Tensor x = floats({2, kRow}), picture = floats({1, 4, 64, 128});
  cases.push_back({Op::kConcat, {x, x}, AxisAttrs{1}, 1, 2});
  cases.push_back({Op::kConstantOfShape, {make_ints({kRow})}, ConstantOfShapeAttrs{floats({1})}, 1, 0});
  cases.push_back({Op::kDepthToSpace, {picture}, DepthSpaceAttrs{2}});
  cases.push_back({Op::kSpaceToDepth, {picture}, DepthSpaceAttrs{2}});
  cases.push_back({Op::kExpand, {floats({1, kRow}), make_ints({4, kRow})}});
  cases.push_back({Op::kFlatten, {picture}, AxisAttrs{1}});
  cases.push_back({Op::kReshape, {picture, make_ints({-1})}, ReshapeAttrs{}});
  cases.push_back({Op::kSqueeze, {picture}});
  cases.push_back({Op::kUnsqueeze, {x, make_ints({0})}});
  cases.push_back({Op::kShape, {x}, ShapeAttrs{}});
  cases.push_back({Op::kTranspose, {x}, TransposeAttrs{}});
  cases.push_back({Op::kTile, {floats({kRow}), make_ints({4})}});
  cases.push_back({Op::kSplit, {x}, SplitAttrs{1}, 2});
  cases.push_back({Op::kSlice, {x, make_ints({0}), make_ints({INT64_MAX}), make_ints({1}), make_ints({2})}});
  for (const PadMode mode : {PadMode::kConstant, PadMode::kReflect})
    cases.push_back({Op::kPad, {floats({kRow}), make_ints({100, kRow / 2})}, PadAttrs{mode}});
  const Tensor one = scalar(DType::kFloat32, 1);
  cases.push_back({Op::kRange, {one, scalar(DType::kFloat32, kRow), one}, {}, 1, 0});
  for (const DType dtype : {DType::kInt32, DType::kInt64}) {
    cases.push_back({Op::kGather, {x, zeros(dtype, {kRow})}, AxisAttrs{1}, 1, 2});
    cases.push_back({Op::kGatherElements, {x, zeros(dtype, {2, kRow})}, AxisAttrs{1}, 1, 2});
    cases.push_back({Op::kGatherND, {x, zeros(dtype, {kRow, 2})}, BatchDimsAttrs{}, 1, 2});
  }
  cases.push_back({Op::kScatterND, {x, zeros(DType::kInt64, {kRow, 2}), floats({kRow})}, ScatterNDAttrs{}, 1, 3});
}

void add_resizes(Cases& cases) {
  const auto resize = [&](ResizeMode mode, const Shape& from, std::vector<std::int64_t> to, bool antialias) {
    ResizeAttrs attrs;
    attrs.mode = mode;
    attrs.antialias = antialias;
    cases.push_back({Op::kResize, {floats(from), Tensor(), Tensor(), make_ints(to)}, attrs});
  };
  for (const ResizeMode mode : {ResizeMode::kNearest, ResizeMode::kLinear, ResizeMode::kCubic}) {
    resize(mode, {1, 1, 128, 256}, {1, 1, 64, 400}, false);
    resize(mode, {kRow}, {kRow * 2}, false);
    resize(mode, {kRow, 2}, {1000, 4}, true);
  }
}

void add_searches(Cases& cases) {
  const Tensor x = floats({2, kRow});
  for (const Op op : {Op::kReduceL1, Op::kReduceL2, Op::kReduceLogSum, Op::kReduceLogSumExp, Op::kReduceMax,
                      Op::kReduceMean, Op::kReduceMin, Op::kReduceProd, Op::kReduceSum, Op::kReduceSumSquare}) {
    cases.push_back({op, {x, make_ints({0})}, ReduceAttrs{}});
    cases.push_back({op, {floats({8, 64, 64}), make_ints({0, 2})}, ReduceAttrs{}});
    cases.push_back({op, {numbers(DType::kInt32, {kRow})}, ReduceAttrs{}});
  }
  for (const Op op : {Op::kArgMax, Op::kArgMin}) cases.push_back({op, {x}, ArgMaxAttrs{1}});
  cases.push_back({Op::kCumSum, {x, make_ints({1})}, CumSumAttrs{}});
  cases.push_back({Op::kEyeLike, {x}, EyeLikeAttrs{1}});
  cases.push_back({Op::kTrilu, {x, make_ints({1})}, TriluAttrs{}});
  cases.push_back({Op::kOneHot, {floats({kRow}), make_ints({8}), floats({2})}, AxisAttrs{}});
  cases.push_back({Op::kCompress, {x, numbers(DType::kBool, {kRow})}, CompressAttrs{1}, 1, 2});
  cases.push_back({Op::kCompress, {x, numbers(DType::kBool, {2 * kRow})}, CompressAttrs{}, 1, 2});
  cases.push_back({Op::kTopK, {x, make_ints({100})}, TopKAttrs{}, 2});
  cases.push_back({Op::kTopK, {floats({kRow}), make_ints({kRow})}, TopKAttrs{}, 2});
  cases.push_back({Op::kNonZero, {floats({2, kRow / 2})}});
  cases.push_back({Op::kNonZero, {numbers(DType::kBool, {2, 2, kRow / 4})}});
  // Boxes that do not meet: all are kept.
  constexpr std::int64_t kBoxes = 2000;
  Tensor boxes = Tensor::make(DType::kFloat32, {1, kBoxes, 4}).value();
  for (std::int64_t i = 0; i < kBoxes; ++i) {
    const auto at = static_cast<float>(2 * i);
    const float corners[] = {at, at, at + 1, at + 1};
    std::copy(corners, corners + 4, boxes.data<float>() + 4 * i);
  }
  for (const std::int64_t most : {std::int64_t{10}, INT64_MAX}) {
    cases.push_back({Op::kNonMaxSuppression,
                     {boxes, floats({1, 4, kBoxes}), make_ints({most}), scalar(DType::kFloat32, 0.5)},
                     NonMaxSuppressionAttrs{},
                     1,
                     2});
  }
}

}  // namespace

std::string OperatorCase::name() const {
  std::string text = op_def(op).name;
  for (const Tensor& input : inputs) text += fmt::format(" {} {}", dtype_name(input.dtype()), to_string(input.shape()));
  return text;
}

std::vector<OperatorCase> operator_cases() {
  Cases cases;
  add_elementwise(cases);
  add_functions(cases);
  add_layers(cases);
  add_layer_cases(cases);
  add_moves(cases);
  add_resizes(cases);
  add_searches(cases);
  return cases;
}

OperatorCase in_halves(OperatorCase test) {
  for (Tensor& input : test.inputs) {
    if (input.dtype() == DType::kFloat32 && input.elements() > 0)
      input = ops::converted(input, DType::kFloat16).value();
  }
  return test;
}

}  // namespace saker
