// A training of the tiny network on ten pictures, for tests of the loop and of what hooks into it.
#pragma once

#include <gtest/gtest.h>
#include <saker/image.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "base/text.h"
#include "train/train_fixture.h"
#include "train/trainer.h"

namespace saker::train {

namespace fs = std::filesystem;

// In place of LibTorch: maps that hang on all weights and pixels a little, and gradients that move every weight.
class FakeNet final : public TrainableNet {
 public:
  FakeNet(const nets::Network& network, std::span<float> numbers, std::span<float> gradients)
      : network_(network), numbers_(numbers), gradients_(gradients) {}

  Result<std::vector<losses::MapView>> forward(const Tensor& pixels, bool) override {
    const Shape& shape = pixels.shape();
    double sum = 0;
    for (std::int64_t i = 0; i < pixels.elements(); ++i) sum += pixels.data<std::uint8_t>()[i];
    mean_ = static_cast<float>(sum / static_cast<double>(pixels.elements()) / 255);
    maps_.clear();
    std::vector<losses::MapView> views;
    for (const double stride : network_.strides) {
      const auto h = shape[1] / static_cast<std::int64_t>(stride), w = shape[2] / static_cast<std::int64_t>(stride);
      for (const std::int64_t channels : {std::int64_t{64}, network_.classes}) {
        auto& map = maps_.emplace_back(static_cast<std::size_t>(shape[0] * channels * h * w * 2));
        const std::size_t half = map.size() / 2;
        for (std::size_t i = 0; i < half; ++i) map[i] = numbers_[i % numbers_.size()] * mean_;
        losses::MapView view;
        view.values = map.data();
        view.gradients = map.data() + half;
        view.batch = shape[0];
        view.channels = channels;
        view.height = h;
        view.width = w;
        view.strides[0] = channels * h * w;
        view.strides[1] = h * w;
        view.strides[2] = w;
        view.strides[3] = 1;
        views.push_back(view);
      }
    }
    if (spoilt_) maps_[1][0] = std::nanf("");
    return views;
  }

  Status backward() override {
    for (const std::vector<float>& map : maps_) {
      const std::size_t half = map.size() / 2;
      for (std::size_t i = 0; i < half; ++i) {
        const std::size_t at = i % numbers_.size();
        if (at < gradients_.size()) gradients_[at] += map[half + i] * mean_;
      }
    }
    return {};
  }

  bool spoilt_ = false;

 private:
  const nets::Network& network_;
  std::span<float> numbers_, gradients_;
  std::vector<std::vector<float>> maps_;
  float mean_ = 0;
};

class TrainerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("saker_trainer_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    data_.folder = folder_.string();
    data_.categories = {{0, "cat", ""}, {1, "dog", ""}};
    for (int i = 0; i < 10; ++i) {
      Image image{64, 48, std::vector<std::uint8_t>(64 * 48 * 3, static_cast<std::uint8_t>(20 * i))};
      const std::string file = std::to_string(i) + ".png";
      ASSERT_TRUE(write_image((folder_ / file).string(), image.view()).ok());
      data_.pictures.push_back({i, file, 64, 48});
      Annotation box;
      box.picture = i;
      box.category = i % 2;
      box.x = 5 + i;
      box.y = 4;
      box.w = 20;
      box.h = 15 + i;
      data_.annotations.push_back(box);
    }
  }
  void TearDown() override { fs::remove_all(folder_); }

  TrainOptions options(const std::string& run, std::int64_t epochs) {
    TrainOptions options = defaults_of(Recipe::kUltralytics);
    options.epochs = epochs;
    options.batch = 4;
    options.size = 64;
    options.close_mosaic = 1;
    options.optimizer = OptimizerChoice::kAdamW;
    options.schedule.lr0 = 0.001;
    options.schedule.nominal_batch = 16;
    options.folder = (folder_ / run).string();
    options.threads = 2;
    options.arguments = {{"epochs", std::to_string(epochs)}, {"data", "a b.yaml"}};
    fs::create_directories(options.folder);
    settle(options, data_.pictures.size(), data_.categories.size());
    return options;
  }

  MakeNet fake(bool spoilt = false) {
    return [spoilt](const nets::Network& network, const Weights&, std::span<float> numbers, std::span<float> gradients,
                    const NetOptions&) -> Result<std::unique_ptr<TrainableNet>> {
      auto net = std::make_unique<FakeNet>(network, numbers, gradients);
      net->spoilt_ = spoilt;
      return std::unique_ptr<TrainableNet>(std::move(net));
    };
  }

  fs::path folder_;
  Dataset data_;
};

// The weights and the state, without date and time.
inline std::map<std::string, std::vector<std::byte>> tensors_of(const std::string& run) {
  auto saved = read_state(run + "/weights/last.safetensors");
  EXPECT_TRUE(saved.ok()) << saved.error().message;
  std::map<std::string, std::vector<std::byte>> bytes;
  const auto put = [&](const std::string& name, const Tensor& tensor) {
    const auto* begin = static_cast<const std::byte*>(tensor.raw());
    bytes[name].assign(begin, begin + tensor.bytes());
  };
  for (const auto& [name, tensor] : saved->tensors) put("state." + name, tensor);
  for (const nets::NamedWeight& weight : nets::named_weights(saved->network))
    put(weight.name, weight.module->weights.at(weight.of_module));
  return bytes;
}

}  // namespace saker::train
