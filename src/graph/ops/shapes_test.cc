// Operators that move elements and change shapes.
#include "support/op_testing.h"

namespace saker::ops {
namespace {

TEST(Shapes, Reshape) {
  const Tensor x = counting({2, 3, 4});
  const auto shape_after = [&](std::vector<std::int64_t> to, bool allow_zero = false) {
    const Tensor shape = ints(std::move(to));
    return run_one({Op::kReshape, {&x, &shape}, ReshapeAttrs{allow_zero}}).shape();
  };
  EXPECT_EQ(shape_after({0, -1}), (Shape{2, 12}));
  EXPECT_EQ(shape_after({-1}), (Shape{24}));
  const auto error_after = [&](std::vector<std::int64_t> to, bool allow_zero = false) {
    const Tensor shape = ints(std::move(to));
    return error_of({Op::kReshape, {&x, &shape}, ReshapeAttrs{allow_zero}});
  };
  EXPECT_TRUE(mentions(error_after({5, -1}), "24 elements"));
  EXPECT_TRUE(mentions(error_after({-1, -1}), "more than one -1"));
  EXPECT_TRUE(mentions(error_after({-2, 3}), "negative"));
  EXPECT_TRUE(mentions(error_after({0, -1}, true), "extent of 0"));
  EXPECT_TRUE(mentions(error_after({1, 1, 1, 0}), "rank 3"));
  EXPECT_TRUE(mentions(error_after({INT64_MAX, INT64_MAX, 24}), "cannot be reshaped"));
  EXPECT_TRUE(mentions(error_after(std::vector<std::int64_t>(100, 1)), "rank 100"));
}

TEST(Shapes, ShapeFlattenSqueezeUnsqueeze) {
  const Tensor x = counting({1, 3, 1, 5});
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kShape, {&x}, ShapeAttrs{1, -1}})), (std::vector<std::int64_t>{3, 1}));
  EXPECT_EQ(run_one({Op::kShape, {&x}, ShapeAttrs{3, 1}}).shape(), (Shape{0}));
  EXPECT_EQ(run_one({Op::kFlatten, {&x}, AxisAttrs{-2}}).shape(), (Shape{3, 5}));
  EXPECT_EQ(run_one({Op::kFlatten, {&x}, AxisAttrs{4}}).shape(), (Shape{15, 1}));
  EXPECT_TRUE(mentions(error_of({Op::kFlatten, {&x}, AxisAttrs{5}}), "axis 5"));
  EXPECT_EQ(run_one({Op::kSqueeze, {&x}}).shape(), (Shape{3, 5}));
  const Tensor last = ints({-2});
  EXPECT_EQ(run_one({Op::kSqueeze, {&x, &last}}).shape(), (Shape{1, 3, 5}));
  const Tensor one = ints({1});
  EXPECT_TRUE(mentions(error_of({Op::kSqueeze, {&x, &one}}), "extent 3"));
  const Tensor ends = ints({0, -1});
  EXPECT_EQ(run_one({Op::kUnsqueeze, {&x, &ends}}).shape(), (Shape{1, 1, 3, 1, 5, 1}));
  const Tensor twice = ints({1, 1});
  EXPECT_TRUE(mentions(error_of({Op::kUnsqueeze, {&x, &twice}}), "twice"));
}

