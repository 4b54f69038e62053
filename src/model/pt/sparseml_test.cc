// Weights beside the YAML of their network, as SparseML's trainings of YOLOv5 and YOLOv8 leave them.
#include "model/pt/sparseml.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "model/pt/facts.h"
#include "nets/families.h"
#include "support/pt_writer.h"

namespace saker::pt {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): the writers of pickles

FileBytes bytes_of(const std::string& text) {
  void* memory = std::aligned_alloc(64, (text.size() + 64) / 64 * 64);
  std::memcpy(memory, text.data(), text.size());
  return {{static_cast<std::byte*>(memory), std::free}, text.size()};
}

Pickled numbers(const std::vector<int>& list) {
  std::vector<Pickled> items;
  for (const int number : list) items.push_back(py_int(number));
  return py_list(items);
}

Pickled row(const Pickled& from, const std::string& type, const Pickled& arguments) {
  return py_list({from, py_int(1), py_text(type), arguments});
}

// YOLOv5: a convolution of stride 2, and the head of two classes with one anchor.
PickledItems yaml_of_v5() {
  return {{"nc", py_int(2)},
          {"depth_multiple", py_float(0.33)},
          {"width_multiple", py_float(0.5)},
          {"anchors", py_list({numbers({2, 4})})},
          {"backbone", py_list({row(py_int(-1), "Conv", numbers({16, 3, 2}))})},
          {"head", py_list({row(numbers({0}), "Detect", py_list({py_text("nc"), py_text("anchors")}))})},
          {"ch", py_int(3)}};
}

struct Weight {
  std::string name;
  std::vector<std::int32_t> shape;
  float value;
};

std::vector<Weight> weights_of_v5() {
  return {{"model.0.conv.weight", {8, 3, 3, 3}, 0.25F},
          {"model.0.bn.weight", {8}, 1},
          {"model.0.bn.bias", {8}, 2},
          {"model.0.bn.running_mean", {8}, 3},
          {"model.0.bn.running_var", {8}, 4},
          {"model.1.anchors", {1, 1, 2}, 1},
          {"model.1.m.0.weight", {7, 8, 1, 1}, 0.5F},
          {"model.1.m.0.bias", {7}, -1}};
}

// The same after torch.ao.quantization has wrapped and fused its convolution.
std::vector<Weight> quantized_weights_of_v5() {
  std::vector<Weight> weights = weights_of_v5();
  weights[0].name = "model.0.conv.module.weight";
  for (std::size_t i = 1; i < 5; ++i) weights[i].name.replace(0, 10, "model.0.conv.module.bn");
  for (const char* name :
       {"model.0.conv.quant.activation_post_process.scale", "model.0.conv.quant.activation_post_process.zero_point",
        "model.0.conv.quant.activation_post_process.activation_post_process.min_val",
        "model.0.conv.module.weight_fake_quant.scale", "model.0.conv.module.activation_post_process.fake_quant_enabled",
        "model.0.add_node.input_quant_stubs.0.activation_post_process.scale",
        "model.0.add_node.forward_fn.functional.activation_post_process.scale"})
    weights.push_back({name, {1}, 7});
  return weights;
}

Pickled state(CheckpointWriter& writer, const std::vector<Weight>& weights) {
  PickledItems items;
  for (const Weight& weight : weights) {
    std::size_t count = 1;
    for (const std::int32_t extent : weight.shape) count *= static_cast<std::size_t>(extent);
    items.emplace_back(weight.name, writer.tensor(weight.shape, std::vector<float>(count, weight.value)));
  }
  return py_dict(items);
}

struct File {
  std::vector<Weight> model = weights_of_v5();
  std::vector<Weight> ema;
  PickledItems yaml = yaml_of_v5();
  PickledItems beside = {{"nc", py_int(2)},
                         {"names", py_list({py_text("cat"), py_text("dog")})},
                         {"epoch", py_int(-1)},
                         {"checkpoint_recipe", py_text("modifiers: []")}};
  const char* yaml_key = "yaml";

