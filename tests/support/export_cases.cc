#include "support/export_cases.h"

namespace saker::onnx {
namespace {

void unary(GraphBuilder& b, Op op, Attributes attrs = {}) {
  b.output(b.add(op, {b.input({1, 2, 4, 6})}, std::move(attrs)));
}
void binary(GraphBuilder& b, Op op, Attributes attrs = {}) {
  b.output(b.add(op, {b.input({2, 3}), b.random({1, 3}, 1, 2)}, std::move(attrs)));
}
ValueId positive(GraphBuilder& b) {
  return b.add(Op::kAdd, {b.input({2, 3}), b.scalar(2)});
}
WindowAttrs window(Shape kernel, Shape strides, Shape pads, Shape dilations = {}) {
  return {std::move(kernel), std::move(strides), std::move(dilations), std::move(pads)};
}
ValueId byte_zero(GraphBuilder& b, std::uint8_t value) {
  Tensor zero = Tensor::make(DType::kUint8, {}).value();
  *zero.data<std::uint8_t>() = value;
  return b.constant(zero);
}
Tensor one_integer(std::int64_t value) {
  return make_ints({value});
}

std::vector<ExportCase> basic_cases() {
  return {
      {Op::kAdd, [](GraphBuilder& b) { binary(b, Op::kAdd); }},
      {Op::kArgMax,
       [](GraphBuilder& b) {
         unary(b, Op::kArgMax, ArgMaxAttrs{-1, false, true});
       }},
      {Op::kAveragePool,
       [](GraphBuilder& b) {
         unary(b, Op::kAveragePool, PoolAttrs{window({3, 2}, {2, 1}, {1, 0, 1, 1}), true, true, false});
       }},
      {Op::kBatchNormalization,
       [](GraphBuilder& b) {
         b.output(b.batch_norm(b.input({2, 3, 2, 2})));
       }},
      {Op::kCast, [](GraphBuilder& b) { unary(b, Op::kCast, CastAttrs{DType::kInt32}); }},
      {Op::kCeil, [](GraphBuilder& b) { unary(b, Op::kCeil); }},
      {Op::kClip,
       [](GraphBuilder& b) {
         const ValueId x = b.input({5});
         b.output(b.add(Op::kClip, {x, b.scalar(-0.5F), b.scalar(0.5F)}));
         b.output(b.add(Op::kClip, {x, kNoValue, b.scalar(0.25F)}));
       }},
      {Op::kConcat,
       [](GraphBuilder& b) {
         const ValueId x = b.input({2, 3});
         b.output(b.concat({x, x}, -1));
       }},
      {Op::kConstantOfShape,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kConstantOfShape, {b.ints({2, 3})}, ConstantOfShapeAttrs{one_integer(7)}));
       }},
      {Op::kConv,
       [](GraphBuilder& b) {
         ConvAttrs attrs;
         attrs.window = window({}, {2, 1}, {0, 1, 2, 3}, {1, 2});
         attrs.group = 2;
         b.output(b.add(Op::kConv, {b.input({1, 4, 9, 9}), b.random({6, 2, 3, 2}), b.random({6})}, attrs));
         attrs.window = {};
         attrs.window.auto_pad = AutoPad::kSameLower;
         b.output(b.add(Op::kConv, {b.input({1, 4, 9, 9}), b.random({6, 2, 2, 2})}, attrs));
       }},
      {Op::kConvTranspose,
       [](GraphBuilder& b) {
         ConvTransposeAttrs attrs;
         attrs.window = window({}, {2, 2}, {1, 0, 0, 1});
         attrs.output_padding = {1, 0};
         b.output(b.add(Op::kConvTranspose, {b.input({1, 2, 3, 3}), b.random({2, 3, 2, 2})}, attrs));
       }},
      {Op::kDepthToSpace,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kDepthToSpace, {b.input({1, 8, 2, 3})}, DepthSpaceAttrs{2, DepthOrder::kCrd}));
       }},
      {Op::kDequantizeLinear,
       [](GraphBuilder& b) {
         const ValueId q = b.add(Op::kQuantizeLinear, {b.input({1, 2, 3}), b.scalar(0.1F)}, AxisAttrs{1});
         b.output(b.add(Op::kDequantizeLinear, {q, b.floats({2}, {0.5F, 2})}, AxisAttrs{-2}));
       }},
      {Op::kDiv, [](GraphBuilder& b) { binary(b, Op::kDiv); }},
      {Op::kDynamicQuantizeLinear,
       [](GraphBuilder& b) {
         for (const ValueId id : b.add(Op::kDynamicQuantizeLinear, {b.input({7})}, {}, 3)) b.output(id);
       }},
      {Op::kEqual, [](GraphBuilder& b) { binary(b, Op::kEqual); }},
      {Op::kErf, [](GraphBuilder& b) { unary(b, Op::kErf); }},
      {Op::kExp, [](GraphBuilder& b) { unary(b, Op::kExp); }},
      {Op::kExpand,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kExpand, {b.input({2, 1}), b.ints({2, 5})}));
       }},
      {Op::kFlatten, [](GraphBuilder& b) { unary(b, Op::kFlatten, AxisAttrs{2}); }},
      {Op::kFloor, [](GraphBuilder& b) { unary(b, Op::kFloor); }},
      {Op::kGather,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kGather, {b.input({3, 4}), b.ints({2, 0})}, AxisAttrs{1}));
       }},
      {Op::kGatherElements,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kGatherElements, {b.input({3}), b.ints({2, 0})}, AxisAttrs{0}));
       }},
      {Op::kGatherND,
       [](GraphBuilder& b) {
         const ValueId rows = b.reshape(b.ints({1, 0}), {2, 1});
         b.output(b.add(Op::kGatherND, {b.input({2, 3}), rows}, BatchDimsAttrs{1}));
       }},
      {Op::kGemm,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kGemm, {b.input({3, 2}), b.random({4, 3}), b.random({4})}, GemmAttrs{0.5F, 2, true, true}));
       }},
      {Op::kGlobalAveragePool, [](GraphBuilder& b) { unary(b, Op::kGlobalAveragePool); }},
      {Op::kGreater, [](GraphBuilder& b) { binary(b, Op::kGreater); }},
      {Op::kHardSigmoid,
       [](GraphBuilder& b) {
         unary(b, Op::kHardSigmoid, HardSigmoidAttrs{0.3F, 0.4F});
       }},
      {Op::kHardSwish, [](GraphBuilder& b) { unary(b, Op::kHardSwish); }},
      {Op::kIdentity, [](GraphBuilder& b) { unary(b, Op::kIdentity); }},
      {Op::kLeakyRelu, [](GraphBuilder& b) { unary(b, Op::kLeakyRelu, LeakyReluAttrs{0.3F}); }},
      {Op::kMatMul,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kMatMul, {b.input({2, 3}), b.random({3, 4})}));
       }},
      {Op::kMax, [](GraphBuilder& b) { binary(b, Op::kMax); }},
      {Op::kMaxPool,
       [](GraphBuilder& b) {
         const PoolAttrs attrs{window({2, 3}, {1, 2}, {0, 1, 1, 1}, {1, 2}), true, false, true};
         for (const ValueId id : b.add(Op::kMaxPool, {b.input({1, 2, 5, 8})}, attrs, 2)) b.output(id);
       }},
      {Op::kMin, [](GraphBuilder& b) { binary(b, Op::kMin); }},
      {Op::kMod, [](GraphBuilder& b) { binary(b, Op::kMod, ModAttrs{true}); }},
      {Op::kMul, [](GraphBuilder& b) { binary(b, Op::kMul); }},
      {Op::kNonMaxSuppression,
       [](GraphBuilder& b) {
         const ValueId boxes = b.floats({1, 2, 4}, {0, 0, 2, 2, 5, 5, 2, 2});
         b.output(b.add(Op::kNonMaxSuppression, {boxes, b.input({1, 1, 2}), b.ints({5}), b.floats({1}, {0.5F})},
                        NonMaxSuppressionAttrs{true}));
       }},
      {Op::kNonZero,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kNonZero, {b.input({2, 3})}));
       }},
      {Op::kPad,
       [](GraphBuilder& b) {
         const ValueId x = b.input({2, 3});
         b.output(b.add(Op::kPad, {x, b.ints({0, 1, 1, 0}), b.scalar(7)}, PadAttrs{PadMode::kConstant}));
         b.output(b.add(Op::kPad, {x, b.ints({0, 1, 1, 0})}, PadAttrs{PadMode::kReflect}));
       }},
      {Op::kPow,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kPow, {positive(b), b.scalar(1.5F)}));
       }},
      {Op::kPRelu, [](GraphBuilder& b) { binary(b, Op::kPRelu); }},
      {Op::kQuantizeLinear,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kQuantizeLinear, {b.input({2, 3}), b.scalar(0.1F), byte_zero(b, 128)}, AxisAttrs{1}));
       }},
      {Op::kRange,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kRange, {b.scalar(1), b.scalar(4), b.scalar(0.5F)}));
       }},
      {Op::kReduceMax,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kReduceMax, {b.input({2, 3}), b.ints({1})}, ReduceAttrs{false, false}));
       }},
      {Op::kReduceMean,
       [](GraphBuilder& b) {
         unary(b, Op::kReduceMean, ReduceAttrs{true, false});
       }},
      {Op::kReduceSum,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kReduceSum, {b.input({2, 3}), b.ints({-1})}, ReduceAttrs{true, true}));
       }},
      {Op::kRelu, [](GraphBuilder& b) { unary(b, Op::kRelu); }},
      {Op::kReshape,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kReshape, {b.input({2, 3}), b.ints({3, -1})}, ReshapeAttrs{true}));
       }},
      {Op::kResize,
       [](GraphBuilder& b) {
         const ValueId x = b.input({1, 2, 3, 4});
         b.output(b.upsample(x)).output(b.upsample(x, true));
         ResizeAttrs cubic;
         cubic.mode = ResizeMode::kCubic;
         cubic.coordinates = ResizeCoordinates::kAlignCorners;
         cubic.cubic_coeff_a = -0.5F;
         cubic.exclude_outside = true;
         b.output(b.add(Op::kResize, {x, kNoValue, kNoValue, b.ints({1, 2, 5, 7})}, cubic));
       }},
      {Op::kScatterND,
       [](GraphBuilder& b) {
         const ValueId rows = b.reshape(b.ints({1, 0}), {2, 1});
         b.output(b.add(Op::kScatterND, {b.input({3}), rows, b.floats({2}, {5, 6})},
                        ScatterNDAttrs{ScatterReduction::kMul}));
       }},
      {Op::kShape,
       [](GraphBuilder& b) {
         unary(b, Op::kShape, ShapeAttrs{1, -1});
       }},
      {Op::kSigmoid, [](GraphBuilder& b) { unary(b, Op::kSigmoid); }},
      {Op::kSlice,
       [](GraphBuilder& b) {
         b.output(b.slice(b.input({3, 4}), 1, -1, INT64_MIN, -2));
       }},
      {Op::kSoftmax,
       [](GraphBuilder& b) {
         unary(b, Op::kSoftmax, SoftmaxAttrs{1, false});
       }},
      {Op::kSpaceToDepth,
       [](GraphBuilder& b) {
         unary(b, Op::kSpaceToDepth, DepthSpaceAttrs{2, DepthOrder::kDcr});
       }},
      {Op::kSplit,
       [](GraphBuilder& b) {
         const ValueId x = b.input({2, 6});
         for (const ValueId id : b.split(x, {1, 5})) b.output(id);
         for (const ValueId id : b.add(Op::kSplit, {x}, SplitAttrs{-1}, 3)) b.output(id);
       }},
      {Op::kSqrt, [](GraphBuilder& b) { b.output(b.add(Op::kSqrt, {positive(b)})); }},
      {Op::kSqueeze,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kSqueeze, {b.input({1, 3, 1}), b.ints({2})}));
       }},
      {Op::kSub, [](GraphBuilder& b) { binary(b, Op::kSub); }},
      {Op::kTanh, [](GraphBuilder& b) { unary(b, Op::kTanh); }},
      {Op::kTile,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kTile, {b.input({2, 3}), b.ints({2, 1})}));
       }},
      {Op::kTopK,
       [](GraphBuilder& b) {
         for (const ValueId id : b.add(Op::kTopK, {b.input({2, 5}), b.ints({2})}, TopKAttrs{1, false, true}, 2))
           b.output(id);
       }},
      {Op::kTranspose,
       [](GraphBuilder& b) {
         unary(b, Op::kTranspose, TransposeAttrs{{0, 3, 1, 2}});
       }},
      {Op::kUnsqueeze,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kUnsqueeze, {b.input({3}), b.ints({0, 2})}));
       }},
      {Op::kWhere,
       [](GraphBuilder& b) {
         const ValueId x = b.input({2, 3});
         b.output(b.add(Op::kWhere, {b.add(Op::kGreater, {x, b.scalar(0)}), x, b.scalar(-1)}));
       }},
  };
}

