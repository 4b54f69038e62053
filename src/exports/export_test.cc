// Models to files: sizes bound or left open, opsets, float16.
#include "exports/export.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "graph/op_def.h"
#include "model/onnx/exporter.h"
#include "model/onnx/importer.h"
#include "model/openvino_ir/importer.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "support/ir_writer.h"
#include "support/qdq_graphs.h"
#include "support/temp_folder.h"

namespace saker {
namespace {

// A picture of open size through two branches and a normalization, flattened to cells.
Graph detector() {
  NetworkBuilder b;
  const ValueId x = b.named("images").open_input({{-1, "batch"}, {3, ""}, {-1, "height"}, {-1, "width"}});
  const ValueId w3 = b.constant(random_tensor({4, 3, 3, 3}, 1)), w1 = b.constant(random_tensor({4, 3, 1, 1}, 2));
  const auto four = [&](float low, float high) { return b.constant(random_tensor({4}, 3, low, high)); };
  NetworkBuilder::Normalization norm{four(0.5F, 1), four(-1, 1), four(-1, 1), four(0.5F, 1), 1e-3F};
  const ValueId left = b.batch_norm(b.conv(x, w3, kNoValue, {.stride = 2}), norm);
  const ValueId sum = b.add(Op::kAdd, {left, b.conv(x, w1, kNoValue, {.stride = 2})});
  const ValueId bent = b.add(Op::kHardSwish, {b.activation(sum, {ActivationKind::kSilu})});
  const ValueId batch = b.add(Op::kShape, {bent}, ShapeAttrs{0, 1});
  const ValueId rest = b.ints({4, -1});
  const ValueId cells = b.add(Op::kReshape, {bent, b.concat({batch, rest}, 0)}, ReshapeAttrs{});
  const std::vector<ValueId> parts = b.split(cells, {1, 3});
  const ValueId axes = b.ints({1});
  const ValueId best = b.add(Op::kReduceMax, {parts[1], axes}, ReduceAttrs{});
  const ValueId all = b.concat({parts[0], best, parts[1]});
  b.named("output0").output(all);
  Graph graph = b.finish().value();
  graph.metadata = {{"stride", "2"}, {"imgsz", "[8, 8]"}, {"batch", "1"}};
  return graph;
}

class ExportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = folder_.path() + "/in.onnx";
    std::ofstream(path_, std::ios::binary) << onnx::export_model(detector()).value();
  }

  Graph read(const std::string& bytes) {
    auto owner = std::make_shared<std::string>(bytes);
    auto imported = onnx::import_model({{owner, reinterpret_cast<std::byte*>(owner->data())}, owner->size()}, {});
    EXPECT_TRUE(imported.ok()) << imported.error().message;
    return imported.ok() ? std::move(imported->graph) : Graph();
  }

  std::vector<float> run(Graph graph, const Shape& shape) {
    EXPECT_TRUE(bind_input_shapes(graph, std::vector<Shape>{shape}).ok());
    EXPECT_TRUE(infer_and_fold(graph).ok());
    EXPECT_TRUE(widen_float16(graph).ok());
    Tensor picture = random_tensor(shape, 9);
    if (graph.value(graph.inputs[0]).dtype == DType::kFloat16) {
      const Node cast{Op::kCast, "", {0}, {0}, CastAttrs{DType::kFloat16}};
      const std::array<const Tensor*, 1> inputs = {&picture};
      picture = saker::evaluate(cast, inputs).value()[0];
    }
    Tensor out = evaluate_graph(graph, {picture})[0];
    if (out.dtype() == DType::kFloat16) {
      const Node cast{Op::kCast, "", {0}, {0}, CastAttrs{DType::kFloat32}};
      const std::array<const Tensor*, 1> outputs = {&out};
      out = evaluate(cast, outputs).value()[0];
    }
    return {out.data<float>(), out.data<float>() + out.elements()};
  }

