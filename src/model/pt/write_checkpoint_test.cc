// Networks written as checkpoints of their frameworks, and read again; what stands in them besides.
// tests/equivalence/written_checkpoints.py opens such files with the frameworks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "graph/ops/convert.h"
#include "model/pt/checkpoint.h"
#include "model/pt/facts.h"
#include "model/pt/modules.h"
#include "model/pt/write.h"
#include "model/pt/write_modules.h"
#include "nets/families.h"
#include "nets/yolox.h"
#include "support/small_networks.h"

namespace saker::pt {
namespace {

using namespace test_support;  // NOLINT(google-build-using-namespace): small networks

const TrainingFacts kFacts = {"2026-11-29T12:00:00",
                              -1,
                              {{"imgsz", "64"},
                               {"lr0", "0.01"},
                               {"rect", "false"},
                               {"data", "cats.yaml"},
                               {"seed", "~"},
                               {"name", "'7'"},
                               {"betas", "[0.9, [1, no]]"},
                               {"note", "a: b"},
                               {"odd", "&a [*a]"}}};

nets::Network small_yolov5() {
  const std::string package = "yolov5.models.common";
  nets::Module head = module("2", "yolov5.models.yolo.Detect",
                             {module("m", "torch.nn.modules.container.ModuleList",
                                     {conv2d("0", 8, 14, 1, 1, true), conv2d("1", 8, 14, 1, 1, true)})});
  head.weights["anchors"] = numbers(DType::kFloat32, {2, 2, 2});
  head.attributes["nc"] = std::int64_t{2};
  nets::Network network;
  network.family = "YOLOv5";
  network.name = "yolov5n";
  network.layers = {{conv("0", package, 3, 8, 6, 2), {-1}}, {conv("1", package, 8, 8, 3, 2), {-1}}, {head, {-2, 1}}};
  network.names = {"cat", "dog's"};
  network.classes = 2;
  network.strides = {2, 4};
  return finished(network);
}

// YOLOX with one filter a layer and two classes.
nets::Network small_yolox() {
  Weights weights;
  const auto add = [&](const std::string& name, Shape shape) { weights[name] = numbers(DType::kFloat32, shape); };
  const auto conv_bn = [&](const std::string& name, std::int64_t inputs, std::int64_t kernel) {
    add(name + ".conv.weight", {1, inputs, kernel, kernel});
    for (const char* part : {"weight", "bias", "running_mean", "running_var"}) add(name + ".bn." + part, {1});
    weights[name + ".bn.num_batches_tracked"] = numbers(DType::kInt64, {});
  };
  const auto csp = [&](const std::string& name, std::int64_t inputs) {
    conv_bn(name + ".conv1", inputs, 1);
    conv_bn(name + ".conv2", inputs, 1);
    conv_bn(name + ".conv3", 2, 1);
    conv_bn(name + ".m.0.conv1", 1, 1);
    conv_bn(name + ".m.0.conv2", 1, 3);
  };
  conv_bn("backbone.backbone.stem.conv", 12, 3);
  for (int i = 2; i <= 5; ++i) {
    conv_bn(fmt::format("backbone.backbone.dark{}.0", i), 1, 3);
    csp(fmt::format("backbone.backbone.dark{}.{}", i, i == 5 ? 2 : 1), 1);
  }
  conv_bn("backbone.backbone.dark5.1.conv1", 1, 1);
  conv_bn("backbone.backbone.dark5.1.conv2", 4, 1);
  for (const auto& [name, kernel] :
       {std::pair("lateral_conv0", 1), {"reduce_conv1", 1}, {"bu_conv2", 3}, {"bu_conv1", 3}})
    conv_bn(fmt::format("backbone.{}", name), 1, kernel);
  for (const char* name : {"C3_p4", "C3_p3", "C3_n3", "C3_n4"}) csp(fmt::format("backbone.{}", name), 2);
  for (int level = 0; level < 3; ++level) {
    conv_bn(fmt::format("head.stems.{}", level), 1, 1);
    for (const char* branch : {"cls", "reg"}) {
      for (int i = 0; i < 2; ++i) conv_bn(fmt::format("head.{}_convs.{}.{}", branch, level, i), 1, 3);
    }
    for (const auto& [name, filters] : {std::pair("cls", 2), {"reg", 4}, {"obj", 1}}) {
      add(fmt::format("head.{}_preds.{}.weight", name, level), {filters, 1, 1, 1});
      add(fmt::format("head.{}_preds.{}.bias", name, level), {filters});
    }
  }
  nets::Network network = *nets::yolox_from_weights(weights);
  network.names = {"cat", "dog's"};
  return network;
}

std::vector<std::byte> written(const nets::Network& network) {
  auto file = write_checkpoint(network, kFacts);
  EXPECT_TRUE(file.ok()) << file.error().message;
  return file.ok() ? std::move(*file) : std::vector<std::byte>();
}

nets::Network read(const std::vector<std::byte>& file) {
  auto network = read_network(bytes_of(file));
  EXPECT_TRUE(network.ok()) << network.error().message;
  return network.ok() ? std::move(*network) : nets::Network();
}

// What `module` should be as read again: weights in float16, classes by the repository's names, and whatever
// attributes the templates have added, but none changed.
void expect_written(nets::Module module, const nets::Module& found) {
  std::function<void(nets::Module&, const nets::Module&)> adapt = [&](nets::Module& m, const nets::Module& read) {
    m.class_path = *class_path_of(m);
    for (auto& [name, tensor] : m.weights) {
      if (tensor.dtype() == DType::kFloat32) tensor = *ops::converted(tensor, DType::kFloat16);
    }
    if (m.type == "BatchNorm2d" && m.weight("num_batches_tracked") == nullptr) {
      ASSERT_NE(read.weight("num_batches_tracked"), nullptr) << m.path;
      m.weights["num_batches_tracked"] = *read.weight("num_batches_tracked");
    }
    for (const auto& [name, value] : m.attributes) {
      if (name == "training" || name == "type") continue;
      const auto same = read.attributes.find(name);
      ASSERT_NE(same, read.attributes.end()) << m.path << " " << name;
      EXPECT_EQ(same->second, value) << m.path << " " << name;
    }
    m.attributes = read.attributes;
    ASSERT_EQ(m.children.size(), read.children.size()) << m.path;
    for (std::size_t i = 0; i < m.children.size(); ++i) adapt(m.children[i], read.children[i]);
  };
  adapt(module, found);
  expect_same(found, module);
}

// A file written, and the state of its model.
struct Opened {
  explicit Opened(const nets::Network& network)
      : bytes(bytes_of(written(network))), budget(bytes.size), checkpoint(*open_checkpoint(bytes, budget)) {}
  const Value& root() const { return checkpoint.pickle.root; }
  const Value& model() const { return *root().find("model"); }
  // Of the model's layers.
  const Value& layer(const char* index) const {
    const Value& sequence = *attribute_of(model(), "_modules")->find("model");
    return *attribute_of(sequence, "_modules")->find(index);
  }
  static const Value& part(const Value& module, const char* name) {
    return *attribute_of(module, "_modules")->find(name);
  }

