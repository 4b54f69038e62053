// Lists of integers that layers need to know, computed in the file from shapes that it declares.
#include "support/ir_testing.h"

namespace saker::openvino_ir {
namespace {

using Floats = std::vector<float>;

// The extent of axis 1, as converters of PyTorch's chunk(2) compute the lengths: ceil(extent / 2), and the rest.
Ref chunk_lengths(IrWriter& ir, Ref x, std::int64_t rank) {
  const Ref shape = ir.layer("ShapeOf", {x}, {{rank}}, "output_type=\"i32\"", "I32", "opset3");
  const Ref zero = ir.constant<std::int32_t>({}, {0}), one = ir.constant<std::int32_t>({}, {1});
  const Ref extent = ir.layer("Gather", {shape, one, zero}, {{}}, "batch_dims=\"0\"", "I32", "opset8");
  const Ref chunks = ir.constant<std::int32_t>({1}, {2});
  const Ref whole = ir.layer("Divide", {extent, chunks}, {{1}}, "m_pythondiv=\"true\"", "I32");
  const Ref rest = ir.layer("Mod", {extent, chunks}, {{1}}, "", "I32");
  const Ref more = ir.layer("Greater", {rest, ir.constant<std::int32_t>({1}, {0})}, {{1}}, "", "BOOL");
  const Ref added = ir.layer("Convert", {more}, {{1}}, "destination_type=\"i32\"", "I32");
  const Ref first = ir.layer("Add", {whole, added}, {{1}}, "", "I32");
  return ir.layer("Concat", {first, ir.constant<std::int32_t>({1}, {-1})}, {{2}}, "axis=\"0\"", "I32");
}

IrWriter chunk(const Shape& shape, const std::vector<Shape>& parts, int output) {
  IrWriter ir;
  const Ref x = ir.parameter(shape);
  const Ref lengths = chunk_lengths(ir, x, static_cast<std::int64_t>(shape.size()));
  const Ref split = ir.layer("VariadicSplit", {x, ir.constant<std::int64_t>({}, {1}), lengths}, parts);
  ir.result({split.layer, output});
  return ir;
}

TEST(IrStaticLengths, ChunksOfAStaticShape) {
  EXPECT_EQ(run(chunk({1, 5}, {{1, 3}, {1, 2}}, 0), {{1, 2, 3, 4, 5}}), (Floats{1, 2, 3}));
  EXPECT_EQ(run(chunk({1, 5}, {{1, 3}, {1, 2}}, 1), {{1, 2, 3, 4, 5}}), (Floats{4, 5}));
  // What is computed counts, not what is declared.
  EXPECT_EQ(run(chunk({1, 4}, {{1, 3}, {1, 1}}, 1), {{1, 2, 3, 4}}), (Floats{3, 4}));
}

// An open batch: the shape is not known, but what the outputs will be is declared.
TEST(IrStaticLengths, DeclaredOutputsOfAnOpenBatch) {
  const Graph graph = must_import(chunk({-1, 5}, {{-1, 3}, {-1, 2}}, 1));
  const Node* split = find(graph, Op::kSplit);
  ASSERT_NE(split, nullptr);
  const auto& lengths = graph.value(split->inputs[1]).constant;
  ASSERT_TRUE(lengths.has_value());
  EXPECT_EQ(lengths->data<std::int64_t>()[0], 3);
  EXPECT_EQ(lengths->data<std::int64_t>()[1], 2);
  EXPECT_TRUE(mentions(error_of(chunk({-1, -1}, {{-1, -1}, {-1, -1}}, 0)), "its list of lengths is not a constant"));
}

TEST(IrStaticLengths, SlicesAndPads) {
  IrWriter ir;
  const Ref x = ir.parameter({1, 5});
  const Ref shape = ir.layer("ShapeOf", {x}, {{2}}, "output_type=\"i64\"", "I64", "opset3");
  const Ref minus = ir.layer("Subtract", {shape, ir.constant<std::int64_t>({2}, {1, 2})}, {{2}}, "", "I64");
  const Ref after = ir.layer("Add", {minus, ir.constant<std::int64_t>({2}, {1, 1})}, {{2}}, "", "I64");
  // x[0, 3:4]
  const Ref slice =
      ir.layer("StridedSlice", {x, minus, after}, {{1}}, R"(begin_mask="0,0" end_mask="0,0" shrink_axis_mask="1,0")");
  const Ref three = ir.layer("Slice",
                             {shape, ir.constant<std::int64_t>({1}, {1}), ir.constant<std::int64_t>({1}, {2}),
                              ir.constant<std::int64_t>({1}, {1})},
                             {{1}}, "", "I64", "opset8");
  ir.result(ir.layer("Pad", {slice, ir.constant<std::int64_t>({1}, {1}), three, ir.constant<float>({}, {7})}, {{7}},
                     "pad_mode=\"constant\""));
  EXPECT_EQ(run(ir, {{1, 2, 3, 4, 5}}), (Floats{7, 4, 7, 7, 7, 7, 7}));
}

// As OpenVINO writes ONNX's Flatten; with and without the axis, known and not.
TEST(IrStaticLengths, ProductsOfExtents) {
  for (const bool keeps : {false, true}) {
    for (const std::int64_t batch : {1, -1}) {
      IrWriter ir;
      const Ref x = ir.parameter({batch, 2, 3});
      const Ref shape = ir.layer("ShapeOf", {x}, {{3}}, "output_type=\"i64\"", "I64", "opset3");
      const std::string attributes = keeps ? "keep_dims=\"true\"" : "keep_dims=\"false\"";
      const Shape to = keeps ? Shape{1} : Shape{};
      const Ref axis = ir.constant<std::int64_t>({}, {0});
      ir.result(ir.layer("ReduceProd", {shape, axis}, {to}, attributes, "I64"));
      const Graph graph = must_import(ir);
      if (batch < 0) {
        EXPECT_EQ(count(graph, Op::kMul), 2U);
        continue;
      }
      EXPECT_EQ(run(graph, {{1, 2, 3, 4, 5, 6}}), (Floats{6}));
    }
  }
  IrWriter ir;
  const Ref axis = ir.constant<std::int64_t>({}, {1});
  ir.result(ir.layer("ReduceProd", {ir.parameter({2, 3}), axis}, {{2}}));
  EXPECT_EQ(run(ir, {{1, 2, 3, 4, 5, 6}}), (Floats{6, 120}));
}

// Pads that the data decide stay what the graph computes.
TEST(IrStaticLengths, ComputedPads) {
  IrWriter ir;
  const Ref x = ir.parameter({2});
  const Ref ends = ir.parameter({1}, "i64", "I64");
  ir.result(ir.layer("Pad", {x, ir.constant<std::int64_t>({1}, {0}), ends}, {{-1}}, "pad_mode=\"constant\""));
  EXPECT_EQ(run(ir, {{1, 2}, {2}}), (Floats{1, 2, 0, 0}));
}

}  // namespace
}  // namespace saker::openvino_ir