  static void expect_near(const std::vector<float>& a, const std::vector<float>& b, float bound) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], bound) << i;
  }

  Result<ExportedModel> exported_onnx(const ExportOptions& options) {
    constexpr std::array kOnnx = {ExportFormat::kOnnx};
    auto all = export_model(path_, kOnnx, options);
    if (!all.ok()) return all.error();
    return std::move(all->front());
  }

  std::string error_of(const ExportOptions& options) {
    const auto exported = exported_onnx(options);
    return exported.ok() ? "" : exported.error().message;
  }

  test::TempFolder folder_;
  std::string path_;
};

TEST_F(ExportTest, EveryOpsetSaysTheSame) {
  const std::vector<float> expected = run(detector(), {1, 3, 8, 8});
  for (std::int64_t opset = 11; opset <= 20; ++opset) {
    SCOPED_TRACE(opset);
    const auto exported = exported_onnx({.opset = opset});
    ASSERT_TRUE(exported.ok()) << exported.error().message;
    expect_near(run(read(exported->files[0].bytes), {1, 3, 8, 8}), expected, 1e-5F);
  }
}

TEST_F(ExportTest, TheSizeIsBoundAndBranchesAreMerged) {
  const auto exported = exported_onnx({.batch = 2, .height = 6, .width = 4});
  ASSERT_TRUE(exported.ok()) << exported.error().message;
  EXPECT_EQ(exported->input, "images float32 [2, 3, 6, 4]");
  EXPECT_EQ(exported->outputs, "output0 float32 [2, 5, 6]");
  const Graph graph = read(exported->files[0].bytes);
  EXPECT_EQ(graph.declared_inputs[0][2].size, 6);
  EXPECT_EQ(graph.metadata.at("imgsz"), "[6, 4]");
  EXPECT_EQ(graph.metadata.at("batch"), "2");
  EXPECT_EQ(count_ops(graph, Op::kConv), 1);
  EXPECT_EQ(count_ops(graph, Op::kBatchNormalization), 0);
  EXPECT_EQ(count_ops(graph, Op::kShape), 0);
}

TEST_F(ExportTest, OpenSizesStayOpen) {
  const auto exported = exported_onnx({.dynamic = true});
  ASSERT_TRUE(exported.ok()) << exported.error().message;
  EXPECT_EQ(exported->outputs, "output0 float32 [batch, 5, anchors]");
  const Graph graph = read(exported->files[0].bytes);
  EXPECT_EQ(graph.declared_inputs[0][3].symbol, "width");
  EXPECT_EQ(count_ops(graph, Op::kBatchNormalization), 0);
  for (const Shape& shape : {Shape{1, 3, 8, 8}, Shape{2, 3, 4, 10}})
    expect_near(run(graph, shape), run(detector(), shape), 1e-5F);
}

TEST_F(ExportTest, Float16) {
  for (const bool dynamic : {false, true}) {
    const auto exported = exported_onnx({.dynamic = dynamic, .half = true});
    ASSERT_TRUE(exported.ok()) << exported.error().message;
    const Graph graph = read(exported->files[0].bytes);
    EXPECT_EQ(graph.value(graph.inputs[0]).dtype, DType::kFloat16);
    EXPECT_TRUE(exported->outputs.starts_with("output0 float16 [")) << exported->outputs;
    expect_near(run(graph, {1, 3, 8, 8}), run(detector(), {1, 3, 8, 8}), 0.02F);
  }
}

Graph read_ir(const ExportedModel& exported) {
  const auto xml = test_support::file_bytes(exported.files[0].bytes),
             bin = test_support::file_bytes(exported.files[1].bytes);
  auto imported = openvino_ir::import_model(xml, bin);
  EXPECT_TRUE(imported.ok()) << imported.error().message;
  return imported.ok() ? std::move(imported->graph) : Graph();
}