TEST(Shapes, ExpandTileConstant) {
  const Tensor x = floats({2, 1}, {1, 2});
  const Tensor to = ints({2, 1, 3});
  expect_floats(run_one({Op::kExpand, {&x, &to}}), {2, 2, 3}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2});
  const Tensor repeats = ints({1, 2});
  expect_floats(run_one({Op::kTile, {&x, &repeats}}), {2, 2}, {1, 1, 2, 2});
  const Tensor huge = ints({INT64_MAX, INT64_MAX});
  EXPECT_NE(error_of({Op::kTile, {&x, &huge}}), "");
  EXPECT_TRUE(mentions(error_of({Op::kExpand, {&x, &huge}}), "broadcast"));
  const Tensor fill = tensor<std::int32_t>({1}, {7});
  EXPECT_EQ(values<std::int32_t>(run_one({Op::kConstantOfShape, {&repeats}, ConstantOfShapeAttrs{fill}})),
            (std::vector<std::int32_t>{7, 7}));
  EXPECT_NE(error_of({Op::kConstantOfShape, {&huge}, ConstantOfShapeAttrs{fill}}), "");
  const Tensor negative = ints({-1});
  EXPECT_TRUE(mentions(error_of({Op::kConstantOfShape, {&negative}, ConstantOfShapeAttrs{fill}}), "negative"));
}

TEST(Shapes, Range) {
  const auto number = [](std::int64_t value) { return tensor<std::int64_t>({}, {value}); };
  const Tensor start = number(7);
  const Tensor limit = number(0);
  const Tensor step = number(-3);
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kRange, {&start, &limit, &step}})), (std::vector<std::int64_t>{7, 4, 1}));
  EXPECT_EQ(run_one({Op::kRange, {&limit, &start, &step}}).elements(), 0);
  EXPECT_TRUE(mentions(error_of({Op::kRange, {&start, &limit, &limit}}), "step is 0"));
  const Tensor least = number(INT64_MIN);
  const Tensor most = number(INT64_MAX);
  const Tensor one = number(1);
  EXPECT_NE(error_of({Op::kRange, {&least, &most, &one}}), "");
  const Tensor big = run_one({Op::kRange, {&most, &least, &least}});
  EXPECT_EQ(values<std::int64_t>(big), (std::vector<std::int64_t>{INT64_MAX, -1}));
  const Tensor a = floats({}, {1});
  const Tensor b = floats({}, {2});
  const Tensor c = floats({}, {0.4F});
  expect_floats(run_one({Op::kRange, {&a, &b, &c}}), {3}, {1, 1.4F, 1.8F});
}

TEST(Shapes, Slice) {
  const Tensor x = counting({3, 4});
  const auto slice = [&](std::int64_t start, std::int64_t end, std::int64_t axis, std::int64_t step) {
    const Tensor s = ints({start});
    const Tensor e = ints({end});
    const Tensor a = ints({axis});
    const Tensor p = ints({step});
    return run_one({Op::kSlice, {&x, &s, &e, &a, &p}});
  };
  expect_floats(slice(1, INT64_MAX, 0, 1), {2, 4}, {4, 5, 6, 7, 8, 9, 10, 11});
  expect_floats(slice(-1, INT64_MIN, 1, -2), {3, 2}, {3, 1, 7, 5, 11, 9});
  expect_floats(slice(0, 4, -1, INT64_MAX), {3, 1}, {0, 4, 8});
  expect_floats(slice(3, -100, 1, INT64_MIN), {3, 1}, {3, 7, 11});
  expect_floats(slice(2, 1, 1, 1), {3, 0}, {});
  const Tensor one = ints({1});
  const Tensor zero = ints({0});
  EXPECT_TRUE(mentions(error_of({Op::kSlice, {&x, &zero, &one, &zero, &zero}}), "step of axis 0 is 0"));
  const Tensor two = ints({2});
  EXPECT_TRUE(mentions(error_of({Op::kSlice, {&x, &zero, &one, &two}}), "axis 2 is out of range"));
  const Tensor pair = ints({0, 0});
  EXPECT_TRUE(mentions(error_of({Op::kSlice, {&x, &pair, &one}}), "2 starts, 1 ends"));
}

