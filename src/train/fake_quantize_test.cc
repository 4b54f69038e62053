// Rounding to 8-bit grids, number by number, and where a network's points are.
#include "train/fake_quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "quantize/trained.h"
#include "train/fake_quantization.h"
#include "train/train_fixture.h"

namespace saker::train {
namespace {

void one_after_the_other(std::int64_t count, const std::function<void(std::int64_t)>& body) {
  for (std::int64_t i = 0; i < count; ++i) body(i);
}

// By channels: a few (repeated inside), a vector's, and more than a block's; rows that fill no block.
class FakeQuantize : public testing::TestWithParam<std::int64_t> {};

TEST_P(FakeQuantize, IsQuantizeAndDequantize) {
  const std::int64_t channels = GetParam(), rows = 20'011 / channels + 1;
  PortableRandom random(7);
  Quantization grid;
  for (std::int64_t c = 0; c < channels; ++c) {
    grid.scale.push_back(static_cast<float>(random.between(0.001, 0.1)));
    grid.zero_point.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  const auto count = static_cast<std::size_t>(rows * channels);
  std::vector<float> x(count), y(count), dx(count);
  for (float& value : x) value = static_cast<float>(random.between(-12, 12));
  x[0] = grid.scale[0] * 0.5F, x[1] = -0.0F, x[2] = 1e30F, x[3] = -1e30F;  // a half, and far outside
  std::vector<std::uint8_t> inside(count);
  fake_quantize(x.data(), y.data(), inside.data(), rows, channels, grid, one_after_the_other);
  const std::vector<float>& dy = x;
  pass_inside(dy.data(), inside.data(), dx.data(), rows * channels, one_after_the_other);
  std::size_t clipped = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto c = static_cast<std::int64_t>(i) % channels;
    const float step = grid.scale_of(c), n = std::nearbyint(x[i] / step);
    const auto zero = static_cast<float>(grid.zero_of(c));
    const float kept = std::min(std::max(n + zero, 0.0F), 255.0F) - zero;
    ASSERT_EQ(y[i], kept * step) << i << ": " << x[i];
    ASSERT_EQ(inside[i] != 0, kept == n) << i;
    ASSERT_EQ(dx[i], kept == n ? dy[i] : 0.0F) << i;
    clipped += kept == n ? 0 : 1;
  }
  EXPECT_GT(clipped, 100U);
  EXPECT_LT(clipped, count);
}

TEST_P(FakeQuantize, FindsTheExtremesOfChannels) {
  const std::int64_t channels = GetParam(), rows = 50'021 / channels + 1;
  PortableRandom random(9);
  std::vector<float> x(static_cast<std::size_t>(rows * channels));
  for (float& value : x) value = static_cast<float>(random.between(-3, 3));
  const Extremes found = extremes_of(x.data(), rows, channels, one_after_the_other);
  ASSERT_EQ(found.low.size(), static_cast<std::size_t>(channels));
  for (std::int64_t c = 0; c < channels; ++c) {
    float low = INFINITY, high = -INFINITY;
    for (std::int64_t r = 0; r < rows; ++r) {
      low = std::min(low, x[static_cast<std::size_t>(r * channels + c)]);
      high = std::max(high, x[static_cast<std::size_t>(r * channels + c)]);
    }
    ASSERT_EQ(found.low[static_cast<std::size_t>(c)], low);
    ASSERT_EQ(found.high[static_cast<std::size_t>(c)], high);
  }
}

INSTANTIATE_TEST_SUITE_P(Channels, FakeQuantize, testing::Values(1, 3, 16, 63, 65, 320, 20'000));

TEST(FakeQuantizeOne, NoNumberStaysNone) {
  const float x = std::nanf("");
  float y = 0;
  std::uint8_t inside = 1;
  fake_quantize(&x, &y, &inside, 1, 1, {{0.1F}, {0}}, one_after_the_other);
  EXPECT_TRUE(std::isnan(y));
  EXPECT_EQ(inside, 0);
}

// [filters, taps, inputs], in two groups.
TEST(FakeQuantizeWeights, EachFilterHas127StepsAndSoHaveItsPairs) {
  const FilterShape shape = {6, 9, 5, 2};
  PortableRandom random(3);
  std::vector<float> w(static_cast<std::size_t>(shape.filters * shape.taps * shape.inputs)), rounded(w.size());
  for (float& value : w) value = random.below(2) == 0 ? 0.0F : static_cast<float>(random.between(-1, 1));
  std::vector<float> scales;
  for (int i = 0; i < 10; ++i) scales.push_back(static_cast<float>(random.between(0.01, 0.2)));
  fake_quantize_weights(w.data(), rounded.data(), shape, scales, one_after_the_other);
  for (std::int64_t o = 0; o < shape.filters; ++o) {
    float highest = 0;
    const auto at = [&](std::int64_t t, std::int64_t i) {
      return static_cast<std::size_t>((o * shape.taps + t) * shape.inputs + i);
    };
    const auto scale = [&](std::int64_t i) { return scales[static_cast<std::size_t>(o / 3 * shape.inputs + i)]; };
    for (std::int64_t t = 0; t < shape.taps; ++t) {
      for (std::int64_t i = 0; i < shape.inputs; ++i) highest = std::max(highest, std::fabs(w[at(t, i)] * scale(i)));
      for (std::int64_t i = 0; i + 1 < shape.inputs; i += 2)
        highest = std::max(highest, std::fabs(w[at(t, i)] * scale(i) + w[at(t, i + 1)] * scale(i + 1)));
    }
    for (std::int64_t t = 0; t < shape.taps; ++t) {
      for (std::int64_t i = 0; i < shape.inputs; ++i) {
        const float step = highest / 127 / scale(i), n = std::nearbyint(w[at(t, i)] / step);
        ASSERT_LE(std::fabs(n), 127);
        ASSERT_EQ(rounded[at(t, i)], n * step);
        if (w[at(t, i)] == 0) {
          ASSERT_EQ(rounded[at(t, i)], 0);
        }
      }
    }
  }
}

TEST(FakeQuantizeWeights, FiltersOfNothingStayNothing) {
  const std::vector<float> w(4, 0.0F), scales = {0.1F, 0.2F};
  std::vector<float> rounded(4, 1.0F);
  fake_quantize_weights(w.data(), rounded.data(), {2, 1, 2, 1}, scales, one_after_the_other);
  EXPECT_EQ(rounded, w);
}

// Every convolution of the tiny network: six of its body and head are read by, five activations and the picture are
// stored.
TEST(QuantizationPlan, HasWhatTheQuantizerFinds) {
  const nets::Network network = tiny_network();
  const auto plan = plan_quantization(network, StoredScales::kChannel, [](const nets::Module&) { return false; });
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->points.front().name, "images");
  EXPECT_EQ(plan->point_at.at(0), 0U);
  std::size_t with_norm = 0;
  for (const PlannedConv& conv : plan->convs) {
    with_norm += conv.norm != nullptr ? 1 : 0;
    const std::int64_t inputs = conv.conv->weight("weight")->shape()[1] * conv.conv->integer("groups", 1);
    EXPECT_EQ(static_cast<std::int64_t>(conv.inputs.size()), inputs) << conv.conv->path;
  }
  EXPECT_EQ(with_norm, plan->norms.size());
  EXPECT_EQ(plan->convs.size(), with_norm + 6);  // the last of each level has none
  EXPECT_EQ(plan->points.size(), with_norm + 1);
  EXPECT_TRUE(plan->left_float.empty());

  const auto body = plan_quantization(network, StoredScales::kChannel,
                                      [](const nets::Module& conv) { return conv.path.starts_with("model.5."); });
  ASSERT_TRUE(body.ok()) << body.error().message;
  EXPECT_EQ(body->convs.size(), 5U);
  const auto none = plan_quantization(network, StoredScales::kChannel, [](const nets::Module&) { return true; });
  ASSERT_FALSE(none.ok());
}

TEST(FakeQuantization, RangesFollowBatchesAsMovingAverages) {
  const nets::Network network = tiny_network();
  ObservedRanges observed;
  auto fake = FakeQuantization::create(network, observed, [](const nets::Module&) { return false; });
  ASSERT_TRUE(fake.ok()) << fake.error().message;
  EXPECT_EQ(observed.convs.size(), fake->plan().convs.size());
  ASSERT_TRUE(fake->begin_pass().ok());
  EXPECT_FALSE(fake->ready());
  for (std::size_t p = 0; p < fake->plan().points.size(); ++p) {
    const auto channels = static_cast<std::size_t>(fake->plan().points[p].channels);
    ASSERT_TRUE(fake->see(p, std::vector<float>(channels, -1), std::vector<float>(channels, 2)).ok());
  }
  ASSERT_TRUE(fake->begin_pass().ok());
  EXPECT_TRUE(fake->ready());
  ASSERT_TRUE(fake->see(0, std::vector<float>(3, -2), std::vector<float>(3, 4)).ok());
  const float* range = observed.of_values.at("images").data<float>();
  EXPECT_FLOAT_EQ(range[0], -1.01F);
  EXPECT_FLOAT_EQ(range[3], 2.02F);
  // The grids stay those of the pass.
  const Quantization before = fake->grid(0);
  ASSERT_TRUE(fake->begin_pass().ok());
  EXPECT_NE(before, fake->grid(0));

  // A training that goes on takes them as they are; those of another network are refused.
  ObservedRanges again = observed;
  EXPECT_TRUE(FakeQuantization::create(network, again, [](const nets::Module&) { return false; }).ok());
  again.of_values["images"] = *Tensor::make(DType::kFloat32, {2, 4});
  const auto other = FakeQuantization::create(network, again, [](const nets::Module&) { return false; });
  ASSERT_FALSE(other.ok());
  EXPECT_NE(other.error().message.find("images"), std::string::npos) << other.error().message;
}

}  // namespace
}  // namespace saker::train