TEST_F(ExportTest, OpenVinoSaysTheSame) {
  constexpr std::array kOpenVino = {ExportFormat::kOpenVino};
  for (const bool dynamic : {false, true}) {
    for (const bool half : {false, true}) {
      const auto exported = export_model(path_, kOpenVino, {.dynamic = dynamic, .half = half});
      ASSERT_TRUE(exported.ok()) << exported.error().message;
      const ExportedModel& ir = exported->front();
      ASSERT_EQ(ir.files.size(), 3U);
      EXPECT_EQ(ir.files[2].name, "metadata.yaml");
      const Graph graph = read_ir(ir);
      EXPECT_EQ(graph.value(graph.inputs[0]).dtype, DType::kFloat32);
      EXPECT_EQ(graph.declared_inputs[0][3].size, dynamic ? -1 : 8);
      for (const Node& node : graph.nodes) EXPECT_TRUE(node.op != Op::kConv || node.has_input(2)) << node.name;
      const float bound = half ? 0.02F : 1e-5F;
      expect_near(run(graph, {1, 3, 8, 8}), run(detector(), {1, 3, 8, 8}), bound);
      if (dynamic) expect_near(run(graph, {2, 3, 4, 10}), run(detector(), {2, 3, 4, 10}), bound);
    }
  }
}

// What IR says of the axes that are scaled, ONNX says of all; and what is not known of a model has no file.
TEST_F(ExportTest, BetweenFormatsAndBack) {
  NetworkBuilder b;
  const ValueId x = b.named("images").open_input({{-1, ""}, {3, ""}, {-1, ""}, {-1, ""}});
  b.output(b.upsample(x));
  const Graph before = b.finish().value();
  const auto ir = openvino_files(before, false);
  ASSERT_TRUE(ir.ok()) << ir.error().message;
  EXPECT_EQ(ir->size(), 2U);
  ExportedModel exported;
  exported.files = *ir;
  const auto text = onnx::export_model(read_ir(exported), onnx::ExportForm::kQdq, 11);
  ASSERT_TRUE(text.ok()) << text.error().message;
  expect_near(run(read(*text), {2, 3, 4, 6}), run(before, {2, 3, 4, 6}), 0);
}

// Several files: all of them, or none.
TEST_F(ExportTest, FilesGoTogether) {
  ExportedModel exported;
  exported.files = {{".xml", "the main one"}, {".bin", "numbers"}, {"metadata.yaml", "names"}};
  const std::string path = folder_.path() + "/best.xml";
  EXPECT_EQ(paths_of(exported, path),
            (std::vector<std::string>{path, folder_.path() + "/best.bin", folder_.path() + "/metadata.yaml"}));
  std::filesystem::create_directory(folder_.path() + "/metadata.yaml");
  EXPECT_FALSE(write_files(exported, path).ok());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/best.bin"));
  std::filesystem::remove(folder_.path() + "/metadata.yaml");
  ASSERT_TRUE(write_files(exported, path).ok());
  std::stringstream text;
  text << std::ifstream(folder_.path() + "/best.bin").rdbuf();
  EXPECT_EQ(text.str(), "numbers");
}

TEST_F(ExportTest, SizesThatCannotBe) {
  EXPECT_NE(error_of({.height = 7, .width = 8}).find("take 8x8"), std::string::npos);
  const auto fixed = exported_onnx({});
  ASSERT_TRUE(fixed.ok());
  std::ofstream(path_, std::ios::binary) << fixed->files[0].bytes;
  EXPECT_NE(error_of({.height = 16, .width = 16}).find("is fixed at [1, 3, 8, 8]"), std::string::npos);
  EXPECT_NE(error_of({.batch = 2}).find("`batch` cannot change it"), std::string::npos);
  EXPECT_EQ(error_of({.batch = 1}), "");
  EXPECT_EQ(error_of({}), "");
}

}  // namespace
}  // namespace saker
