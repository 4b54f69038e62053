#include "synth/sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "base/fnv1a.h"

namespace saker::synth {
namespace {

std::uint64_t hash(const Image& image) {
  return Fnv1a().add(image.pixels).value();
}

TEST(Sample, SameOptionsSamePixels) {
  const Image image = sample_picture({160, 120, 1});
  EXPECT_EQ(image.width, 160);
  EXPECT_EQ(image.height, 120);
  ASSERT_EQ(image.pixels.size(), 160U * 120 * 3);
  // Fixed numbers: other compilers and machines draw the same.
  EXPECT_EQ(hash(image), 13770533301974218842ULL);
  EXPECT_NE(hash(sample_picture({160, 120, 2})), hash(image));
}

// A detector's smoke test needs contrast, colour and structure: not one grey.
TEST(Sample, HasContrastAndColour) {
  const Image image = sample_picture({});
  const auto [lowest, highest] = std::ranges::minmax(image.pixels);
  EXPECT_LT(lowest, 30);
  EXPECT_GT(highest, 225);
  std::size_t colourful = 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    const auto [low, high] = std::minmax({image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]});
    colourful += high - low > 80 ? 1 : 0;
  }
  EXPECT_GT(colourful, image.pixels.size() / 3 / 20);
}

}  // namespace
}  // namespace saker::synth
