// A detector small enough to be written by hand, as ONNX protobuf bytes.
#include "tiny_model.h"

#include <cstdint>
#include <vector>

#include "support/onnx_writer.h"

namespace saker::testing {
namespace {

using test_support::ModelWriter, test_support::ProtoWriter;

constexpr int kSide = 64, kClasses = 3, kChannels = 4 + kClasses;
constexpr int kStrides[] = {8, 16, 32};

// One level: a convolution of its stride. Only the finest one looks at the picture.
void add_level(ModelWriter& model, int stride) {
  const std::string name = std::to_string(stride);
  const auto area = static_cast<std::size_t>(stride * stride);
  std::vector<float> weights(static_cast<std::size_t>(kChannels) * 3 * area, 0.0F);
  std::vector<float> bias(kChannels, 0.0F);
  for (std::size_t c = 0; c < kClasses; ++c) {
    if (stride != kStrides[0]) {
      bias[4 + c] = -1;
      continue;
    }
    for (std::size_t k = 0; k < 3 * area; ++k)
      weights[(4 + c) * 3 * area + k] = (k / area == c ? 1.0F : -0.5F) / static_cast<float>(area);
  }
  model.constant(test_support::float_tensor("w" + name, {kChannels, 3, stride, stride}, weights));
  model.constant(test_support::float_tensor("b" + name, {kChannels}, bias));
  model.node(
      "Conv", {"images", "w" + name, "b" + name}, {"conv" + name},
      {test_support::ints_attr("kernel_shape", {stride, stride}), test_support::ints_attr("strides", {stride, stride})},
      "Conv_conv" + name);
  model.node("Reshape", {"conv" + name, "flat"}, {"level" + name}, {}, "Reshape_level" + name);
}

// Centre and size of each cell, in pixels.
std::vector<float> boxes() {
  std::vector<std::vector<float>> rows(kChannels);
  for (const int stride : kStrides) {
    for (int cell = 0; cell < (kSide / stride) * (kSide / stride); ++cell) {
      const auto side = static_cast<float>(stride);
      const float values[kChannels] = {static_cast<float>(cell % (kSide / stride)) * side + side / 2,
                                       static_cast<float>(cell / (kSide / stride)) * side + side / 2, side, side};
      for (std::size_t c = 0; c < kChannels; ++c) rows[c].push_back(values[c]);
    }
  }
  std::vector<float> flat;
  for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
  return flat;
}

}  // namespace

std::string tiny_detector(const TinyModel& variant) {
  constexpr std::int64_t kCells = 84;
  const std::int64_t batch = variant.open_batch ? test_support::kOpenExtent : variant.batch;
  const std::string sum = variant.foreign || variant.gain ? "sum" : "output0";
  ModelWriter model(13);
  model.graph().bytes(2, "tiny");
  model.constant(test_support::raw_tensor<std::int64_t>("flat", test_support::kOnnxInt64, {3}, {0, kChannels, -1}));
  for (const int stride : kStrides) add_level(model, stride);
  model.constant(test_support::float_tensor("boxes", {1, kChannels, kCells}, boxes()));
  model.node("Concat", {"level8", "level16", "level32"}, {"all"}, {test_support::int_attr("axis", 2)}, "Concat_all");
  model.node("Add", {"all", "boxes"}, {sum}, {}, "Add_" + sum);
  if (variant.foreign) {
    const auto tiny = {test_support::float_attr("low", 0), test_support::float_attr("high", 1e-30F)};
    model.node("RandomUniformLike", {sum}, {"noise"}, tiny, "Random_noise");
    model.node("Add", {sum, "noise"}, {"output0"}, {}, "Add_output0");
  }
  model.input("images", {batch, 3, kSide, kSide});
  if (variant.gain) model.input("gain", {1}).node("Mul", {sum, "gain"}, {"output0"});
  model.graph().message(12, test_support::value_info("output0", {batch, kChannels, kCells}));
  model.model().message(14, ProtoWriter().bytes(1, "names").bytes(2, "{0: 'red', 1: 'green', 2: 'blue/cyan'}"));
  return model.text();
}

}  // namespace saker::testing
