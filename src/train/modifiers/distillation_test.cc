// Who learns from whom, when, and what is said where that cannot be. The arithmetic is losses/distillation_test.cc's.
#include "train/modifiers/distillation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "train/train_fixture.h"

namespace saker::train {
namespace {

// Maps of two classes whose every number is the network's first weight; of layers that are watched, too.
class FlatNet final : public TrainableNet {
 public:
  FlatNet(const nets::Network& network, std::span<float> numbers) : network_(network), numbers_(numbers) {}

  Result<std::vector<losses::MapView>> forward(const Tensor& pixels, bool) override {
    ++runs;
    numbers_of_maps_.clear();
    views_.clear();
    std::vector<losses::MapView> maps;
    for (const double stride : network_.strides) {
      for (const std::int64_t channels : {std::int64_t{64}, network_.classes})
        maps.push_back(map(pixels.shape()[0], channels, pixels.shape()[1] / static_cast<std::int64_t>(stride)));
    }
    for (std::size_t i = 0; i < watched_.size(); ++i) views_.push_back(map(pixels.shape()[0], layer_channels, 2));
    return maps;
  }
  Status backward() override { return {}; }
  Result<std::size_t> watch(const std::vector<std::string>& paths) override {
    const std::size_t first = watched_.size();
    for (const std::string& path : paths) {
      if (nets::find_module(network_, path) == nullptr) return Error{ErrorCode::kNotFound, "no module '" + path + "'"};
      watched_.push_back(path);
    }
    return first;
  }
  std::vector<losses::MapView> watched() override { return views_; }

  static inline int runs = 0;
  static inline std::int64_t layer_channels = 8;

 private:
  losses::MapView map(std::int64_t batch, std::int64_t channels, std::int64_t side) {
    const auto count = static_cast<std::size_t>(batch * channels * side * side);
    auto& numbers = numbers_of_maps_.emplace_back(2 * count, numbers_[0]);
    std::fill_n(numbers.data() + count, count, 1.0F);
    return {numbers.data(),
            numbers.data() + count,
            batch,
            channels,
            side,
            side,
            {channels * side * side, side * side, side, 1}};
  }

  const nets::Network& network_;
  std::span<float> numbers_;
  std::vector<std::string> watched_;
  std::vector<std::vector<float>> numbers_of_maps_;
  std::vector<losses::MapView> views_;
};

Result<std::unique_ptr<TrainableNet>> make_flat(const nets::Network& network, const Weights&, std::span<float> numbers,
                                                std::span<float>, const NetOptions&) {
  return std::unique_ptr<TrainableNet>(std::make_unique<FlatNet>(network, numbers));
}

// A teacher whose maps are all `value`.
std::shared_ptr<const nets::Network> teacher_of(float value) {
  auto network = std::make_shared<nets::Network>(tiny_network());
  Weights weights(*network, [](const std::string&) { return true; });
  std::vector<float> numbers(weights.size(), value);
  weights.write(numbers);
  return network;
}

class DistillationTest : public testing::Test {
 protected:
  DistillationTest()
      : network_(tiny_network()),
        weights_(network_, [](const std::string&) { return false; }),
        numbers_(weights_.size(), 1.0F),
        gradients_(weights_.trained()),
        optimizer_(OptimizerKind::kSgd, weights_, 0),
        net_(network_, numbers_),
        parts_{network_, weights_, numbers_, gradients_, numbers_, optimizer_, net_, 1, &make_net_, {}},
        pixels_(std::move(*Tensor::make(DType::kUint8, {3, 64, 64, 3}))) {
    FlatNet::layer_channels = 8;
  }

  // Of the network itself where there is no other.
  Teaching by(std::shared_ptr<const nets::Network> teacher) const {
    Teaching teaching;
    teaching.by = teacher == nullptr ? Teaching::By::kItself : Teaching::By::kNetwork;
    teaching.student = std::make_shared<nets::Network>(network_);
    teaching.teacher = std::move(teacher);
    return teaching;
  }
  static recipe::Modifier modifier(recipe::Action action, double start = -1, double end = -1) {
    recipe::Modifier modifier;
    modifier.type = "SomeModifier";
    modifier.file = "r.md";
    modifier.line = 17;
    modifier.start_epoch = start;
    modifier.end_epoch = end;
    modifier.action = std::move(action);
    return modifier;
  }