  FileBytes bytes;
  Budget budget;
  Checkpoint checkpoint;
};

TEST(WriteCheckpoint, ReadBack) {
  for (const nets::Network& network : {small_ultralytics(), small_yolov5()}) {
    const std::vector<std::byte> file = written(network);
    EXPECT_EQ(written(network), file);
    const nets::Network found = read(file);
    EXPECT_EQ(found.family, network.family);
    EXPECT_EQ(found.name, network.name);
    EXPECT_EQ(found.names, network.names);
    EXPECT_EQ(found.strides, network.strides);
    EXPECT_EQ(found.metadata.at("imgsz"), "[64, 64]");
    ASSERT_EQ(found.layers.size(), network.layers.size());
    for (std::size_t i = 0; i < found.layers.size(); ++i) {
      EXPECT_EQ(found.layers[i].from, network.layers[i].from);
      expect_written(network.layers[i].module, found.layers[i].module);
    }
    EXPECT_EQ(written(found), file);  // nothing is lost, nothing is added a second time
  }
}

TEST(WriteCheckpoint, Yolox) {
  const nets::Network network = small_yolox();
  nets::Network expected = network;
  expected.metadata["names"] = "{0: 'cat', 1: 'dog\\'s'}";
  const std::vector<std::byte> file = written(network);
  expect_same(read(file), expected);
  EXPECT_EQ(written(read(file)), file);
}

// Of a network that was read from weights without them, in YOLOX all the same.
TEST(WriteCheckpoint, YoloxCountsBatches) {
  nets::Network network = small_yolox();
  nets::Module& norm = network.layers[0].module.children[0].children[0];
  ASSERT_EQ(norm.type, "BatchNorm2d");
  norm.weights.erase("num_batches_tracked");
  const Opened file(network);
  EXPECT_NE(file.model().find("backbone.backbone.stem.conv.bn.num_batches_tracked"), nullptr);
}

TEST(WriteCheckpoint, RealCheckpoint) {
  const auto network = real_network("yolov5n.pt");
  if (!network) GTEST_SKIP() << "needs the checkpoints of SAKER_ASSETS";
  const nets::Network found = read(written(*network));
  ASSERT_EQ(found.layers.size(), 25U);
  for (std::size_t i = 0; i < found.layers.size(); ++i)
    expect_written(network->layers[i].module, found.layers[i].module);
  EXPECT_EQ(written(found), written(*network));
}

// As Python's repr has it.
std::string text_of(const Value& value) {
  std::string text;
  switch (value.kind) {
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return value.truth ? "True" : "False";
    case Kind::kInt:
      return std::to_string(value.whole);
    case Kind::kFloat:
      return fmt::format("{}", value.real);
    case Kind::kText:
      return "'" + value.text() + "'";
    default:
      for (const Value& item : value.items()) text += (text.empty() ? "" : ", ") + text_of(item);
      return value.kind == Kind::kTuple ? "(" + text + ")" : "[" + text + "]";
  }
}

TEST(WriteCheckpoint, WhatTheFrameworksLookFor) {
  const Opened file(small_ultralytics());
  EXPECT_EQ(file.model().text(), "ultralytics.nn.tasks.DetectionModel");
  for (const char* none : {"ema", "optimizer", "best_fitness", "updates"})
    EXPECT_EQ(file.root().find(none)->kind, Kind::kNone) << none;
  EXPECT_EQ(file.root().find("epoch")->integer(0), -1);
  EXPECT_EQ(text_of(*file.root().find("train_args")),
            "['imgsz', 64, 'lr0', 0.01, 'rect', False, 'data', 'cats.yaml', 'seed', None, 'name', '7', 'betas', "
            "[0.9, [1, 'no']], 'note', 'a: b', 'odd', '&a [*a]']");
  EXPECT_EQ(text_of(*attribute_of(file.model(), "save")), "[1]");
  EXPECT_EQ(text_of(*attribute_of(file.model(), "names")), "[0, 'cat', 1, 'dog's']");
  EXPECT_EQ(attribute_of(file.model(), "task")->text(), "detect");
  const Value& yaml = *attribute_of(file.model(), "yaml");
  EXPECT_EQ(text_of(*yaml.find("backbone")), "[[-1, 1, 'Conv', [8, 3, 2, 1, 1]], [-1, 1, 'Conv', [8, 3, 2, 1, 1]]]");
  EXPECT_EQ(text_of(*yaml.find("head")), "[[1, 1, 'Detect', ['nc']]]");
  EXPECT_EQ(yaml.find("nc")->integer(0), 2);
  const Opened yolov5(small_yolov5());
  EXPECT_EQ(yolov5.model().text(), "models.yolo.DetectionModel");
  EXPECT_EQ(yolov5.layer("0").text(), "models.common.Conv");
  EXPECT_EQ(text_of(*attribute_of(yolov5.model(), "yaml")->find("head")),
            "[[[-2, 1], 1, 'Detect', ['nc', 'anchors']]]");
  EXPECT_EQ(text_of(*attribute_of(yolov5.model(), "yaml")->find("anchors")),
            "[[-1.125, 1.125, 1, 0.875], [1.5, 1.25, 1, 0.75]]");  // in pixels: cells times 2 and 4
  EXPECT_EQ(text_of(*attribute_of(yolov5.model(), "save")), "[0, 1]");
  EXPECT_TRUE(yolov5.root().find("opt")->find("imgsz") != nullptr);
}

// But for the numbers of the weights, which both begin with at random.
void expect_alike(const nets::Module& a, const nets::Module& b) {
  EXPECT_EQ(a.path, b.path);
  EXPECT_EQ(a.type, b.type) << b.path;
  EXPECT_EQ(a.attributes, b.attributes) << b.path;
  ASSERT_EQ(a.weights.size(), b.weights.size()) << b.path;
  for (const auto& [name, tensor] : b.weights) {
    ASSERT_NE(a.weight(name), nullptr) << b.path << "." << name;
    EXPECT_EQ(a.weight(name)->shape(), tensor.shape()) << b.path << "." << name;
  }
  ASSERT_EQ(a.children.size(), b.children.size()) << b.path;
  for (std::size_t i = 0; i < b.children.size(); ++i) expect_alike(a.children[i], b.children[i]);
}

// What a framework builds when a training goes on from the file, here built by saker.
TEST(WriteCheckpoint, DescriptionsMakeTheSameNetwork) {
  nets::FamilyOptions options;
  options.names = {"cat", "dog", "cow"};
  for (const char* name : {"yolov5n", "yolov8n", "yolo11n"}) {
    options.activation = std::string_view(name) == "yolov8n" ? "LeakyReLU" : "";
    const auto network = nets::make_family(name, options);
    ASSERT_TRUE(network.ok()) << network.error().message;
    const Opened file(*network);
    const Value& yaml = *attribute_of(file.model(), "yaml");
    std::string text = fmt::format("nc: 3\n");
    for (const char* key : {"anchors", "activation", "backbone", "head"}) {
      if (const Value* value = yaml.find(key)) text += fmt::format("{}: {}\n", key, text_of(*value));
    }
    nets::FamilyOptions plain;
    plain.names = options.names;
    const auto again = nets::network_from_yaml(text, "again.yaml", plain);
    ASSERT_TRUE(again.ok()) << again.error().message;
    ASSERT_EQ(again->layers.size(), network->layers.size());
    for (std::size_t i = 0; i < network->layers.size(); ++i) {
      EXPECT_EQ(again->layers[i].from, network->layers[i].from);
      expect_alike(again->layers[i].module, network->layers[i].module);
    }
    EXPECT_EQ(again->strides, network->strides);
  }
}

std::vector<std::string> keys_of(const Value& object) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < object.state()->items().size(); i += 2) keys.push_back(object.state()->items()[i].text());
  std::ranges::sort(keys);
  return keys;
}

