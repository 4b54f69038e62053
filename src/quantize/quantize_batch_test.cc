// Quantized files take any number of pictures at a time, and each is computed as if it were alone.
#include <gtest/gtest.h>

#include <cstring>

#include "model/onnx/exporter.h"
#include "quantize/quantize.h"
#include "support/compiled.h"
#include "support/import_testing.h"

namespace saker {
namespace {

const Shape kShape = {1, 3, 16, 16};

// Strides, movements, and a head whose Reshape speaks of one picture.
Graph detector() {
  GraphBuilder b;
  const ValueId x = b.conv_silu(b.conv_silu(b.input(kShape), 8, 3, 2), 16, 3);
  auto parts = b.split(x, {8, 8});
  parts.push_back(b.add(Op::kAdd, {parts[1], b.conv_silu(parts[1], 8, 3)}));
  const ValueId deep = b.conv_silu(b.concat({b.upsample(b.conv_silu(b.concat(parts), 12, 3, 2)), x}), 12);
  b.output(b.transpose(b.reshape(b.conv(deep, 7), {1, 7, 64}), {0, 2, 1}));
  return b.graph();
}

PictureFeed feed() {
  PictureFeed result;
  result.count = 4;
  result.fill = [](std::size_t i, Tensor& input, ThreadPool&) -> Status {
    const Tensor numbers = random_tensor(input.shape(), 100 + static_cast<std::uint32_t>(i));
    std::memcpy(input.raw(), numbers.raw(), numbers.bytes());
    return {};
  };
  return result;
}

Quantizer quantizer_of(const Graph& model, ActivationScales activations) {
  auto graph = prepare_float_graph(model, {&kShape, 1});
  EXPECT_TRUE(graph.ok());
  QuantizeOptions options;
  options.activations = activations;
  auto quantizer = Quantizer::create(*graph, options, feed());
  EXPECT_TRUE(quantizer.ok());
  return std::move(*quantizer);
}

// Written and read.
Graph file_of(const Quantizer& quantizer, onnx::ExportForm form) {
  const auto quantized = quantizer.run();
  EXPECT_TRUE(quantized.ok());
  const auto text = onnx::export_model(quantized->graph, form);
  EXPECT_TRUE(text.ok()) << text.error().message;
  auto model = onnx::import_text(*text);
  EXPECT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->outputs[0].dims[0].symbol, model->graph.declared_inputs[0][0].symbol);
  return model->graph;
}

Tensor run(const Graph& graph, const Tensor& input) {
  CompileOptions options;
  options.plan.isa = best_isa();
  const std::vector<Shape> shapes = {input.shape()};
  auto plan = compile(graph, shapes, {"out"}, options);
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  auto executor = Executor::create(std::make_shared<const Plan>(std::move(*plan)));
  EXPECT_TRUE(executor.ok());
  return run_plan(**executor, {input})[0];
}

void expect_pictures_as_alone(const Graph& graph) {
  Tensor batch = Tensor::make(DType::kFloat32, {3, kShape[1], kShape[2], kShape[3]}).value();
  std::vector<Tensor> alone;
  for (std::size_t i = 0; i < 3; ++i) {
    const Tensor picture = random_tensor(kShape, 7 + static_cast<std::uint32_t>(i));
    std::memcpy(static_cast<std::byte*>(batch.raw()) + i * picture.bytes(), picture.raw(), picture.bytes());
    alone.push_back(run(graph, picture));
  }
  const Tensor together = run(graph, batch);
  ASSERT_EQ(together.shape(), (Shape{3, 64, 7}));
  for (std::size_t i = 0; i < 3; ++i) {
    const auto* own = static_cast<const std::byte*>(together.raw()) + i * alone[i].bytes();
    EXPECT_EQ(std::memcmp(own, alone[i].raw(), alone[i].bytes()), 0) << "picture " << i;
  }
}

TEST(QuantizedBatch, EachPictureIsAsAlone) {
  const Quantizer per_channel = quantizer_of(detector(), ActivationScales::kPerChannel);
  EXPECT_EQ(per_channel.why_one_picture(), "");
  expect_pictures_as_alone(file_of(per_channel, onnx::ExportForm::kQdq));
  const Quantizer per_tensor = quantizer_of(detector(), ActivationScales::kPerTensor);
  expect_pictures_as_alone(file_of(per_tensor, onnx::ExportForm::kQdq));
  expect_pictures_as_alone(file_of(per_tensor, onnx::ExportForm::kQLinear));
}

TEST(QuantizedBatch, GraphsThatMixPicturesStayAtOne) {
  GraphBuilder b;
  b.output(b.add(Op::kSoftmax, {b.conv(b.input(kShape), 4)}, SoftmaxAttrs{0, false}));
  const Quantizer quantizer = quantizer_of(b.graph(), ActivationScales::kPerChannel);
  EXPECT_NE(quantizer.why_one_picture().find("Softmax"), std::string::npos);
  EXPECT_EQ(file_of(quantizer, onnx::ExportForm::kQdq).declared_inputs[0][0].size, 1);
}

}  // namespace
}  // namespace saker
