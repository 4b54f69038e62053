// Single layer types against numbers worked out by hand.
#include "support/ir_testing.h"

namespace saker::openvino_ir {
namespace {

using Floats = std::vector<float>;
using Ints = std::vector<std::int64_t>;

// One layer of the input `x` and of what `more` adds.
struct Case {
  std::string type;
  Shape shape;
  std::string attributes{};
  std::string opset = "opset1";
};

template <typename... Constants>
IrWriter one(const Case& c, const Shape& out, const Constants&... constants) {
  IrWriter ir;
  std::vector<Ref> inputs = {ir.parameter(c.shape)};
  (inputs.push_back(ir.constant(Shape(constants.first), constants.second)), ...);
  ir.result(ir.layer(c.type, inputs, {out}, c.attributes, "FP32", c.opset));
  return ir;
}

template <typename T>
std::pair<Shape, std::vector<T>> list(std::vector<T> values) {
  return {{static_cast<std::int64_t>(values.size())}, std::move(values)};
}
template <typename T>
std::pair<Shape, std::vector<T>> scalar(T value) {
  return {{}, {value}};
}

void expect_near(const Floats& got, const Floats& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-5F) << i;
}

TEST(IrLayers, Activations) {
  const Shape s = {3};
  const Floats x = {-1, 0.5F, 4};
  expect_near(run(one({"Swish", s}, s), {x}), {-0.268941F, 0.311230F, 3.928055F});
  expect_near(run(one({"Swish", s}, s, scalar(2.0F)), {x}), {-0.119203F, 0.365529F, 3.998659F});
  expect_near(run(one({"HSwish", s}, s), {x}), {-1.0F / 3, 0.291667F, 4});
  expect_near(run(one({"HSigmoid", s}, s), {x}), {1.0F / 3, 0.583333F, 1});
  expect_near(run(one({"HardSigmoid", s}, s, scalar(0.25F), scalar(0.5F)), {x}), {0.25F, 0.625F, 1});
  expect_near(run(one({"Clamp", s, "min=\"-0.5\" max=\"1e0\""}, s), {x}), {-0.5F, 0.5F, 1});
  expect_near(run(one({"SoftMax", {1, 3}}, {1, 3}), {{0, 0, 0}}), {1.0F / 3, 1.0F / 3, 1.0F / 3});
  expect_near(run(one({"PReLU", s}, s, list<float>({0.1F})), {x}), {-0.1F, 0.5F, 4});
  EXPECT_NE(find(must_import(one({"PReLU", s}, s, list<float>({0.1F}))), Op::kLeakyRelu), nullptr);
}

TEST(IrLayers, PReluOfChannels) {
  const Shape s = {1, 2, 1, 2};
  expect_near(run(one({"PReLU", s}, s, list<float>({0.1F, 0.5F})), {{-1, 1, -2, -4}}), {-0.1F, 1, -1, -2});
}

TEST(IrLayers, Arithmetic) {
  const Shape s = {3};
  const Floats x = {-7, 7, 5};
  const auto c = list<float>({2, -2, 3});
  expect_near(run(one({"Add", s}, s, c), {x}), {-5, 5, 8});
  expect_near(run(one({"Subtract", s}, s, c), {x}), {-9, 9, 2});
  expect_near(run(one({"Multiply", s}, s, c), {x}), {-14, -14, 15});
  expect_near(run(one({"Divide", s}, s, c), {x}), {-3.5F, -3.5F, 5.0F / 3});
  expect_near(run(one({"FloorMod", s}, s, c), {x}), {1, -1, 2});
  expect_near(run(one({"Mod", s}, s, c), {x}), {-1, 1, 2});
  expect_near(run(one({"Power", s}, s, scalar(2.0F)), {x}), {49, 49, 25});
  expect_near(run(one({"Maximum", s}, s, c), {x}), {2, 7, 5});
  expect_near(run(one({"Minimum", s}, s, c), {x}), {-7, -2, 3});
  expect_near(run(one({"SquaredDifference", s}, s, c), {x}), {81, 81, 4});
  expect_near(run(one({"Less", s}, s, c), {x}), {1, 0, 0});
  EXPECT_TRUE(mentions(error_of(one({"Add", s, "auto_broadcast=\"pdpd\""}, s, c)), "auto_broadcast 'pdpd'"));
}

TEST(IrLayers, IntegersRoundDown) {
  for (const auto& [type, attributes, wanted] :
       {std::tuple("Divide", "", Floats{-4, -4, 1}), std::tuple("Divide", "m_pythondiv=\"false\"", Floats{-3, -3, 1}),
        std::tuple("FloorMod", "", Floats{1, -1, 2})}) {
    IrWriter ir;
    const Ref x = ir.parameter({3}, "i64", "I64");
    ir.result(ir.layer(type, {x, ir.constant<std::int64_t>({3}, {2, -2, 3})}, {{3}}, attributes, "I64"));
    EXPECT_EQ(run(ir, {{-7, 7, 5}}), wanted) << type << attributes;
  }
}

TEST(IrLayers, RoundingLeavesIntegersAsTheyAre) {
  for (const char* type : {"Floor", "Ceiling"}) {
    IrWriter ir;
    const Ref x = ir.parameter({3}, "i64", "I64");
    ir.result(ir.layer(type, {x}, {{3}}, "", "I64"));
    EXPECT_EQ(run(ir, {{-7, 7, 5}}), (Floats{-7, 7, 5})) << type;
  }
  expect_near(run(one({"Floor", {2}}, {2}), {{-0.5F, 2.5F}}), {-1, 2});
}

TEST(IrLayers, IndicesMayBeUnsigned) {
  IrWriter ir;
  const Ref x = ir.parameter({3}), zero = ir.constant<std::int64_t>({}, {0});
  const Ref signed_ones = ir.constant<std::int64_t>({2}, {2, 0});
  const Ref indices = ir.layer("Convert", {signed_ones}, {{2}}, "destination_type=\"u32\"", "U32");
  ir.result(ir.layer("Gather", {x, indices, zero}, {{2}}, "batch_dims=\"0\"", "FP32", "opset8"));
  EXPECT_EQ(run(ir, {{5, 6, 7}}), (Floats{7, 5}));
}

TEST(IrLayers, MatMul) {
  const auto b = std::pair(Shape{2, 3}, Floats{1, 2, 3, 4, 5, 6});
  expect_near(run(one({"MatMul", {1, 2}}, {1, 3}, b), {{1, 10}}), {41, 52, 63});
  expect_near(run(one({"MatMul", {1, 3}, "transpose_b=\"true\""}, {1, 2}, b), {{1, 10, 100}}), {321, 654});
  expect_near(run(one({"MatMul", {2, 1}, "transpose_a=\"true\""}, {1, 3}, b), {{1, 10}}), {41, 52, 63});
}

constexpr const char* kWindow = "strides=\"1,1\" dilations=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\"";

TEST(IrLayers, ConvolutionTakesItsBias) {
  for (const Shape& bias : {Shape{1, 2, 1, 1}, Shape{2, 1, 1}, Shape{1, 2}}) {
    IrWriter ir;
    const Ref x = ir.parameter({1, 1, 2, 2});
    const Ref conv = ir.layer("Convolution", {x, ir.constant<float>({2, 1, 1, 1}, {1, 10})}, {{1, 2, 2, 2}}, kWindow);
    ir.result(ir.layer("Add", {conv, ir.constant<float>(bias, {100, 200})}, {{1, 2, 2, 2}}));
    const Graph graph = must_import(ir);
    if (bias.size() == 2) {  // along the last axis
      EXPECT_EQ(graph.nodes.size(), 2U);
      continue;
    }
    ASSERT_EQ(graph.nodes.size(), 1U);
    EXPECT_EQ(graph.nodes[0].inputs.size(), 3U);
    EXPECT_EQ(graph.value(graph.outputs[0]).name, "Add_4");
    EXPECT_EQ(run(graph, {{1, 2, 3, 4}}), (Floats{101, 102, 103, 104, 210, 220, 230, 240}));
  }
}

// As converters leave it: the bias is reshaped to what a computation on shapes says.
TEST(IrLayers, BiasBehindShapeArithmetic) {
  IrWriter ir;
  const Ref x = ir.parameter({1, 1, 1, 1});
  const Ref conv = ir.layer("Convolution", {x, ir.constant<float>({2, 1, 1, 1}, {1, 10})}, {{1, 2, 1, 1}}, kWindow);
  const Ref shape = ir.layer("ShapeOf", {conv}, {{4}}, "output_type=\"i64\"", "I64", "opset3");
  const Ref bias =
      ir.layer("Reshape", {ir.constant<float>({2}, {100, 200}), shape}, {{1, 2, 1, 1}}, "special_zero=\"false\"");
  ir.result(ir.layer("Add", {bias, conv}, {{1, 2, 1, 1}}));
  const Graph graph = must_import(ir);
  EXPECT_EQ(graph.nodes.size(), 1U);
  EXPECT_EQ(run(graph, {{3}}), (Floats{103, 230}));
}

TEST(IrLayers, ConvolutionThatOthersReadKeepsItsResult) {
  IrWriter ir;
  const Ref x = ir.parameter({1, 1, 1, 1});
  const Ref conv = ir.layer("Convolution", {x, ir.constant<float>({1, 1, 1, 1}, {3})}, {{1, 1, 1, 1}}, kWindow);
  const Ref sum = ir.layer("Add", {conv, ir.constant<float>({1, 1, 1, 1}, {1})}, {{1, 1, 1, 1}});
  ir.result(ir.layer("Multiply", {sum, conv}, {{1, 1, 1, 1}}));
  EXPECT_EQ(run(ir, {{2}}), (Floats{42}));
}

TEST(IrLayers, GroupsAndBackprop) {
  const auto w = std::pair(Shape{2, 1, 1, 1, 1}, Floats{10, 100});
  expect_near(run(one({"GroupConvolution", {1, 2, 1, 1}, kWindow}, {1, 2, 1, 1}, w), {{1, 2}}), {10, 200});
  expect_near(run(one({"GroupConvolutionBackpropData", {1, 2, 1, 1}, kWindow}, {1, 2, 1, 1}, w), {{1, 2}}), {10, 200});
  const std::string twice = "strides=\"2,2\" pads_begin=\"0,0\" pads_end=\"0,0\" output_padding=\"0,0\"";
  expect_near(run(one({"ConvolutionBackpropData", {1, 1, 1, 1}, twice}, {1, 1, 2, 2},
                      std::pair(Shape{1, 1, 2, 2}, Floats{1, 2, 3, 4})),
                  {{2}}),
              {2, 4, 6, 8});
  EXPECT_NE(error_of(one({"GroupConvolution", {1, 2, 1, 1}, kWindow}, {1, 2, 1, 1}, list<float>({1}))), "");
}

TEST(IrLayers, Pools) {
  const std::string window =
      "kernel=\"2,2\" strides=\"2,2\" pads_begin=\"1,1\" pads_end=\"1,1\" rounding_type=\"floor\"";
  const Shape in = {1, 1, 2, 2}, out = {1, 1, 2, 2};
  EXPECT_EQ(run(one({"MaxPool", in, window}, out), {{1, 2, 3, 4}}), (Floats{1, 2, 3, 4}));
  EXPECT_EQ(run(one({"AvgPool", in, window + " exclude-pad=\"true\""}, out), {{4, 8, 12, 16}}), (Floats{4, 8, 12, 16}));
  EXPECT_EQ(run(one({"AvgPool", in, window + " exclude-pad=\"false\""}, out), {{4, 8, 12, 16}}), (Floats{1, 2, 3, 4}));
  IrWriter ir;  // opset8 has indices, which nobody may read
  const Ref pool = ir.layer("MaxPool", {ir.parameter(in)}, {out, out}, window + " axis=\"0\"", "FP32", "opset8");
  ir.result(pool);
  EXPECT_EQ(must_import(ir).nodes[0].outputs.size(), 1U);
  ir.result({pool.layer, 1});
  EXPECT_TRUE(mentions(error_of(ir), "its output 1 is read"));
  EXPECT_TRUE(mentions(error_of(one({"MaxPool", in, "strides=\"1,1\""}, out)), "kernel is missing"));
  EXPECT_TRUE(
      mentions(error_of(one({"MaxPool", in, "kernel=\"2,x\""}, out)), "attribute 'kernel': 'x' is not an integer"));
}

TEST(IrLayers, BatchNorm) {
  IrWriter ir;
  const Ref x = ir.parameter({1, 1, 1, 1});
  const auto c = [&](float value) { return ir.constant<float>({1}, {value}); };
  ir.result(
      ir.layer("BatchNormInference", {x, c(2), c(1), c(3), c(4)}, {{1, 1, 1, 1}}, "epsilon=\"0\"", "FP32", "opset5"));
  expect_near(run(ir, {{5}}), {3});
}

TEST(IrLayers, Interpolate) {
  const std::string nearest =
      "mode=\"nearest\" coordinate_transformation_mode=\"asymmetric\" nearest_mode=\"floor\" shape_calculation_mode=";
  const Shape in = {1, 1, 1, 2}, out = {1, 1, 2, 4};
  const Floats x = {1, 2}, wanted = {1, 1, 2, 2, 1, 1, 2, 2};
  EXPECT_EQ(run(one({"Interpolate", in, nearest + "\"sizes\"", "opset11"}, out, list<std::int64_t>({1, 1, 2, 4})), {x}),
            wanted);
  EXPECT_EQ(run(one({"Interpolate", in, nearest + "\"scales\"", "opset11"}, out, list<float>({2, 2}),
                    list<std::int64_t>({2, 3})),
                {x}),
            wanted);
  EXPECT_EQ(run(one({"Interpolate", in, nearest + "\"scales\"", "opset4"}, out, list<std::int64_t>({2, 4}),
                    list<float>({2, 2}), list<std::int64_t>({2, 3})),
                {x}),
            wanted);
  EXPECT_EQ(run(one({"Interpolate", in, nearest + "\"sizes\"", "opset4"}, out, list<std::int64_t>({2, 4}),
                    list<float>({9, 9}), list<std::int64_t>({2, 3})),
                {x}),
            wanted);
  EXPECT_EQ(run(one({"Interpolate", in, "mode=\"nearest\" axes=\"2,3\" align_corners=\"false\"", "opset1"}, out,
                    list<std::int64_t>({2, 4})),
                {x}),
            wanted);
  expect_near(
      run(one({"Interpolate", in,
               "mode=\"linear_onnx\" coordinate_transformation_mode=\"half_pixel\" shape_calculation_mode=\"sizes\"",
               "opset11"},
              {1, 1, 1, 4}, list<std::int64_t>({1, 1, 1, 4})),
          {x}),
      {1, 1.25F, 1.75F, 2});
  EXPECT_TRUE(mentions(error_of(one({"Interpolate", in, nearest + "\"sizes\" pads_begin=\"0,1\"", "opset11"}, out,
                                    list<std::int64_t>({1, 1, 2, 4}))),
                       "pads_begin that are not 0"));
  EXPECT_TRUE(mentions(
      error_of(one({"Interpolate", in, "mode=\"bicubic_pillow\"", "opset11"}, out, list<std::int64_t>({1, 1, 2, 4}))),
      "mode 'bicubic_pillow'"));
}

TEST(IrLayers, Slice) {
  const Shape in = {2, 4};
  const Floats x = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(run(one({"Slice", in, "", "opset8"}, {2, 2}, list<std::int64_t>({3}), list<std::int64_t>({-5}),
                    list<std::int64_t>({-2}), list<std::int64_t>({1})),
                {x}),
            (Floats{3, 1, 7, 5}));
  EXPECT_EQ(run(one({"Slice", in, "", "opset8"}, {1, 2}, list<std::int64_t>({1, 1}), list<std::int64_t>({2, 3}),
                    list<std::int64_t>({1, 1})),
                {x}),
            (Floats{5, 6}));
}

struct Strided {
  Ints begin, end, steps;
  std::string masks;
  Floats wanted;
};

TEST(IrLayers, StridedSlice) {
  const Shape in = {2, 4};
  const Floats x = {0, 1, 2, 3, 4, 5, 6, 7};
  const Strided cases[] = {
      {{0, 1}, {2, 3}, {1, 1}, "begin_mask=\"0,0\" end_mask=\"0,0\"", {1, 2, 5, 6}},
      {{1, 1}, {1, 3}, {1, 1}, "begin_mask=\"1,0\" end_mask=\"1,0\"", {1, 2, 5, 6}},
      {{1, 3}, {9, 0}, {1, -2}, "begin_mask=\"\" end_mask=\"0,1\"", {7, 5}},
      {{0, 1}, {0, 0}, {1, 1}, "end_mask=\"1\" shrink_axis_mask=\"0,1\"", {1, 5}},
      {{0, -1}, {0, 0}, {1, 1}, "end_mask=\"1\" shrink_axis_mask=\"0,1\"", {3, 7}},
      {{0, 0, 1}, {0, 2, 3}, {1, 1, 1}, "new_axis_mask=\"1,0,0\"", {1, 2, 5, 6}},
      {{0, 2}, {0, 4}, {1, 1}, "ellipsis_mask=\"1,0\"", {2, 3, 6, 7}},
  };
  for (const Strided& c : cases) {
    const IrWriter ir = one({"StridedSlice", in, c.masks}, {2, 2}, list(c.begin), list(c.end), list(c.steps));
    EXPECT_EQ(run(ir, {x}), c.wanted) << c.masks;
  }
  const IrWriter more =
      one({"StridedSlice", in}, {2, 2}, list(Ints{0, 0, 0}), list(Ints{1, 1, 1}), list(Ints{1, 1, 1}));
  EXPECT_TRUE(mentions(error_of(more), "3 bounds for 2 axes"));
}

// Ultralytics' IR: an end that ScatterUpdate puts together.
TEST(IrLayers, StridedSliceWithComputedBounds) {
  IrWriter ir;
  const Ref x = ir.parameter({2, 4});
  const Ref shape = ir.layer("ShapeOf", {x}, {{2}}, "output_type=\"i64\"", "I64", "opset3");
  const Ref one_index = ir.constant<std::int64_t>({1}, {1}), axis = ir.constant<std::int32_t>({}, {0});
  const Ref width = ir.layer("Gather", {shape, one_index, axis}, {{1}}, "batch_dims=\"0\"", "I64", "opset8");
  const Ref half =
      ir.layer("Divide", {width, ir.constant<std::int64_t>({1}, {2})}, {{1}}, "m_pythondiv=\"true\"", "I64");
  const Ref zeros = ir.constant<std::int64_t>({2}, {0, 0});
  const Ref end = ir.layer("ScatterUpdate", {zeros, one_index, half, axis}, {{2}}, "", "I64", "opset3");
  ir.result(ir.layer("StridedSlice", {x, zeros, end, ir.constant<std::int64_t>({2}, {1, 1})}, {{2, 2}},
                     "begin_mask=\"1,0\" end_mask=\"1,0\""));
  EXPECT_EQ(run(ir, {{0, 1, 2, 3, 4, 5, 6, 7}}), (Floats{0, 1, 4, 5}));
}

TEST(IrLayers, Splits) {
  for (const Ints& lengths : {Ints{1, 3}, Ints{1, -1}, Ints{-1, 3}}) {
    IrWriter ir;
    const Ref x = ir.parameter({1, 4});
    const Ref split =
        ir.layer("VariadicSplit", {x, ir.constant<std::int64_t>({}, {-1}), ir.constant<std::int64_t>({2}, lengths)},
                 {{1, 1}, {1, 3}});
    ir.result({split.layer, 1});
    EXPECT_EQ(run(ir, {{1, 2, 3, 4}}), (Floats{2, 3, 4}));
  }
  for (const Ints& lengths : {Ints{-1, -1}, Ints{-2, 1}, Ints{9, -1}, Ints{1}}) {
    IrWriter ir;
    const Ref x = ir.parameter({1, 4});
    const auto n = static_cast<std::int64_t>(lengths.size());
    ir.result(ir.layer("VariadicSplit",
                       {x, ir.constant<std::int64_t>({}, {1}), ir.constant<std::int64_t>({n}, lengths)},
                       {{1, 1}, {1, 3}}));
    EXPECT_TRUE(mentions(error_of(ir), "length"));
  }
  IrWriter ir;
  const Ref split = ir.layer("Split", {ir.parameter({1, 4}), ir.constant<std::int64_t>({}, {1})}, {{1, 2}, {1, 2}},
                             "num_splits=\"2\"");
  ir.result({split.layer, 1});
  EXPECT_EQ(run(ir, {{1, 2, 3, 4}}), (Floats{3, 4}));
}

TEST(IrLayers, Movement) {
  const Shape in = {2, 3};
  const Floats x = {0, 1, 2, 3, 4, 5};
  EXPECT_EQ(run(one({"Transpose", in}, {3, 2}, list<std::int64_t>({1, 0})), {x}), (Floats{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(must_import(one({"Reshape", in, "special_zero=\"true\""}, {2, 3}, list<std::int32_t>({0, -1})))
                .nodes[0]
                .as<ReshapeAttrs>()
                .allow_zero,
            false);
  EXPECT_EQ(run(one({"Reshape", in, "special_zero=\"true\""}, {2, 3}, list<std::int32_t>({0, -1})), {x}), x);
  EXPECT_EQ(run(one({"Unsqueeze", in}, {1, 2, 3}, scalar<std::int64_t>(0)), {x}), x);
  EXPECT_EQ(run(one({"Squeeze", {1, 6}}, {6}, list<std::int64_t>({0})), {x}), x);
  EXPECT_EQ(run(one({"Squeeze", {1, 6}}, {6}), {x}), x);
  EXPECT_EQ(run(one({"Tile", {1, 2}}, {2, 2}, list<std::int64_t>({2, 1})), {{1, 2}}), (Floats{1, 2, 1, 2}));
  EXPECT_EQ(run(one({"Broadcast", {1, 2}, "mode=\"numpy\""}, {2, 2}, list<std::int64_t>({2, 2})), {{1, 2}}),
            (Floats{1, 2, 1, 2}));
  EXPECT_TRUE(mentions(
      error_of(one({"Broadcast", {1}, "mode=\"explicit\""}, {2}, list<std::int64_t>({2}), list<std::int64_t>({0}))),
      "mode 'explicit'"));
  EXPECT_EQ(run(one({"Concat", {1, 2}, "axis=\"1\""}, {1, 3}, std::pair(Shape{1, 1}, Floats{9})), {{1, 2}}),
            (Floats{1, 2, 9}));
  EXPECT_TRUE(mentions(error_of(one({"Concat", {1}}, {1})), "axis is missing"));
  EXPECT_EQ(run(one({"Pad", {2}, "pad_mode=\"constant\""}, {4}, list<std::int64_t>({1}), list<std::int64_t>({1}),
                    scalar(7.0F)),
                {{1, 2}}),
            (Floats{7, 1, 2, 7}));
  EXPECT_EQ(
      run(one({"DepthToSpace", {1, 4, 1, 1}, "mode=\"blocks_first\" block_size=\"2\""}, {1, 1, 2, 2}), {{1, 2, 3, 4}}),
      (Floats{1, 2, 3, 4}));
  EXPECT_EQ(
      run(one({"SpaceToDepth", {1, 1, 2, 2}, "mode=\"blocks_first\" block_size=\"2\""}, {1, 4, 1, 1}), {{1, 2, 3, 4}}),
      (Floats{1, 2, 3, 4}));
  EXPECT_EQ(run(one({"ShapeOf", in, "output_type=\"i32\""}, {2}), {x}), (Floats{2, 3}));
}

TEST(IrLayers, Selection) {
  const Floats x = {3, 1, 2, 9, 8, 7};
  const Shape in = {2, 3};
  EXPECT_EQ(run(one({"Gather", in, "", "opset8"}, {2, 1}, list<std::int32_t>({2}), scalar<std::int64_t>(1)), {x}),
            (Floats{2, 7}));
  EXPECT_TRUE(mentions(
      error_of(one({"Gather", in, "batch_dims=\"1\""}, {2, 1}, list<std::int32_t>({2}), scalar<std::int64_t>(1))),
      "batch_dims 1"));
  EXPECT_EQ(run(one({"GatherElements", in, "axis=\"1\""}, {2, 1}, std::pair(Shape{2, 1}, Ints{0, 2})), {x}),
            (Floats{3, 7}));
  EXPECT_EQ(run(one({"GatherND", in}, {1}, std::pair(Shape{1, 2}, Ints{1, 0})), {x}), (Floats{9}));
  EXPECT_EQ(run(one({"ReduceMean", in, "keep_dims=\"true\""}, {2, 1}, scalar<std::int64_t>(1)), {x}), (Floats{2, 8}));
  EXPECT_EQ(run(one({"ReduceMax", in}, {2}, list<std::int64_t>({1})), {x}), (Floats{3, 9}));
  EXPECT_EQ(run(one({"ReduceSum", in}, {3}, list<std::int64_t>({0})), {x}), (Floats{12, 9, 9}));
  EXPECT_EQ(run(one({"ScatterNDUpdate", {3}}, {3}, std::pair(Shape{1, 1}, Ints{1}), list<float>({5})), {{0, 0, 0}}),
            (Floats{0, 5, 0}));
  EXPECT_TRUE(mentions(error_of(one({"ScatterUpdate", in}, in, list<std::int64_t>({1}),
                                    std::pair(Shape{2, 1}, Floats{5, 6}), scalar<std::int64_t>(1))),
                       "along axis 1"));
}

TEST(IrLayers, TopK) {
  for (const int output : {0, 1}) {
    IrWriter ir;
    const Ref x = ir.parameter({1, 4});
    const Ref top = ir.layer("TopK", {x, ir.constant<std::int32_t>({}, {2})}, {{1, 2}, {1, 2}},
                             "axis=\"-1\" mode=\"max\" sort=\"value\" index_element_type=\"i32\"", "FP32", "opset11");
    ir.result({top.layer, output});
    EXPECT_EQ(run(ir, {{1, 9, 3, 7}}), output == 0 ? (Floats{9, 7}) : (Floats{1, 3}));
  }
}

TEST(IrLayers, Range) {
  IrWriter ir;
  const Ref x = ir.parameter({});
  const Ref one = ir.constant<float>({}, {1});
  ir.result(ir.layer("Range", {ir.constant<float>({}, {0}), x, one}, {{-1}}, "output_type=\"f32\"", "FP32", "opset4"));
  EXPECT_EQ(run(ir, {{3}}), (Floats{0, 1, 2}));
}

}  // namespace
}  // namespace saker::openvino_ir
