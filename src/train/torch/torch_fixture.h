// A network of LibTorch with all that it needs, for tests.
#pragma once

#include <gtest/gtest.h>
#include <saker/session.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "model/onnx/exporter.h"
#include "nets/families.h"
#include "train/net.h"

namespace saker::train {

struct Trained {
  explicit Trained(const std::string& family, const NetOptions& options = {}) : Trained(made(family), options) {}
  explicit Trained(nets::Network of, const NetOptions& options = {}) : network(std::move(of)) {
    // Running means as after some training, not 0 and 1.
    PortableRandom random(3);
    for (const nets::NamedWeight& weight : nets::named_weights(network)) {
      Tensor& tensor = weight.module->weights.at(weight.of_module);
      const bool mean = weight.of_module == "running_mean", variance = weight.of_module == "running_var";
      for (std::int64_t i = 0; (mean || variance) && i < tensor.elements(); ++i)
        tensor.data<float>()[i] = static_cast<float>(mean ? random.between(-0.1, 0.1) : random.between(0.5, 1.5));
    }
    weights.emplace(network, [](const std::string&) { return false; });
    numbers.resize(weights->size());
    gradients.resize(weights->trained());
    weights->read(numbers);
    net = std::move(*make_torch_net(network, *weights, numbers, gradients, options));
  }

  static nets::Network made(const std::string& family) {
    nets::FamilyOptions wanted;
    wanted.names = {"cat", "dog", "bird"};
    return std::move(*nets::make_family(family, wanted));
  }

  nets::Network network;
  std::optional<Weights> weights;
  std::vector<float> numbers, gradients;
  std::unique_ptr<TrainableNet> net;
};

inline Tensor noise(std::int64_t batch, std::int64_t height, std::int64_t width) {
  Tensor pixels = *Tensor::make(DType::kUint8, {batch, height, width, 3});
  PortableRandom random(11);
  for (std::int64_t i = 0; i < pixels.elements(); ++i)
    pixels.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(random.below(256));
  return pixels;
}

// The head's maps ("map0.0", ...) as our engine computes them of a graph that is bound and simplified, from [N, 3, h,
// w] floats.
inline std::vector<Tensor> maps_of(Graph graph, const Tensor& pixels, const NetOptions& options) {
  const Shape& shape = pixels.shape();
  graph.declared_inputs = {{{shape[0], ""}, {3, ""}, {shape[1], ""}, {shape[2], ""}}};
  const std::string bytes = *onnx::export_model(graph);
  const Model model = *Model::parse(std::as_bytes(std::span(bytes)), "test");
  Session session = std::move(*Session::create(model));
  Tensor input = session.input(0);
  const std::int64_t plane = shape[1] * shape[2];
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t i = 0; i < plane; ++i) {
      for (std::int64_t c = 0; c < 3; ++c) {
        const std::int64_t from = options.bgr ? 2 - c : c;
        input.data<float>()[(n * 3 + c) * plane + i] =
            static_cast<float>(pixels.data<std::uint8_t>()[(n * plane + i) * 3 + from]) * options.pixel_scale;
      }
    }
  }
  EXPECT_TRUE(session.run().ok());
  std::vector<Tensor> maps;
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    if (session.output_name(i).starts_with("map")) maps.push_back(*to_dense(session.output(i)));
  }
  return maps;
}

// In the row-major order of [N, C, H, W].
inline std::vector<float> values_of(const losses::MapView& map) {
  std::vector<float> values;
  for (std::int64_t n = 0; n < map.batch; ++n) {
    for (std::int64_t c = 0; c < map.channels; ++c) {
      for (std::int64_t y = 0; y < map.height; ++y) {
        for (std::int64_t x = 0; x < map.width; ++x)
          values.push_back(
              map.values[n * map.strides[0] + c * map.strides[1] + y * map.strides[2] + x * map.strides[3]]);
      }
    }
  }
  return values;
}

// A loss that is linear in the maps, so that its gradient there is known: sum of random factors times numbers.
// Gradients are added where `backward`; the running means stay as they were.
inline double loss_at(Trained& trained, const Tensor& pixels, bool backward) {
  const std::vector<float> kept = trained.numbers;
  const auto maps = trained.net->forward(pixels, true);
  EXPECT_TRUE(maps.ok()) << maps.error().message;
  PortableRandom random(5);
  double total = 0;
  for (const losses::MapView& map : *maps) {
    const std::int64_t count = map.batch * map.channels * map.height * map.width;
    for (std::int64_t i = 0; i < count; ++i) {
      const double factor = random.between(-1, 1);
      total += factor * double{map.values[i]};
      map.gradients[i] = static_cast<float>(factor);
    }
  }
  if (backward) {
    EXPECT_TRUE(trained.net->backward().ok());
  }
  std::ranges::copy(kept, trained.numbers.begin());
  return total;
}

}  // namespace saker::train
