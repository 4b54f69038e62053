// A trained network for other classes: what is new, and that all else stays as it was.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "nets/families.h"

namespace saker::nets {
namespace {

Network trained(const std::string& name) {
  FamilyOptions options;
  options.names = {"cat", "dog"};
  auto network = make_family(name, options);
  EXPECT_TRUE(network.ok());
  float value = 0.5F;
  for (const NamedWeight& weight : named_weights(*network)) {
    Tensor& tensor = weight.module->weights.at(weight.of_module);
    if (tensor.dtype() != DType::kFloat32) continue;
    for (std::int64_t i = 0; i < tensor.elements(); ++i) tensor.data<float>()[i] = value += 0.001F;
  }
  network->metadata["names"] = "{0: 'cat', 1: 'dog'}";
  return std::move(*network);
}

std::map<std::string, std::vector<float>> numbers_of(Network& network) {
  std::map<std::string, std::vector<float>> numbers;
  for (const NamedWeight& weight : named_weights(network)) {
    const Tensor& tensor = weight.module->weights.at(weight.of_module);
    if (tensor.dtype() != DType::kFloat32) continue;
    numbers[weight.name].assign(tensor.data<float>(), tensor.data<float>() + tensor.elements());
  }
  return numbers;
}

const Tensor& weight_of(Network& network, const std::string& name) {
  for (const NamedWeight& weight : named_weights(network)) {
    if (weight.name == name) return weight.module->weights.at(weight.of_module);
  }
  ADD_FAILURE() << name;
  static const Tensor kNone;
  return kNone;
}

struct NewClassesCase {
  const char* family;
  const char* scores;  // the last convolution that gives them
  Shape shape;         // with five classes
};

class NewClasses : public testing::TestWithParam<NewClassesCase> {};

TEST_P(NewClasses, OnlyTheScoresAreNew) {
  const NewClassesCase& one = GetParam();
  Network before = trained(one.family);
  const auto kept = numbers_of(before);
  auto after = with_classes(before, {"a", "b", "c", "d", "e"}, 1);
  ASSERT_TRUE(after.ok()) << after.error().message;
  EXPECT_EQ(after->classes, 5);
  EXPECT_EQ(after->names.size(), 5U);
  EXPECT_EQ(after->layers.back().module.integer("nc", 0),
            after->layers.back().module.attributes.contains("nc") ? 5 : 0);
  EXPECT_TRUE(after->metadata.empty());
  EXPECT_EQ(weight_of(*after, std::string(one.scores) + ".weight").shape(), one.shape);
  std::size_t changed = 0;
  for (const auto& [name, numbers] : numbers_of(*after)) {
    if (numbers == kept.at(name)) continue;
    ++changed;
    const std::string part(one.scores, std::string_view(one.scores).size() - 2);  // of all levels
    EXPECT_TRUE(name.starts_with(part.substr(0, part.find('.', 9)))) << name;
  }
  EXPECT_EQ(changed, 6U);  // weights and biases of three levels
  EXPECT_TRUE(make_graph(*after).ok());
  EXPECT_EQ(numbers_of(before), kept);  // nothing is shared that was written to
}

INSTANTIATE_TEST_SUITE_P(Families, NewClasses,
                         testing::Values(NewClassesCase{"yolov5n", "model.24.m.0", {30, 64, 1, 1}},
                                         NewClassesCase{"yolov8n", "model.22.cv3.0.2", {5, 64, 1, 1}},
                                         NewClassesCase{"yolo11n", "model.23.cv3.0.2", {5, 64, 1, 1}},
                                         NewClassesCase{"yolox-nano", "head.cls_preds.0", {5, 64, 1, 1}}));

TEST(NewClasses, Refused) {
  Network network = trained("yolov8n");
  EXPECT_FALSE(with_classes(network, {}, 0).ok());
  network.layers.back().module.children.at(1).children.pop_back();  // of cv3
  const auto made = with_classes(network, {"a"}, 0);
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.error().message.find("no part 'cv3' for level 2"), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace saker::nets