// The same operator, with the same attributes, for each of several.
void add_elementwise(std::vector<ExportCase>& cases) {
  for (const Op op : {Op::kAbs, Op::kAcos, Op::kAcosh, Op::kAsin, Op::kAsinh, Op::kAtan, Op::kAtanh, Op::kCos,
                      Op::kCosh, Op::kGlobalMaxPool, Op::kIsNaN, Op::kLog, Op::kRound, Op::kSign, Op::kSin, Op::kSinh,
                      Op::kSoftplus, Op::kSoftsign, Op::kTan}) {
    cases.push_back({op, [op](GraphBuilder& b) { unary(b, op); }});
  }
  for (const Op op : {Op::kCelu, Op::kElu, Op::kThresholdedRelu})
    cases.push_back({op, [op](GraphBuilder& b) { unary(b, op, AlphaAttrs{0.3F}); }});
  for (const Op op : {Op::kHardmax, Op::kLogSoftmax})
    cases.push_back({op, [op](GraphBuilder& b) { unary(b, op, SoftmaxAttrs{1, false}); }});
  cases.push_back({Op::kIsInf, [](GraphBuilder& b) { unary(b, Op::kIsInf, IsInfAttrs{false, true}); }});
  cases.push_back({Op::kSelu, [](GraphBuilder& b) { unary(b, Op::kSelu, SeluAttrs{0.5F, 2}); }});
  cases.push_back({Op::kShrink, [](GraphBuilder& b) { unary(b, Op::kShrink, ShrinkAttrs{0.25F, 0.75F}); }});
  for (const Op op : {Op::kCastLike, Op::kGreaterOrEqual})
    cases.push_back({op, [op](GraphBuilder& b) { binary(b, op); }});
  for (const Op op : {Op::kAnd, Op::kOr, Op::kXor}) {
    cases.push_back({op, [op](GraphBuilder& b) {
                       const ValueId x = b.input({2, 3});
                       const ValueId low = b.add(Op::kGreater, {x, b.scalar(-0.5F)});
                       b.output(b.add(op, {low, b.add(Op::kGreater, {b.scalar(0.5F), x})}));
                     }});
  }
  cases.push_back({Op::kNot, [](GraphBuilder& b) {
                     b.output(b.add(Op::kNot, {b.add(Op::kGreater, {b.input({2, 3}), b.scalar(0)})}));
                   }});
  cases.push_back({Op::kBitShift, [](GraphBuilder& b) {
                     const ValueId x = b.add(Op::kCast, {b.input({2, 3})}, CastAttrs{DType::kUint8});
                     b.output(b.add(Op::kBitShift, {x, byte_zero(b, 2)}, BitShiftAttrs{false}));
                   }});
}