  // What it adds to the loss of a batch.
  Result<double> batch(TrainModifier& learner, double epoch) {
    if (const Status status = learner.before_batch(parts_, epoch); !status.ok()) return status.error();
    maps_ = *net_.forward(pixels_, true);
    return learner.after_losses(parts_, pixels_, maps_);
  }

  nets::Network network_;
  Weights weights_;
  std::vector<float> numbers_, gradients_;
  Optimizer optimizer_;
  FlatNet net_;
  MakeNet make_net_ = make_flat;
  TrainParts parts_;
  Tensor pixels_;
  std::vector<losses::MapView> maps_;
};

TEST_F(DistillationTest, OnlyFromItsStartToItsEnd) {
  const auto learner =
      make_output_distillation(modifier(recipe::OutputDistillation{0.25, 2}, 1, 2.5), by(teacher_of(3)));
  ASSERT_TRUE(learner->begin(parts_, 0).ok());
  for (const double epoch : {0.0, 0.99, 2.5, 7.0}) {
    FlatNet::runs = 0;
    EXPECT_EQ(*batch(*learner, epoch), 0);
    EXPECT_EQ(maps_[1].gradients[0], 1);
    EXPECT_EQ(FlatNet::runs, 1) << "the teacher is not asked for nothing";
  }
  for (const double epoch : {1.0, 2.49}) EXPECT_GT(*batch(*learner, epoch), 0);
}

// All scores are 1 of the student and 3 of the teacher, in every cell, and boxes are the same.
TEST_F(DistillationTest, HardnessSharesTheGradients) {
  const auto learner = make_output_distillation(modifier(recipe::OutputDistillation{0.25, 2}), by(teacher_of(3)));
  ASSERT_TRUE(learner->begin(parts_, 0).ok());
  const double p = 1 / (1 + std::exp(-1.5)), q = 1 / (1 + std::exp(-0.5));
  const double of_score = 4 * (p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q)));
  const double share = 0.25 * 3;  // hardness, pictures
  EXPECT_NEAR(*batch(*learner, 0), share * 2 * of_score, 1e-6);
  const double cells = 3 * (8 * 8 + 4 * 4 + 2 * 2);
  EXPECT_NEAR(maps_[1].gradients[0], 0.75 + share * 2 * (q - p) / cells, 1e-6);
  EXPECT_NEAR(maps_[0].gradients[0], 0.75, 1e-6);
}

TEST_F(DistillationTest, TheStudentItselfAsItWasWhenItBegan) {
  const recipe::Modifier how = modifier(recipe::OutputDistillation{}, 1);
  const auto learner = make_output_distillation(how, by(nullptr));
  ASSERT_TRUE(learner->begin(parts_, 0).ok());
  EXPECT_EQ(*batch(*learner, 0), 0);
  EXPECT_TRUE(learner->state().empty());
  std::ranges::fill(numbers_, 3.0F);
  EXPECT_NEAR(*batch(*learner, 1), 0, 1e-6);
  std::ranges::fill(numbers_, 1.0F);
  const double now = *batch(*learner, 1.5);
  EXPECT_GT(now, 0.1);
  // A run that goes on has the same teacher, whatever the weights have become.
  const auto resumed = make_output_distillation(how, by(nullptr));
  ASSERT_TRUE(resumed->restore(weights_, learner->state()).ok());
  ASSERT_TRUE(resumed->begin(parts_, 0).ok());
  EXPECT_EQ(*batch(*resumed, 1.5), now);
}