TEST(Shapes, SplitAndConcat) {
  const Tensor x = counting({2, 5});
  const auto parts = run({Op::kSplit, {&x}, SplitAttrs{1}, 3});
  ASSERT_TRUE(parts.ok());
  expect_floats((*parts)[0], {2, 2}, {0, 1, 5, 6});
  expect_floats((*parts)[2], {2, 1}, {4, 9});
  expect_floats(run_one({Op::kConcat, {&(*parts)[0], &(*parts)[1], &(*parts)[2]}, AxisAttrs{-1}}), {2, 5}, values(x));
  const Tensor sizes = ints({4, 2});
  EXPECT_TRUE(mentions(error_of({Op::kSplit, {&x, &sizes}, SplitAttrs{1}, 2}), "extent 5"));
  const Tensor negative = ints({6, -1});
  EXPECT_TRUE(mentions(error_of({Op::kSplit, {&x, &negative}, SplitAttrs{1}, 2}), "extent 5"));
  EXPECT_TRUE(mentions(error_of({Op::kSplit, {&x, &sizes}, SplitAttrs{1}, 3}), "2 sizes for 3 outputs"));
  const Tensor other = counting({3, 5});
  EXPECT_TRUE(mentions(error_of({Op::kConcat, {&x, &other}, AxisAttrs{1}}), "[3, 5]"));
}

TEST(Shapes, Pad) {
  const Tensor x = floats({3}, {1, 2, 3});
  const Tensor pads = ints({2, 3});
  const Tensor fill = floats({}, {9});
  const auto pad = [&](PadMode mode, const Tensor* by) { return Case{Op::kPad, {&x, by, &fill}, PadAttrs{mode}}; };
  expect_floats(run_one(pad(PadMode::kConstant, &pads)), {8}, {9, 9, 1, 2, 3, 9, 9, 9});
  expect_floats(run_one(pad(PadMode::kEdge, &pads)), {8}, {1, 1, 1, 2, 3, 3, 3, 3});
  expect_floats(run_one(pad(PadMode::kReflect, &pads)), {8}, {3, 2, 1, 2, 3, 2, 1, 2});
  expect_floats(run_one(pad(PadMode::kWrap, &pads)), {8}, {2, 3, 1, 2, 3, 1, 2, 3});
  const Tensor crop = ints({-1, 1});
  expect_floats(run_one(pad(PadMode::kConstant, &crop)), {3}, {2, 3, 9});
  const Tensor all = ints({-2, -2});
  EXPECT_TRUE(mentions(error_of(pad(PadMode::kConstant, &all)), "extent 3"));
  const Tensor least = ints({INT64_MIN, INT64_MIN});
  EXPECT_TRUE(mentions(error_of(pad(PadMode::kConstant, &least)), "extent 3"));
  const Tensor most = ints({INT64_MAX, INT64_MAX});
  EXPECT_NE(error_of(pad(PadMode::kWrap, &most)), "");
  const Tensor grid = counting({2, 2});
  const Tensor axis = ints({-1});
  expect_floats(run_one({Op::kPad, {&grid, &crop, nullptr, &axis}, PadAttrs{}}), {2, 2}, {1, 0, 3, 0});
}