void add_by_position(std::vector<ExportCase>& cases) {
  for (const Op op : {Op::kReduceL1, Op::kReduceL2, Op::kReduceLogSumExp, Op::kReduceMin, Op::kReduceProd,
                      Op::kReduceSumSquare, Op::kReduceLogSum}) {
    cases.push_back({op, [op](GraphBuilder& b) {
                       b.output(b.add(op, {b.input({2, 3}), b.ints({1})}, ReduceAttrs{false, false}));
                     }});
  }
  cases.push_back({Op::kArgMin, [](GraphBuilder& b) { unary(b, Op::kArgMin, ArgMaxAttrs{-1, false, true}); }});
  cases.push_back({Op::kEyeLike, [](GraphBuilder& b) {
                     b.output(b.add(Op::kEyeLike, {b.input({2, 3})}, EyeLikeAttrs{1}));
                   }});
  cases.push_back({Op::kCumSum, [](GraphBuilder& b) {
                     b.output(b.add(Op::kCumSum, {b.input({2, 3}), b.ints({1})}, CumSumAttrs{true, true}));
                   }});
  cases.push_back({Op::kTrilu, [](GraphBuilder& b) {
                     b.output(b.add(Op::kTrilu, {b.input({2, 3}), b.ints({1})}, TriluAttrs{false}));
                   }});
  cases.push_back({Op::kOneHot, [](GraphBuilder& b) {
                     const ValueId values = b.floats({2}, {-1, 7});
                     b.output(b.add(Op::kOneHot, {b.input({3}), b.ints({4}), values}, AxisAttrs{0}));
                   }});
  cases.push_back({Op::kCompress, [](GraphBuilder& b) {
                     const ValueId x = b.input({2, 3});
                     const ValueId row = b.reshape(b.slice(x, 0, 0, 1), {3});
                     const ValueId holds = b.add(Op::kGreater, {row, b.scalar(0)});
                     b.output(b.add(Op::kCompress, {x, holds}, CompressAttrs{1}));
                     b.output(b.add(Op::kCompress, {x, holds}, CompressAttrs{}));
                   }});
}

}  // namespace

const std::vector<ExportCase>& export_cases() {
  static const std::vector<ExportCase> list = [] {
    std::vector<ExportCase> cases = basic_cases();
    add_elementwise(cases);
    add_by_position(cases);
    add_layer_export_cases(cases);
    return cases;
  }();
  return list;
}

}  // namespace saker::onnx