// The attributes of objects of torch 2.15, listed by `sorted(module.__dict__)`.
TEST(WriteCheckpoint, ObjectsHaveWhatTorchGivesThem) {
  const std::vector<std::string> of_all = {"_backward_hooks",
                                           "_backward_pre_hooks",
                                           "_buffers",
                                           "_forward_hooks",
                                           "_forward_hooks_always_called",
                                           "_forward_hooks_with_kwargs",
                                           "_forward_pre_hooks",
                                           "_forward_pre_hooks_with_kwargs",
                                           "_is_full_backward_hook",
                                           "_load_state_dict_post_hooks",
                                           "_load_state_dict_pre_hooks",
                                           "_modules",
                                           "_non_persistent_buffers_set",
                                           "_parameters",
                                           "_state_dict_hooks",
                                           "_state_dict_pre_hooks",
                                           "training"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), of_all.begin(), of_all.end());
    std::ranges::sort(more);
    return more;
  };
  const Opened file(small_ultralytics());
  const Value& first = file.layer("0");
  EXPECT_EQ(keys_of(first), with({"f", "i", "np", "type"}));
  EXPECT_EQ(attribute_of(first, "np")->integer(0), 8 * 3 * 3 * 3 + 16);
  const Value& conv = Opened::part(first, "conv");
  EXPECT_EQ(keys_of(conv), with({"_reversed_padding_repeated_twice", "dilation", "groups", "in_channels", "kernel_size",
                                 "out_channels", "output_padding", "padding", "padding_mode", "stride", "transposed"}));
  EXPECT_EQ(text_of(*attribute_of(conv, "kernel_size")), "(3, 3)");
  EXPECT_EQ(attribute_of(conv, "in_channels")->integer(0), 3);
  EXPECT_EQ(attribute_of(conv, "_parameters")->find("bias")->kind, Kind::kNone);
  const Value& norm = Opened::part(first, "bn");
  EXPECT_EQ(keys_of(norm), with({"affine", "eps", "momentum", "num_features", "track_running_stats"}));
  EXPECT_EQ(attribute_of(norm, "_buffers")->items().size(), 6U);
  EXPECT_EQ(keys_of(file.layer("2")),
            with({"anchors", "f", "i", "inplace", "nc", "nl", "no", "np", "reg_max", "stride", "strides", "type"}));
  // One object for all activations.
  EXPECT_EQ(Opened::part(first, "act").container, Opened::part(file.layer("1"), "act").container);
}