TEST(Shapes, TransposeAndDepth) {
  const Tensor x = counting({2, 3});
  expect_floats(run_one({Op::kTranspose, {&x}, TransposeAttrs{}}), {3, 2}, {0, 3, 1, 4, 2, 5});
  EXPECT_TRUE(mentions(error_of({Op::kTranspose, {&x}, TransposeAttrs{{0, 0}}}), "twice"));
  EXPECT_TRUE(mentions(error_of({Op::kTranspose, {&x}, TransposeAttrs{{0, 2}}}), "axis 2"));
  const Tensor deep = counting({1, 8, 1, 1});
  expect_floats(run_one({Op::kDepthToSpace, {&deep}, DepthSpaceAttrs{2, DepthOrder::kDcr}}), {1, 2, 2, 2},
                {0, 2, 4, 6, 1, 3, 5, 7});
  const Tensor wide = run_one({Op::kDepthToSpace, {&deep}, DepthSpaceAttrs{2, DepthOrder::kCrd}});
  expect_floats(wide, {1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  expect_floats(run_one({Op::kSpaceToDepth, {&wide}, DepthSpaceAttrs{2}}), {1, 8, 1, 1}, {0, 4, 1, 5, 2, 6, 3, 7});
  EXPECT_TRUE(mentions(error_of({Op::kDepthToSpace, {&deep}, DepthSpaceAttrs{3}}), "8 channels"));
  EXPECT_TRUE(mentions(error_of({Op::kSpaceToDepth, {&deep}, DepthSpaceAttrs{0}}), "block size is 0"));
}

TEST(Gathers, Gather) {
  const Tensor x = counting({2, 3});
  const Tensor indices = tensor<std::int32_t>({2, 1}, {-1, 0});
  expect_floats(run_one({Op::kGather, {&x, &indices}, AxisAttrs{1}}), {2, 2, 1}, {2, 0, 5, 3});
  const Tensor far = ints({3});
  EXPECT_TRUE(mentions(error_of({Op::kGather, {&x, &far}, AxisAttrs{1}}), "index 3 is out of range"));
  const Tensor least = ints({INT64_MIN});
  EXPECT_TRUE(mentions(error_of({Op::kGather, {&x, &least}, AxisAttrs{0}}), "out of range"));
  EXPECT_TRUE(mentions(error_of({Op::kGather, {&x, &far}, AxisAttrs{2}}), "axis 2"));
}

TEST(Gathers, Elements) {
  const Tensor x = counting({2, 3});
  const Tensor indices = tensor<std::int64_t>({1, 3}, {1, 0, -1});
  expect_floats(run_one({Op::kGatherElements, {&x, &indices}, AxisAttrs{0}}), {1, 3}, {3, 1, 5});
  const Tensor tall = tensor<std::int64_t>({3, 1}, {0, 0, 0});
  EXPECT_TRUE(mentions(error_of({Op::kGatherElements, {&x, &tall}, AxisAttrs{1}}), "[3, 1]"));
}

TEST(Gathers, NdAndScatter) {
  const Tensor x = counting({2, 2, 2});
  const Tensor tuples = tensor<std::int64_t>({2, 2}, {0, 1, -1, 0});
  expect_floats(run_one({Op::kGatherND, {&x, &tuples}, BatchDimsAttrs{}}), {2, 2}, {2, 3, 4, 5});
  const Tensor batched = tensor<std::int64_t>({2, 1}, {1, 0});
  expect_floats(run_one({Op::kGatherND, {&x, &batched}, BatchDimsAttrs{1}}), {2, 2}, {2, 3, 4, 5});
  EXPECT_TRUE(mentions(error_of({Op::kGatherND, {&x, &batched}, BatchDimsAttrs{2}}), "batch_dims 2"));
  const Tensor wrong = tensor<std::int64_t>({1, 2}, {0, 2});
  EXPECT_TRUE(mentions(error_of({Op::kGatherND, {&x, &wrong}, BatchDimsAttrs{}}), "index 2"));

  const Tensor line = floats({3}, {1, 2, 3});
  const Tensor at = tensor<std::int64_t>({2, 1}, {2, 2});
  const Tensor updates = floats({2}, {10, 20});
  expect_floats(run_one({Op::kScatterND, {&line, &at, &updates}, ScatterNDAttrs{}}), {3}, {1, 2, 20});
  expect_floats(run_one({Op::kScatterND, {&line, &at, &updates}, ScatterNDAttrs{ScatterReduction::kAdd}}), {3},
                {1, 2, 33});
  const Tensor beyond = tensor<std::int64_t>({2, 1}, {0, 3});
  EXPECT_TRUE(mentions(error_of({Op::kScatterND, {&line, &beyond, &updates}, ScatterNDAttrs{}}), "index 3"));
  EXPECT_TRUE(mentions(error_of({Op::kScatterND, {&line, &at, &line}, ScatterNDAttrs{}}), "updates [3]"));
}

}  // namespace
}  // namespace saker::ops
