// LibTorch's networks against our own engine's, and their gradients against differences.
#include <cmath>

#include "passes/pipeline.h"
#include "train/torch/torch_fixture.h"

namespace saker::train {
namespace {

std::vector<Tensor> engine_maps(const nets::Network& network, const Tensor& pixels, const NetOptions& options) {
  nets::GraphOptions wanted;
  wanted.maps_too = true;
  Graph graph = *nets::make_graph(network, wanted);
  const Shape& shape = pixels.shape();
  EXPECT_TRUE(bind_input_shapes(graph, std::vector<Shape>{{shape[0], 3, shape[1], shape[2]}}).ok());
  EXPECT_TRUE(run_passes(graph, portable_passes()).ok());
  return maps_of(std::move(graph), pixels, options);
}

class Families : public testing::TestWithParam<const char*> {
 protected:
  static NetOptions options() {
    NetOptions net;
    if (std::string(GetParam()).starts_with("yolox")) {
      net.bgr = true;
      net.pixel_scale = 1;
    }
    return net;
  }
};

TEST_P(Families, ComputesWhatOurEngineDoes) {
  Trained trained(GetParam(), options());
  const Tensor pixels = noise(2, 64, 96);
  const auto maps = trained.net->forward(pixels, false);
  ASSERT_TRUE(maps.ok()) << maps.error().message;
  const std::vector<Tensor> expected = engine_maps(trained.network, pixels, options());
  ASSERT_EQ(maps->size(), expected.size());
  for (std::size_t m = 0; m < expected.size(); ++m) {
    const losses::MapView& map = (*maps)[m];
    ASSERT_EQ(expected[m].shape(), (Shape{map.batch, map.channels, map.height, map.width}));
    double largest = 0, off = 0;
    const std::vector<float> values = values_of(map);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double wanted = double{expected[m].data<float>()[i]};
      largest = std::max(largest, std::abs(wanted));
      off = std::max(off, std::abs(double{values[i]} - wanted));
    }
    EXPECT_LT(off, 1e-4 * largest) << "map " << m;
  }
}

// Along a direction in which every kind of weight moves.
TEST_P(Families, GradientsAreWhatDifferencesSay) {
  Trained trained(GetParam(), options());
  const Tensor pixels = noise(4, 128, 128);
  loss_at(trained, pixels, true);
  const std::vector<float> gradient = trained.gradients, at = trained.numbers;
  double squared = 0;
  for (const float g : gradient) squared += double{g} * double{g};
  ASSERT_GT(squared, 0);
  const double length = std::sqrt(squared), step = 1e-4;
  const auto moved = [&](double by) {
    for (std::size_t i = 0; i < gradient.size(); ++i)
      trained.numbers[i] = static_cast<float>(double{at[i]} + by * double{gradient[i]} / length);
    return loss_at(trained, pixels, false);
  };
  const double slope = (moved(step) - moved(-step)) / (2 * step);
  EXPECT_NEAR(slope / length, 1, 0.02);
}

INSTANTIATE_TEST_SUITE_P(All, Families, testing::Values("yolov5n", "yolov8n", "yolo11n", "yolox-nano"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(TorchNet, GradientsAddUp) {
  Trained trained("yolov8n");
  const Tensor pixels = noise(1, 64, 64);
  loss_at(trained, pixels, true);
  const std::vector<float> once = trained.gradients;
  loss_at(trained, pixels, true);
  for (std::size_t i = 0; i < once.size(); ++i)
    ASSERT_NEAR(trained.gradients[i], 2 * once[i], 1e-4 + 1e-3 * std::abs(once[i]));
}

TEST(TorchNet, Bfloat16IsNear) {
  Trained whole("yolov8n");
  NetOptions options;
  options.bfloat16 = true;
  Trained half("yolov8n", options);
  const Tensor pixels = noise(8, 160, 160);
  loss_at(whole, pixels, true);
  loss_at(half, pixels, true);
  double product = 0, of_whole = 0, of_half = 0;
  for (std::size_t i = 0; i < whole.gradients.size(); ++i) {
    const double a = double{whole.gradients[i]}, b = double{half.gradients[i]};
    product += a * b;
    of_whole += a * a;
    of_half += b * b;
  }
  const double cosine = product / std::sqrt(of_whole * of_half);
  EXPECT_GT(cosine, 0.9);
  EXPECT_LT(cosine, 0.9999999);  // it is another arithmetic
}

// A loss of inner layers alone: one that is waiting for its activation, one inside a block, and a whole layer.
double watched_loss(Trained& trained, const Tensor& pixels) {
  const std::vector<float> kept = trained.numbers;
  const auto maps = trained.net->forward(pixels, true);
  EXPECT_TRUE(maps.ok()) << maps.error().message;
  for (const losses::MapView& map : *maps)
    std::fill_n(map.gradients, map.batch * map.channels * map.height * map.width, 0.0F);
  PortableRandom random(6);
  double total = 0;
  const auto watched = trained.net->watched();
  EXPECT_EQ(watched.size(), 3U);
  for (const losses::MapView& map : watched) {
    for (std::int64_t i = 0; i < map.batch * map.channels * map.height * map.width; ++i) {
      EXPECT_EQ(map.gradients[i], 0);
      const double factor = random.between(-1, 1);
      total += factor * double{map.values[i]};
      map.gradients[i] = static_cast<float>(factor);
    }
  }
  EXPECT_TRUE(trained.net->backward().ok());
  std::ranges::copy(kept, trained.numbers.begin());
  return total;
}

TEST(TorchNet, GradientsOfInnerLayers) {
  Trained trained("yolov8n");
  ASSERT_EQ(*trained.net->watch({"model.0.bn", "model.2.m.0.cv1.conv"}), 0U);
  ASSERT_EQ(*trained.net->watch({"model.4"}), 2U);
  const Tensor pixels = noise(4, 128, 128);
  watched_loss(trained, pixels);
  const std::vector<float> gradient = trained.gradients, at = trained.numbers;
  double squared = 0;
  for (const float g : gradient) squared += double{g} * double{g};
  ASSERT_GT(squared, 0);
  const double length = std::sqrt(squared), step = 1e-4;
  const auto moved = [&](double by) {
    for (std::size_t i = 0; i < gradient.size(); ++i)
      trained.numbers[i] = static_cast<float>(double{at[i]} + by * double{gradient[i]} / length);
    return watched_loss(trained, pixels);
  };
  EXPECT_NEAR((moved(step) - moved(-step)) / (2 * step) / length, 1, 0.02);
}

TEST(TorchNet, WatchesOnlyWhatIsThere) {
  Trained trained("yolov8n");
  const auto status = trained.net->watch({"model.0.conv", "model.99"});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kNotFound);
  EXPECT_NE(status.error().message.find("'model.99'"), std::string::npos) << status.error().message;
}

TEST(TorchNet, RefusesWhatItDoesNotKnow) {
  Trained trained("yolov8n");
  trained.network.layers[0].module.children[2].type = "Mish";
  const auto maps = trained.net->forward(noise(1, 64, 64), true);
  ASSERT_FALSE(maps.ok());
  EXPECT_NE(maps.error().message.find("Mish"), std::string::npos) << maps.error().message;
}

}  // namespace
}  // namespace saker::train