TEST(WriteCheckpoint, LargeNumbersStayFinite) {
  nets::Network network = small_ultralytics();
  network.layers[0].module.children[1].weights["running_var"].data<float>()[0] = 1e6F;
  const nets::Network found = read(written(network));
  const Tensor wide = *ops::converted(*found.layers[0].module.child("bn")->weight("running_var"), DType::kFloat32);
  EXPECT_EQ(wide.data<float>()[0], 65504);
}

TEST(WriteCheckpoint, Refused) {
  const auto error_of = [](const std::function<void(nets::Network&)>& change) {
    nets::Network network = small_ultralytics();
    change(network);
    const auto file = write_checkpoint(network, kFacts);
    return file.ok() ? Error{ErrorCode::kInternal, "written"} : file.error();
  };
  const auto first = [](nets::Network& n) -> nets::Module& { return n.layers[0].module; };
  // Classes that whoever opens the file would import.
  for (const char* hostile : {"os.system", "models\nos.system", "ultralytics.nn.modules.x\nsystem", "", "Conv"}) {
    const Error error = error_of([&](nets::Network& n) { first(n).children[0].class_path = hostile; });
    EXPECT_EQ(error.code, ErrorCode::kUnsupported) << hostile;
    EXPECT_NE(error.message.find("model.0.conv (Conv2d) is of the class"), std::string::npos) << error.message;
  }
  EXPECT_NE(
      error_of([&](nets::Network& n) { first(n).type = "Mamba"; }).message.find("model.0 (Mamba): saker does not"),
      std::string::npos);
  const Error odd =
      error_of([&](nets::Network& n) { first(n) = conv("0", "ultralytics.nn.modules.conv", 3, 7, 3, 2); });
  EXPECT_NE(odd.message.find("has 7 filters"), std::string::npos) << odd.message;
  const Error deep = error_of([&](nets::Network& n) {
    nets::Module within = first(n).children[0];
    for (int i = 0; i < 50; ++i) within = module("0", "torch.nn.modules.container.Sequential", {within});
    first(n).children[0] = within;
  });
  EXPECT_EQ(deep.code, ErrorCode::kLimit);
  const Error bad = error_of([&](nets::Network& n) { first(n).weights["w"] = *Tensor::make(DType::kUint32, {1}); });
  EXPECT_NE(bad.message.find("no tensors of uint32"), std::string::npos) << bad.message;
  EXPECT_EQ(error_of([&](nets::Network& n) { n.layers.clear(); }).code, ErrorCode::kInvalid);
  const Error headless = error_of([&](nets::Network& n) { n.layers.pop_back(); });
  EXPECT_NE(headless.message.find("is no head"), std::string::npos) << headless.message;
}

}  // namespace
}  // namespace saker::pt
