// Networks made from names and YAML: as the frameworks make them, the same on every machine.
#include "nets/families.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "model/pt/import.h"
#include "nets/description.h"
#include "nets/heads.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "support/test_graphs.h"

namespace saker::nets {
namespace {

namespace fs = std::filesystem;

FamilyOptions of_classes(std::size_t count) {
  FamilyOptions options;
  for (std::size_t i = 0; i < count; ++i) options.names.push_back("class " + std::to_string(i));
  return options;
}

Network made(Result<Network> network) {
  EXPECT_TRUE(network.ok()) << network.error().message;
  return network.ok() ? std::move(*network) : Network();
}

bool is_parameter(const std::string& weight) {
  return weight != "running_mean" && weight != "running_var" && weight != "num_batches_tracked" && weight != "anchors";
}

std::int64_t parameters_of(Network& network) {
  std::int64_t sum = 0;
  for (const NamedWeight& weight : named_weights(network)) {
    if (is_parameter(weight.of_module)) sum += weight.module->weights.at(weight.of_module).elements();
  }
  return sum;
}

const Tensor& weight_of(Network& network, std::string_view name) {
  for (const NamedWeight& weight : named_weights(network)) {
    if (weight.name == name) return weight.module->weights.at(weight.of_module);
  }
  ADD_FAILURE() << name << " is not there";
  static const Tensor kNone;
  return kNone;
}

std::vector<float> numbers(const Tensor& tensor) {
  return {tensor.data<float>(), tensor.data<float>() + tensor.elements()};
}

// Everything that two trees differ in.
void differences(const Module& a, const Module& b, std::vector<std::string>& found) {
  const auto differ = [&](const std::string& what) { found.push_back(a.describe() + ": " + what); };
  if (a.name != b.name || a.path != b.path || a.type != b.type || a.class_path != b.class_path) differ("names");
  const auto compare = [&](const Module& one, const Module& other) {
    for (const auto& [name, value] : one.attributes) {
      if (name.starts_with("_") || name == "training") continue;  // how it was kept, not what it is
      const auto same = other.attributes.find(name);
      if (same == other.attributes.end() || same->second != value) differ(name);
    }
    for (const auto& [name, weight] : one.weights) {
      const Tensor* same = other.weight(name);
      if (same == nullptr || same->shape() != weight.shape()) differ("weight " + name);
    }
  };
  compare(a, b);
  compare(b, a);
  if (a.children.size() != b.children.size()) return differ("number of parts");
  for (std::size_t i = 0; i < a.children.size(); ++i) differences(a.children[i], b.children[i], found);
}

std::vector<std::string> differences(const Network& a, const Network& b) {
  std::vector<std::string> found;
  if (a.family != b.family || a.strides != b.strides || a.classes != b.classes) found.push_back("the network");
  if (a.layers.size() != b.layers.size()) return {"number of layers"};
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    if (a.layers[i].from != b.layers[i].from) found.push_back("what feeds layer " + std::to_string(i));
    differences(a.layers[i].module, b.layers[i].module, found);
  }
  return found;
}

Graph graph_of(const Network& network, std::int64_t side) {
  auto graph = make_graph(network);
  EXPECT_TRUE(graph.ok()) << graph.error().message;
  if (!graph.ok()) return {};
  EXPECT_TRUE(bind_input_shapes(*graph, std::vector<Shape>{{1, 3, side, side}}).ok());
  const Status folded = infer_and_fold(*graph);
  EXPECT_TRUE(folded.ok()) << folded.error().message;
  return std::move(*graph);
}

fs::path assets() {
  const char* path = std::getenv("SAKER_ASSETS");
  return path == nullptr ? fs::path() : fs::path(path);
}

std::string text_of(const std::string& file) {
  std::string text;
  const auto bytes = read_named_file("src/nets/testdata/" + file, 1 << 20);
  EXPECT_TRUE(bytes.ok()) << bytes.error().message;
  if (bytes.ok()) text.assign(reinterpret_cast<const char*>(bytes->data.get()), bytes->size);
  return text;
}

struct Count {
  const char* name;
  std::int64_t parameters;
};

// Of YOLOv5 7.0, Ultralytics 8.4.190, YOLOX 0.3.0, for 80 classes.
class Counts : public testing::TestWithParam<Count> {};

TEST_P(Counts, OfTheFramework) {
  Network network = made(make_family(GetParam().name, of_classes(80)));
  EXPECT_EQ(parameters_of(network), GetParam().parameters);
  EXPECT_EQ(network.name, GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(
    Families, Counts,
    testing::Values(Count{"yolov5n", 1'872'157}, Count{"yolov5s", 7'235'389}, Count{"yolov5m", 21'190'557},
                    Count{"yolov8n", 3'157'200}, Count{"yolov8s", 11'166'560}, Count{"yolov8m", 25'902'640},
                    Count{"yolov8l", 43'691'520}, Count{"yolo11n", 2'624'080}, Count{"yolo11s", 9'458'752},
                    Count{"yolo11m", 20'114'688}, Count{"yolo11l", 25'372'160}, Count{"yolox-nano", 912'159},
                    Count{"yolox-tiny", 5'055'855}, Count{"yolox-s", 8'968'255}, Count{"yolox-m", 25'326'495}),
    [](const auto& test) {
      std::string name = test.param.name;
      std::erase(name, '-');
      return name;
    });

// What the frameworks count layer by layer.
std::vector<std::int64_t> parameters_by_layer(const Network& network) {
  std::vector<std::int64_t> counts;
  for (const Layer& layer : network.layers) counts.push_back(layer.module.integer("np", -1));
  return counts;
}

TEST(Families, ManyModulesFromYaml) {
  using Numbers = std::vector<std::int64_t>;
  const std::string text = text_of("many.yaml");
  const Network n = made(network_from_yaml(text, "yolo1n.yaml", of_classes(4)));
  EXPECT_EQ(parameters_by_layer(n), (Numbers{0,     1760,  352,   3776,   18560, 194432, 10368,  28096, 8384,  9856,
                                             67584, 82432, 63424, 180864, 63424, 108672, 443520, 32832, 0,     35200,
                                             29184, 18560, 18752, 197632, 0,     0,      0,      0,     218200}));
  EXPECT_EQ(n.strides, (std::vector<double>{16, 32}));
  EXPECT_EQ(n.name, "yolo1n");
  const Network l = made(network_from_yaml(text, "yolo1l.yaml", of_classes(4)));
  EXPECT_EQ(parameters_by_layer(l),
            (Numbers{0,      3520,   704,    20992,   73984,  219136, 41216,   185472, 33152, 36096,
                     367616, 164608, 249728, 1100176, 367360, 728576, 3543552, 131200, 0,     51712,
                     156928, 73984,  74368,  1116672, 0,      0,      0,       0,      394776}));
  const Network v5 = made(network_from_yaml(text_of("many_v5.yaml"), "many_v5.yaml", of_classes(4)));
  EXPECT_EQ(parameters_by_layer(v5),
            (Numbers{1760, 352, 7712, 18688, 46080, 73984, 41344, 164608, 115712, 0, 0, 38464, 5238}));
  EXPECT_EQ(v5.strides, (std::vector<double>{8, 16}));
  // Three anchors a level where none are given.
  EXPECT_EQ(v5.layers.back().module.weight("anchors")->shape(), (Shape{2, 3, 2}));
  for (const Network* network : {&n, &v5}) graph_of(*network, 64);
}

TEST(Families, EqualOfficialCheckpoints) {
  const fs::path file = assets() / "pt/yolov5n.pt";
  if (!fs::exists(file)) GTEST_SKIP() << "no yolov5n.pt in SAKER_ASSETS";
  const auto bytes = read_named_file(file.string(), 1 << 30);
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  const Network official = made(pt::read_network(*bytes));
  FamilyOptions options;
  options.names = official.names;
  Network network = made(make_family("yolov5n", options));
  EXPECT_EQ(differences(network, official), std::vector<std::string>());

  const Transfer transfer = take_weights(network, official);
  EXPECT_EQ(transfer.left, std::vector<std::string>());
  EXPECT_EQ(transfer.taken, transfer.of);
  EXPECT_EQ(transfer.of, 292U);

  const Graph own = graph_of(network, 64), theirs = graph_of(official, 64);
  const std::vector<Tensor> picture = {random_tensor({1, 3, 64, 64}, 5, 0, 1)};
  const std::vector<Tensor> a = evaluate_graph(own, picture), b = evaluate_graph(theirs, picture);
  EXPECT_EQ(numbers(a[0]), numbers(b[0]));
}

// The family's table as the frameworks' files would have it.
std::string yaml_of(const Description& table) {
  std::string text = "nc: 80\n";
  const auto line = [&](const std::string& what) { text += what + "\n"; };
  if (table.anchors.empty()) {
    line("scales:\n  z: [9, 9, 9]");
    text += std::string("  ") + table.scale + ": [" + std::to_string(table.depth) + ", " + std::to_string(table.width) +
            ", " + std::to_string(table.max_channels) + "]\n";
  } else {
    line("depth_multiple: " + std::to_string(table.depth));
    line("width_multiple: " + std::to_string(table.width));
    line("anchors:");
    for (std::size_t i = 0; i < table.anchors.size(); i += 6) {
      text += "  - [";
      for (std::size_t k = i; k < i + 6; ++k) text += std::to_string(table.anchors[k]) + ",";
      line("]");
    }
  }
  line("backbone:");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    if (i == 10) line("head:");
    text += "  - [[";
    for (const std::int64_t from : row.from) text += std::to_string(from) + ",";
    text += "], " + std::to_string(row.repeats) + ", " + (row.type == "Upsample" ? "nn." : "") + row.type + ", [";
    for (const Argument& argument : row.arguments) text += argument[0] + ",";
    line("]]");
  }
  return text;
}

TEST(Families, YamlMakesTheSameNetwork) {
  for (const std::string name : {"yolov5n", "yolov8n", "yolo11n", "yolo11m"}) {
    SCOPED_TRACE(name);
    Network by_name = made(make_family(name, of_classes(3)));
    Network by_file = made(network_from_yaml(yaml_of(describe_family(name)), "a/" + name + "-own.yaml", of_classes(3)));
    EXPECT_EQ(differences(by_file, by_name), std::vector<std::string>());
    const std::string first = "model.0.conv.weight";
    EXPECT_EQ(numbers(weight_of(by_file, first)), numbers(weight_of(by_name, first)));
  }
}

std::string error_of(const std::string& text, const FamilyOptions& options = of_classes(2)) {
  const auto network = network_from_yaml(text, "yolov8n.yaml", options);
  return network.ok() ? "" : network.error().message;
}

TEST(Families, BadYaml) {
  const std::string start = "nc: 2\nbackbone:\n", head = "head:\n  - [[0], 1, Detect, [nc]]\n";
  const auto with = [&](const std::string& row) { return start + "  - " + row + "\n" + head; };
  EXPECT_EQ(error_of(with("[-1, 1, Conv, [8, 3, 2]]")), "");
  const std::pair<std::string, const char*> cases[] = {
      {"[1", "yolov8n.yaml: "},
      {"", "yolov8n.yaml:1: not a model file"},
      {"backbone: 3\nhead: 4", ":1: `backbone` is not a list"},
      {start + head, ":3: `backbone` is not a list"},
      {with("[-1, 1, Conv]"), "yolov8n.yaml:3: a layer is not [from, repeats, module, [arguments]]"},
      {with("[-1, 1, SwinBlock, [8]]"), "yolov8n.yaml:3: layer 0 (SwinBlock): no such module; there are A2C2f, AConv"},
      {with("[x, 1, Conv, [8]]"), "'x' is no number of a layer"},
      {with("[5, 1, Conv, [8]]"), "fed by layer 5, which is not there"},
      {with("[-2, 1, Conv, [8]]"), "fed by layer -2, which is not there"},
      {with("[[], 1, Conv, [8]]"), "nothing feeds it"},
      {with("[-1, 0, Conv, [8]]"), "`repeats` is not a number of 1 to 1000"},
      {with("[-1, 1, Conv, []]"), "its channels are missing"},
      {with("[-1, 1, Conv, [-8]]"), "layer 0 (Conv): its argument 1 is '-8'"},
      {with("[-1, 1, Conv, [8, 3000]]"), "its argument 1 is not one number of 1 to 64"},
      {with("[-1, 1, Conv, [8, 3, 2, None, 5]]"), "groups do not divide"},
      {with("[-1, 1, Conv, [999999]]"), "no whole number up to 65536"},
      {with("[-1, 9, Conv, [8]]"), "9 of it cannot follow each other"},
      {with("[-1, 3, C3, [8, maybe]]"), "neither True nor False"},
      {with("[-1, 1, nn.Upsample, [None, 2, bilinear]]"), "nearest neighbour"},
      {with("[-1, 1, Detect, [nc]]"), "only the last layer can be the head"},
      {with("[[-1, -1], 1, Conv, [8]]"), "it takes one input"},
      {start + "  - [-1, 1, Conv, [8]]\nhead:\n  - [-1, 1, Conv, [8]]", "the last layer is not Detect"},
      {start + "  - [-1, 1, Conv, [8, 3, 2]]\n  - [-1, 1, Conv, [8, 3, 2]]\n  - [[0, 1], 1, Concat, [1]]\n" + head,
       "yolov8n.yaml:5: layer 2 (Concat): it joins maps of different sizes"},
      {"activation: nn.Tanh()\n" + with("[-1, 1, Conv, [8]]"), "'nn.Tanh()' is not known; there are SiLU"},
      {"activation: nn.LeakyReLU(x)\n" + with("[-1, 1, Conv, [8]]"), "is not a number of 0 to 1"},
      {"depth_multiple: many\n" + with("[-1, 1, Conv, [8]]"), ":1: `depth_multiple` is not a number"},
      {"scales: {m: [1, 1, 1]}\n" + with("[-1, 1, Conv, [8]]"), "`scales` has no 'n:"},
      {"ch: 4\n" + with("[-1, 1, Conv, [8]]"), "only pictures of 3 channels"},
      {"width_multiple: 100\n" + with("[-1, 1000, C2f, [60000]]"), "channels"},
  };
  for (const auto& [text, message] : cases)
    EXPECT_NE(error_of(text).find(message), std::string::npos) << text << error_of(text);
  std::string many = "width_multiple: 100\n" + start;
  for (int i = 0; i < 40; ++i) many += "  - [-1, 1, Conv, [600, 3]]\n";
  EXPECT_NE(error_of(many + head).find("more than 300000000 parameters"), std::string::npos) << error_of(many + head);
  EXPECT_NE(error_of(std::string(2 << 20, ' ')).find("larger than"), std::string::npos);
  EXPECT_NE(error_of(with("[-1, 1, Conv, [8]]"), {}).find("0 classes"), std::string::npos);
}

TEST(Families, SaysWhatThereIs) {
  const auto network = make_family("yolov8", of_classes(2));
  ASSERT_FALSE(network.ok());
  EXPECT_EQ(network.error().code, ErrorCode::kNotFound);
  EXPECT_NE(network.error().message.find("'yolov8n'?"), std::string::npos) << network.error().message;
  EXPECT_NE(network.error().message.find("yolox-x"), std::string::npos);
  EXPECT_EQ(family_names().size(), 21U);
  EXPECT_FALSE(make_family("yolov5n", {}).ok());
  EXPECT_FALSE(yolox_network(0.33, 1e9, false, of_classes(2)).ok());
  EXPECT_FALSE(yolox_network(std::nan(""), 1, false, of_classes(2)).ok());
}

TEST(Families, MakeGraphs) {
  for (const std::string name : {"yolov5n", "yolov8n", "yolo11n", "yolox-nano", "yolox-tiny"}) {
    SCOPED_TRACE(name);
    const Graph graph = graph_of(made(make_family(name, of_classes(2))), 64);
    // 8 x 8, 4 x 4 and 2 x 2 cells.
    const Shape expected = name == "yolov5n"           ? Shape{1, 3 * 84, 7}
                           : name.starts_with("yolox") ? Shape{1, 84, 7}
                                                       : Shape{1, 6, 84};
    EXPECT_EQ(*graph.value(graph.outputs[0]).shape, expected);
  }
  const Graph odd = graph_of(made(yolox_network(1, 0.2, false, of_classes(2))), 64);
  EXPECT_EQ(*odd.value(odd.outputs[0]).shape, (Shape{1, 84, 7}));
}

void collect_activations(const Module& module, std::map<std::string, int>& counts) {
  if (module.class_path.find("activation") != std::string::npos || module.name == "act") ++counts[module.type];
  for (const Module& child : module.children) collect_activations(child, counts);
}

std::map<std::string, int> activations_of(const Network& network) {
  std::map<std::string, int> counts;
  for (const Layer& layer : network.layers) collect_activations(layer.module, counts);
  return counts;
}

TEST(Families, OtherActivations) {
  for (const std::string family : {"yolov5n", "yolo11n", "yolox-nano"}) {
    for (const std::string activation : {"SiLU", "Hardswish", "LeakyReLU", "ReLU"}) {
      SCOPED_TRACE(family + " " + activation);
      FamilyOptions options = of_classes(2);
      options.activation = activation;
      const Network network = made(make_family(family, options));
      std::map<std::string, int> counts = activations_of(network);
      counts.erase("Identity");
      EXPECT_EQ(counts.size(), 1U);
      EXPECT_GT(counts[activation], 50);
      graph_of(network, 64);
    }
    FamilyOptions options = of_classes(2);
    options.activation = "Tanh";
    EXPECT_FALSE(make_family(family, options).ok());
  }
  const Network many = made(network_from_yaml(text_of("many.yaml"), "yolo1n.yaml", of_classes(4)));
  const Module* act = many.layers[1].module.child("conv")->child("act");
  EXPECT_EQ(act->type, "LeakyReLU");
  EXPECT_EQ(act->number("negative_slope", 0), 0.2);
  EXPECT_EQ(many.layers[7].module.child("act")->type, "SiLU");  // BottleneckCSP's own
}

TEST(Families, SeedsMakeTheWeights) {
  FamilyOptions options = of_classes(2);
  options.seed = 7;
  Network one = made(make_family("yolov8n", options)), same = made(make_family("yolov8n", options));
  for (const NamedWeight& weight : named_weights(one)) {
    const Tensor &a = weight.module->weights.at(weight.of_module), &b = weight_of(same, weight.name);
    ASSERT_EQ(a.bytes(), b.bytes());
    EXPECT_EQ(std::memcmp(a.raw(), b.raw(), a.bytes()), 0) << weight.name;
    EXPECT_NE(a.raw(), b.raw());
  }
  const std::string first = "model.0.conv.weight";
  options.seed = 8;
  Network other = made(make_family("yolov8n", options));
  EXPECT_NE(numbers(weight_of(other, first)), numbers(weight_of(one, first)));
  // By name and seed alone: another network with such a layer has the same.
  options.seed = 7;
  Network eleven = made(make_family("yolo11n", options));
  EXPECT_EQ(numbers(weight_of(eleven, first)), numbers(weight_of(one, first)));
  EXPECT_NE(numbers(weight_of(one, "model.4.m.0.cv1.conv.weight")),
            numbers(weight_of(one, "model.4.m.1.cv1.conv.weight")));
  // The same on every machine: the first of mt19937_64 seeded with FNV-1a("model.0.conv.weight") ^ 7 * 2^64 / phi.
  const std::vector<float> known = {-0x1.232a2cp-7F, 0x1.b3fb8ap-4F, 0x1.13c136p-6F};
  EXPECT_EQ(std::vector<float>(weight_of(one, first).data<float>(), weight_of(one, first).data<float>() + 3), known);
}

TEST(Families, WeightsBeginAsInTorch) {
  Network network = made(make_family("yolov8n", of_classes(5)));
  const std::vector<float> weights = numbers(weight_of(network, "model.1.conv.weight"));
  const double within = 1 / std::sqrt(16.0 * 9);
  double squares = 0;
  for (const float weight : weights) {
    ASSERT_LE(std::abs(weight), within);
    squares += static_cast<double>(weight) * weight;
  }
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(weights.size())), within / std::sqrt(3), 0.02 * within);
  EXPECT_EQ(numbers(weight_of(network, "model.1.bn.weight")), std::vector<float>(32, 1));
  EXPECT_EQ(numbers(weight_of(network, "model.1.bn.running_var")), std::vector<float>(32, 1));
  EXPECT_EQ(numbers(weight_of(network, "model.1.bn.bias")), std::vector<float>(32, 0));
  EXPECT_EQ(numbers(weight_of(network, "model.1.bn.running_mean")), std::vector<float>(32, 0));
  EXPECT_EQ(*weight_of(network, "model.1.bn.num_batches_tracked").data<std::int64_t>(), 0);
  const std::vector<float> lengths = numbers(weight_of(network, "model.22.dfl.conv.weight"));
  ASSERT_EQ(lengths.size(), 16U);
  EXPECT_EQ(lengths[15], 15);
}

// Of Ultralytics 8.4.190, YOLOv5 7.0 and YOLOX 0.3.0.
TEST(Families, HeadsBeginWithRareObjects) {
  Network v8 = made(make_family("yolov8n", of_classes(5)));
  EXPECT_EQ(numbers(weight_of(v8, "model.22.cv2.1.2.bias")), std::vector<float>(64, 2));
  for (const float bias : numbers(weight_of(v8, "model.22.cv3.1.2.bias")))
    EXPECT_FLOAT_EQ(bias, static_cast<float>(std::log(5.0 / 5 / 1600)));
  FamilyOptions options = of_classes(5);
  Network v5 = made(make_family("yolov5n", options));
  const std::vector<float> biases = numbers(weight_of(v5, "model.24.m.2.bias"));
  ASSERT_EQ(biases.size(), 30U);
  const double within = 1 / std::sqrt(256.0);
  for (std::size_t i = 0; i < biases.size(); ++i) {
    const std::size_t place = i % 10;
    const double shift = place == 4 ? std::log(8.0 / 400) : place > 4 ? std::log(0.6 / (5 - 0.99999)) : 0;
    EXPECT_NEAR(biases[i], shift, within) << i;
  }
  Network yolox = made(make_family("yolox-nano", options));
  EXPECT_FLOAT_EQ(numbers(weight_of(yolox, "head.obj_preds.0.bias"))[0], static_cast<float>(-std::log(99.0)));
  EXPECT_FLOAT_EQ(numbers(weight_of(yolox, "head.cls_preds.2.bias"))[4], static_cast<float>(-std::log(99.0)));
  EXPECT_LE(std::abs(numbers(weight_of(yolox, "head.reg_preds.0.bias"))[0]), 1 / std::sqrt(64.0));
}

TEST(Families, Anchors) {
  FamilyOptions options = of_classes(2);
  Network v5 = made(make_family("yolov5n", options));
  const std::vector<float> own = numbers(weight_of(v5, "model.24.anchors"));
  EXPECT_EQ(own[0], 10.0F / 8);
  EXPECT_EQ(own[17], 326.0F / 32);
  options.anchors = {8, 16, 16, 32, 32, 64};
  v5 = made(make_family("yolov5n", options));
  EXPECT_EQ(numbers(weight_of(v5, "model.24.anchors")), (std::vector<float>{1, 2, 1, 2, 1, 2}));
  EXPECT_EQ(weight_of(v5, "model.24.m.0.weight").shape(), (Shape{7, 64, 1, 1}));
  options.anchors.pop_back();
  EXPECT_FALSE(make_family("yolov5n", options).ok());
  options.anchors = {8, 16, 16, 32, 32, -64};
  EXPECT_FALSE(make_family("yolov5n", options).ok());
}

TEST(Transfer, TakesWhatFits) {
  Network into = made(make_family("yolov8n", of_classes(3)));
  FamilyOptions options = of_classes(5);
  options.seed = 1;
  Network from = made(make_family("yolov8n", options));
  // One in half precision, one that is not there.
  for (const NamedWeight& weight : named_weights(from)) {
    Tensor& tensor = weight.module->weights.at(weight.of_module);
    if (weight.name == "model.0.conv.weight") {
      tensor = Tensor::make(DType::kFloat16, tensor.shape()).value();
      std::fill_n(tensor.data<std::uint16_t>(), tensor.elements(), std::uint16_t{0x3E00});  // 1.5
    }
  }
  from.layers[1].module.children[1].weights.erase("bias");
  const Transfer transfer = take_weights(into, from);
  EXPECT_EQ(transfer.of, 298U);
  EXPECT_EQ(transfer.taken + transfer.left.size(), transfer.of);
  EXPECT_EQ(transfer.left.size(), 7U);  // and the last weights and biases of three levels
  EXPECT_EQ(transfer.left[0], "model.1.bn.bias: not there");
  EXPECT_EQ(transfer.left[2], "model.22.cv3.0.2.weight: [5, 64, 1, 1] there, [3, 64, 1, 1] here");
  EXPECT_EQ(numbers(weight_of(into, "model.0.conv.weight")), std::vector<float>(16 * 27, 1.5F));
  const Tensor& taken = weight_of(into, "model.1.conv.weight");
  EXPECT_EQ(numbers(taken), numbers(weight_of(from, "model.1.conv.weight")));
  EXPECT_NE(taken.raw(), weight_of(from, "model.1.conv.weight").raw());
}

TEST(Transfer, OfAnotherFamilyTakesNothing) {
  Network into = made(make_family("yolov5n", of_classes(3)));
  const std::vector<float> before = numbers(weight_of(into, "model.1.conv.weight"));
  const Transfer transfer = take_weights(into, made(make_family("yolov8n", of_classes(3))));
  EXPECT_EQ(transfer.taken, 0U);
  EXPECT_GT(transfer.of, 100U);
  EXPECT_EQ(transfer.left, std::vector<std::string>{"they are of a network of Ultralytics, not of YOLOv5"});
  EXPECT_EQ(numbers(weight_of(into, "model.1.conv.weight")), before);
}

}  // namespace
}  // namespace saker::nets