TEST_F(DistillationTest, SaysWhyATeacherDoesNotFit) {
  nets::FamilyOptions other;
  other.names = {"a", "b", "c"};
  const auto more = std::make_shared<nets::Network>(std::move(*nets::make_family("yolov8n", other)));
  other.names = {"a", "b"};
  const auto anchors = std::make_shared<nets::Network>(std::move(*nets::make_family("yolov5n", other)));
  for (const auto& [teacher, says] : {std::pair(more, "finds 3 classes"), {anchors, "a head of YOLOv5"}}) {
    const auto learner = make_output_distillation(modifier(recipe::OutputDistillation{}), by(teacher));
    const Status status = learner->check(weights_);
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.error().message.find(says), std::string::npos) << status.error().message;
    EXPECT_NE(status.error().message.find("r.md, line 17"), std::string::npos) << status.error().message;
  }
}

TEST_F(DistillationTest, WithoutATeacherItSaysThatItDoesNothing) {
  for (const auto& learner : {make_output_distillation(modifier(recipe::OutputDistillation{}), {}),
                              make_layer_distillation(modifier(recipe::LayerDistillation{}), {})}) {
    ASSERT_TRUE(learner->begin(parts_, 0).ok());
    EXPECT_EQ(*batch(*learner, 0), 0);
    EXPECT_EQ(maps_[1].gradients[0], 1);
    ASSERT_EQ(learner->notes(weights_).size(), 1U);
    EXPECT_NE(learner->notes(weights_)[0].find("SomeModifier does nothing"), std::string::npos);
  }
}

TEST_F(DistillationTest, LayersByName) {
  recipe::LayerDistillation action;
  action.gain = 0.5;
  action.student_layers = {"model.1.conv"};
  const auto learner = make_layer_distillation(modifier(action), by(teacher_of(3)));
  ASSERT_TRUE(learner->begin(parts_, 0).ok());
  const double expected = 0.5 * 3 * 4 / (9 + 1e-6);  // gain, pictures, (1 - 3)^2, the teacher's squares
  EXPECT_NEAR(*batch(*learner, 0), expected, 1e-6);
  EXPECT_EQ(maps_[0].gradients[0], 1);  // the task's are whole
  EXPECT_NEAR(net_.watched()[0].gradients[0], 0.5 * 3 * 2 * (1 - 3) / (9 + 1e-6) / (3 * 8 * 2 * 2), 1e-6);
}

// Without names all convolutions; beside other modifiers that watch, too.
TEST_F(DistillationTest, LayersOfEveryConvolution) {
  ASSERT_TRUE(net_.watch({"model.0"}).ok());
  const auto learner = make_layer_distillation(modifier(recipe::LayerDistillation{}), by(teacher_of(3)));
  ASSERT_TRUE(learner->begin(parts_, 0).ok());
  ASSERT_TRUE(net_.forward(pixels_, true).ok());
  EXPECT_EQ(net_.watched().size(), 1U + 5 + 3 * 6);  // the trunk's, and three of two branches a level
  ASSERT_TRUE(batch(*learner, 0).ok());
  EXPECT_EQ(net_.watched()[0].gradients[0], 1);
  EXPECT_NE(net_.watched()[1].gradients[0], 1);
}

TEST_F(DistillationTest, SaysWhichLayersDoNotFit) {
  const auto error_of = [&](const recipe::LayerDistillation& action) -> std::string {
    const auto learner = make_layer_distillation(modifier(action), by(teacher_of(3)));
    if (const Status status = learner->check(weights_); !status.ok()) return status.error().message;
    EXPECT_TRUE(learner->begin(parts_, 0).ok());
    const auto added = batch(*learner, 0);
    return added.ok() ? "" : added.error().message;
  };
  recipe::LayerDistillation action;
  action.project_features = true;
  EXPECT_NE(error_of(action).find("project_features"), std::string::npos);
  action = {};
  action.student_layers = {"model.1.conv", "model.77"};
  EXPECT_NE(error_of(action).find("student_layer_names: there is no layer 'model.77'"), std::string::npos)
      << error_of(action);
  action.teacher_layers = {"model.1.conv"};
  EXPECT_NE(error_of(action).find("2 layers of the network and 1 of the teacher"), std::string::npos);
}

}  // namespace
}  // namespace saker::train