  std::string bytes() const {
    CheckpointWriter writer;
    PickledItems items = beside;
    items.emplace_back("model", state(writer, model));
    items.emplace_back("ema", ema.empty() ? py_none() : state(writer, ema));
    if (!yaml.empty()) items.emplace_back(yaml_key, py_dict(yaml));
    return writer.file(py_dict(items));
  }
};

std::string error_of(const File& file) {
  const auto network = read_network(bytes_of(file.bytes()));
  return network.ok() ? "" : network.error().message;
}

float first_of(const nets::Network& network, std::size_t layer, const char* part, const char* weight) {
  const nets::Module* module = network.layers.at(layer).module.child(part);
  if (module != nullptr && module->weights.empty() && !module->children.empty()) module = module->children.data();
  return module == nullptr ? -100 : *module->weight(weight)->data<float>();
}

void expect_v5(const Result<nets::Network>& network) {
  ASSERT_TRUE(network.ok()) << network.error().message;
  EXPECT_EQ(network->family, "YOLOv5");
  EXPECT_EQ(network->names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(network->strides, std::vector<double>{2});
  EXPECT_EQ(first_of(*network, 0, "conv", "weight"), 0.25F);
  EXPECT_EQ(first_of(*network, 0, "bn", "running_var"), 4);
  EXPECT_EQ(first_of(*network, 1, "m", "bias"), -1);
  EXPECT_EQ(*network->layers[1].module.weight("anchors")->data<float>(), 1);
}

TEST(Sparseml, Yolov5) {
  expect_v5(read_network(bytes_of(File{}.bytes())));
}

TEST(Sparseml, QuantizedModulesHaveTheSameWeights) {
  File file;
  file.model = quantized_weights_of_v5();
  expect_v5(read_network(bytes_of(file.bytes())));
  const auto facts = checkpoint_facts(bytes_of(file.bytes()));
  ASSERT_TRUE(facts.ok());
  EXPECT_TRUE(facts->quantized);
  EXPECT_EQ(facts->recipe, "modifiers: []");
}

TEST(Sparseml, AveragesOfBeforeTheQuantizationAreLeft) {
  File file;
  file.ema = weights_of_v5();
  file.ema[0].value = 9;
  auto network = read_network(bytes_of(file.bytes()));
  ASSERT_TRUE(network.ok()) << network.error().message;
  EXPECT_EQ(first_of(*network, 0, "conv", "weight"), 9);
  file.model = quantized_weights_of_v5();
  expect_v5(read_network(bytes_of(file.bytes())));
  EXPECT_NE(checkpoint_facts(bytes_of(file.bytes()))->weights.find("model"), std::string::npos);
}

// The scale's row is told by `scale`; nothing says the classes' names.
TEST(Sparseml, Yolov8) {
  const Pickled scale = py_list({py_float(1), py_float(0.5), py_int(1024)});
  File file;
  file.yaml_key = "model_yaml";
  file.yaml = {{"nc", py_int(1)},
               {"scales", py_dict({{"n", py_list({py_float(1), py_float(4), py_int(8)})}, {"s", scale}})},
               {"scale", py_text("s")},
               {"reg_max", py_int(2)},
               {"backbone", py_list({row(py_int(-1), "Conv", numbers({16, 3, 2}))})},
               {"head", py_list({row(numbers({0}), "Detect", py_list({py_text("nc")}))})},
               {"yaml_file", py_text("/home/me/yolov8.yaml")}};
  file.beside = {{"source", py_text("sparseml")}, {"recipe", py_none()}};
  nets::FamilyOptions options;
  options.names = {"x"};
  constexpr const char* kText =
      "{nc: 1, reg_max: 2, backbone: [[-1, 1, Conv, [8, 3, 2]]], head: [[[0], 1, Detect, [nc]]]}";
  auto same = nets::network_from_yaml(kText, "same.yaml", options);
  ASSERT_TRUE(same.ok()) << same.error().message;
  file.model.clear();
  for (const nets::NamedWeight& weight : nets::named_weights(*same)) {
    const Tensor& tensor = weight.module->weights.at(weight.of_module);
    if (tensor.dtype() == DType::kFloat32)
      file.model.push_back({weight.name, {tensor.shape().begin(), tensor.shape().end()}, 0.125F});
  }
  const auto network = read_network(bytes_of(file.bytes()));
  ASSERT_TRUE(network.ok()) << network.error().message;
  EXPECT_EQ(network->family, "Ultralytics");
  EXPECT_EQ(network->name, "yolov8");
  EXPECT_TRUE(network->names.empty());
  EXPECT_EQ(network->classes, 1);
  EXPECT_EQ(first_of(*network, 0, "conv", "weight"), 0.125F);
}

TEST(Sparseml, SaysWhatIsWrong) {
  struct Case {
    std::function<void(File&)> hurt;
    std::vector<const char*> says;
  };
  const std::vector<Case> cases = {
      {[](File& f) { f.yaml.clear(); }, {"weights without their network", "`yaml`"}},
      {[](File& f) { f.model.erase(f.model.begin()); }, {"lacks the weight 'model.0.conv.weight'"}},
      {[](File& f) {
         f.model[0].shape = {8, 3, 1, 1};
       },
       {"model.0.conv.weight", "[8, 3, 1, 1] in the file", "[8, 3, 3, 3] in the network"}},
      {[](File& f) {
         f.model.push_back({"model.0.extra.weight", {1}, 0});
       },
       {"'model.0.extra.weight' has no place", "1 such"}},
      {[](File& f) {
         f.model.push_back({"module.model.1.m.0.bias", {7}, 0});
       },
       {"two weights are called"}},
      {[](File& f) { f.beside[0].second = py_int(3); }, {"model.1.m.0.bias", "[7] in the file and [8] in the network"}},
      {[](File& f) { f.beside[0].second = py_int(2000000000); }, {"`nc` is 2000000000"}},
      {[](File& f) {
         f.beside.erase(f.beside.begin());
         f.yaml.erase(f.yaml.begin());
       },
       {"how many classes"}},
      {[](File& f) {
         f.yaml[2].second = py_float(1);
         f.yaml[4].second = py_list({row(py_int(-1), "Conv", numbers({60000, 3, 2}))});
       },
       {"has more than", "parameters"}},
      {[](File& f) { f.yaml[4].second = py_list({row(py_int(-1), "Wonder", numbers({16}))}); }, {"Wonder"}},
      {[](File& f) { f.yaml[4].second = py_text("none"); }, {"description of its network", "`backbone`"}},
  };
  for (const Case& one : cases) {
    File file;
    one.hurt(file);
    const std::string error = error_of(file);
    for (const char* part : one.says) EXPECT_NE(error.find(part), std::string::npos) << part << " in: " << error;
  }
}

// A list that holds itself, and lists of lists that multiply.
TEST(Sparseml, DescriptionsWithoutEnd) {
  const std::string zero(1, '\0');
  for (const bool circle : {true, false}) {
    Pickled endless = circle ? "]q" + zero + "h" + zero + "a" : numbers(std::vector<int>(100, 1));
    for (int i = 0; !circle && i < 6; ++i) {
      const std::string place(1, static_cast<char>(i + 1));
      endless = endless + "q" + place + "0](";
      for (int j = 0; j < 100; ++j) endless += "h" + place;
      endless += "e";
    }
    File file;
    file.yaml[3].second = endless;
    const std::string error = error_of(file);
    EXPECT_NE(error.find("too long, or too deep"), std::string::npos) << error;
  }
}

TEST(Sparseml, Damage) {
  File quantized;
  quantized.model = quantized_weights_of_v5();
  const std::string file = quantized.bytes();
  for (std::size_t length = 0; length < file.size(); length += 11) (void)read_network(bytes_of(file.substr(0, length)));
  for (std::size_t at = 0; at < file.size(); at += 3) {
    std::string flipped = file;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    (void)checkpoint_facts(bytes_of(flipped));
  }
}

}  // namespace
}  // namespace saker::pt
