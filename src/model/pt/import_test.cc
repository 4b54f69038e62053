// Checkpoints to networks: a small detector written as the frameworks write theirs, and what is none.
#include "model/pt/import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "model/pt/facts.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "support/pt_writer.h"
#include "support/test_graphs.h"

namespace saker::pt {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the writers of pickles

FileBytes bytes_of(const std::string& text) {
  void* memory = std::aligned_alloc(64, (text.size() + 64) / 64 * 64);
  std::memcpy(memory, text.data(), text.size());
  return {{static_cast<std::byte*>(memory), std::free}, text.size()};
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string error_of(const std::string& file) {
  const auto network = read_network(bytes_of(file));
  return network.ok() ? "" : network.error().message;
}

Pickled module(const std::string& package, const std::string& name, const PickledItems& children,
               PickledItems attributes = {}, const PickledItems& weights = {}) {
  attributes.emplace_back("_parameters", py_dict(weights));
  attributes.emplace_back("_buffers", py_dict({}));
  attributes.emplace_back("_modules", py_dict(children));
  return py_object(package, name, attributes);
}

Pickled conv(CheckpointWriter& writer, std::vector<std::int32_t> shape, const std::vector<float>& weights,
             const std::vector<float>& bias, std::int32_t stride = 1) {
  const auto filters = static_cast<std::int32_t>(bias.size());
  const std::int32_t pad = stride > 1 ? 0 : shape[2] / 2;
  PickledItems items = {{"weight", writer.tensor(shape, weights)}};
  items.emplace_back("bias", bias.empty() ? py_none() : writer.tensor({filters}, bias));
  return module("torch.nn.modules.conv", "Conv2d", {},
                {{"stride", CheckpointWriter::integers({stride, stride})},
                 {"padding", CheckpointWriter::integers({pad, pad})},
                 {"dilation", CheckpointWriter::integers({1, 1})},
                 {"groups", py_int(1)},
                 {"padding_mode", py_text("zeros")}},
                items);
}

// One convolution of stride 8 that sums the red of a cell, and YOLOv5's head of two classes with one anchor.
std::string yolov5(const std::string& head = "Detect") {
  CheckpointWriter writer;
  std::vector<float> sum(3 * 8 * 8, 0);
  std::fill_n(sum.begin(), 64, 1.0F / 64);
  const Pickled first = module(
      "models.common", "Conv",
      {{"conv", conv(writer, {1, 3, 8, 8}, sum, {0}, 8)}, {"act", module("torch.nn.modules.linear", "Identity", {})}},
      {{"i", py_int(0)}, {"f", py_int(-1)}});
  const std::vector<float> weights = {0, 0, 0, 0, 1, 1, -1}, bias = {0, 0, 0, 0, 0, 0, 0};
  const Pickled last = module(
      "models.yolo", head,
      {{"m", module("torch.nn.modules.container", "ModuleList", {{"0", conv(writer, {7, 1, 1, 1}, weights, bias)}})}},
      {{"i", py_int(1)},
       {"f", py_list({py_int(0)})},
       {"nc", py_int(2)},
       {"_buffers", py_dict({{"anchors", writer.tensor({1, 1, 2}, {2, 4})}})}});
  const Pickled model =
      module("models.yolo", "DetectionModel",
             {{"model", module("torch.nn.modules.container", "Sequential", {{"0", first}, {"1", last}})}},
             {{"stride", writer.tensor({1}, {8})},
              {"names", "}(" + py_int(0) + py_text("cat") + py_int(1) + py_text("dog's") + "u"}});
  const Pickled arguments = py_dict({{"imgsz", py_int(64)}, {"data", py_text("cats.yaml")}, {"rect", py_none()}});
  return writer.file(py_dict({{"epoch", py_int(7)}, {"model", py_none()}, {"ema", model}, {"train_args", arguments}}));
}

TEST(Import, SmallYolov5) {
  auto imported = import_model(bytes_of(yolov5()));
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  Graph& graph = imported->graph;
  EXPECT_EQ(graph.metadata.at("names"), "{0: 'cat', 1: 'dog\\'s'}");
  EXPECT_EQ(graph.metadata.at("stride"), "8");
  ASSERT_TRUE(bind_input_shapes(graph, std::vector<Shape>{{1, 3, 8, 16}}).ok());
  ASSERT_TRUE(infer_and_fold(graph).ok());
  std::vector<float> red(3 * 8 * 16, 0);
  for (std::size_t i = 0; i < 8 * 16; ++i) red[i] = i % 16 < 8 ? 0.0F : 2.0F;
  const Tensor boxes = evaluate_graph(graph, {make_tensor({1, 3, 8, 16}, red)})[0];
  ASSERT_EQ(boxes.shape(), (Shape{1, 2, 7}));
  // The sigmoid of 0 is 1/2 but for objectness and classes, which see the mean of a cell's red: 0 and 2.
  const float* row = boxes.data<float>();
  EXPECT_FLOAT_EQ(row[0], (2 * 0.5F - 0.5F + 0) * 8);
  EXPECT_FLOAT_EQ(row[7], (2 * 0.5F - 0.5F + 1) * 8);
  EXPECT_FLOAT_EQ(row[2], 2 * 8);
  EXPECT_FLOAT_EQ(row[3], 4 * 8);
  EXPECT_FLOAT_EQ(row[5] + row[6], 1);
  EXPECT_GT(row[7 + 4], row[4]);
}

TEST(Import, SuppressedInside) {
  auto imported = import_model(bytes_of(yolov5()), {.head = nets::HeadForm::kSuppressed, .confidence = 0.3F});
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  ASSERT_TRUE(bind_input_shapes(imported->graph, std::vector<Shape>{{2, 3, 8, 16}}).ok());
  ASSERT_TRUE(infer_and_fold(imported->graph).ok());
  std::vector<float> red(2 * 3 * 8 * 16, 0);  // of the second picture nothing
  for (std::size_t i = 0; i < 8 * 16; ++i) red[i] = i % 16 < 8 ? 0.0F : 2.0F;
  const Tensor rows = evaluate_graph(imported->graph, {make_tensor({2, 3, 8, 16}, red)})[0];
  ASSERT_EQ(rows.shape(), (Shape{2, 2, 6}));
  const float sure = 1 / (1 + std::exp(-2.0F));
  std::vector<float> expected(24, 0);
  std::ranges::copy(std::initializer_list<float>{12 - 8, 4 - 16, 12 + 8, 4 + 16, sure * sure, 0}, expected.begin());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_FLOAT_EQ(rows.data<float>()[i], expected[i]) << i;
}

TEST(Import, Facts) {
  const auto facts = checkpoint_facts(bytes_of(yolov5()));
  ASSERT_TRUE(facts.ok()) << facts.error().message;
  EXPECT_EQ(facts->family, "YOLOv5");
  EXPECT_EQ(facts->weights, "averaged (ema)");
  EXPECT_EQ(facts->epoch, 7);
  EXPECT_EQ(facts->classes, 2);
  ASSERT_EQ(facts->layers.size(), 2U);
  EXPECT_EQ(facts->layers[0].type, "models.common.Conv");
  EXPECT_EQ(facts->layers[0].parameters, 3 * 8 * 8 + 1);
  EXPECT_EQ(facts->layers[1].parameters, 7 + 7);  // not the anchors
  EXPECT_EQ(facts->parameters, 193 + 14);
  const std::vector<std::pair<std::string, std::string>> training = {
      {"imgsz", "64"}, {"data", "'cats.yaml'"}, {"rect", "None"}};
  EXPECT_EQ(facts->training, training);
}

TEST(Import, SaysWhatIsNoDetector) {
  EXPECT_TRUE(mentions(error_of(yolov5("Segment")), "outlines of objects (Segment)")) << error_of(yolov5("Segment"));
  CheckpointWriter writer;
  const Pickled weights = py_dict({{"fc.weight", writer.tensor({1}, {1})}});
  EXPECT_TRUE(mentions(error_of(writer.file(weights)), "weights without their network"));
  EXPECT_TRUE(mentions(error_of(writer.file(py_list({}))), "no network"));
  EXPECT_TRUE(
      mentions(error_of(writer.file(py_dict({{"model", module("torchvision", "ResNet", {})}}))), "torchvision.ResNet"));
  EXPECT_TRUE(mentions(error_of(zip_file({{"a/data.pkl", "x"}, {"a/constants.pkl", "x"}})), "TorchScript"));
  EXPECT_TRUE(mentions(error_of(zip_file({{"readme", "x"}})), "no data.pkl"));
}

TEST(Import, TensorsOutsideTheirStorage) {
  for (const auto& [elements, offset, shape, strides] : {std::tuple(4, 1, std::vector{4}, std::vector{1}),
                                                         {4, 0, {2, 2}, {3, 1}},
                                                         {4, 0, {2}, {2147483647}},
                                                         {400, 0, {400}, {1}}}) {
    CheckpointWriter writer;
    const Pickled tensor = writer.tensor("FloatStorage", std::string(16, '\0'), elements, offset, shape, strides);
    const std::string error = error_of(writer.file(py_dict({{"a", tensor}, {"b", tensor}})));
    EXPECT_TRUE(mentions(error, "reaches outside") || mentions(error, "are wanted")) << error;
  }
}

// Every module holds the next one twice: 2^30 of them.
TEST(Import, ModulesThatMultiply) {
  const std::string zero(1, '\0');
  std::string pickle = module("m", "Leaf", {}) + "q" + zero;
  for (int i = 0; i < 30; ++i) {
    pickle += "0" + module("m", "Pair", {{"a", "h" + zero}, {"b", "h" + zero}}) + "q" + zero;
  }
  CheckpointWriter writer;
  EXPECT_TRUE(mentions(error_of(writer.file(pickle)), "too many modules"));
}

// Cut anywhere, or with a bit flipped: an error or a network, never more.
TEST(Import, Damage) {
  const std::string file = yolov5();
  for (std::size_t length = 0; length < file.size(); length += 7) EXPECT_NE(error_of(file.substr(0, length)), "");
  for (std::size_t at = 0; at < file.size(); at += 3) {
    std::string flipped = file;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    (void)import_model(bytes_of(flipped));
  }
}

TEST(Import, RealCheckpoints) {
  const char* assets = std::getenv("SAKER_ASSETS");
  const std::string folder = assets == nullptr ? "../shared/assets" : assets;
  if (!std::filesystem::exists(folder + "/pt/yolov5n.pt")) GTEST_SKIP() << "needs the checkpoints of SAKER_ASSETS";
  for (const auto& [name, layers] : {std::pair("yolov5n.pt", 25U), {"yolov5n-7.pt", 25U}}) {
    const auto file = read_file(folder + "/pt/" + name, 1U << 30U);
    ASSERT_TRUE(file.ok());
    const auto network = read_network(*file);
    ASSERT_TRUE(network.ok()) << network.error().message;
    EXPECT_EQ(network->layers.size(), layers) << name;
    EXPECT_EQ(network->names.size(), 80U);
    EXPECT_EQ(network->strides, (std::vector<double>{8, 16, 32}));
  }
}

}  // namespace
}  // namespace saker::pt
