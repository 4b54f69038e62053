// Boxes follow pixels: pictures with solid rectangles as objects go through every augmentation, and where the markers
// are in the result is compared with the boxes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "augment/sample_maker.h"

namespace saker::augment {
namespace {

constexpr int kSize = 160;
// Red, green, blue, yellow; of category 0 to 3. Between two of them and any grey lie more than 2 * kNear.
constexpr std::array<std::array<int, 3>, 4> kColors = {{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0}}};

struct Bounds {
  int x1 = kSize, y1 = kSize, x2 = 0, y2 = 0;

  void add(int x, int y) {
    x1 = std::min(x1, x), y1 = std::min(y1, y), x2 = std::max(x2, x + 1), y2 = std::max(y2, y + 1);
  }
  int width() const { return std::max(0, x2 - x1); }
  int height() const { return std::max(0, y2 - y1); }
};

// A grey picture with one marker.
LoadedPicture marked(PortableRandom& random, std::size_t color) {
  const auto pick = [&](int low, int high) {
    return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low)));
  };
  Image image;
  const bool wide = random.below(2) == 0;
  image.width = wide ? kSize : pick(kSize / 2, kSize);
  image.height = wide ? pick(kSize / 2, kSize) : kSize;
  image.pixels.assign(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3, 60);
  const int w = pick(16, 60), h = pick(16, 60), x = pick(0, image.width - w + 1), y = pick(0, image.height - h + 1);
  for (int row = y; row < y + h; ++row) {
    for (int column = x; column < x + w; ++column) {
      for (std::size_t c = 0; c < 3; ++c) {
        image.pixels[(static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width) +
                      static_cast<std::size_t>(column)) *
                         3 +
                     c] = static_cast<std::uint8_t>(kColors[color][c]);
      }
    }
  }
  const auto box = EdgeBox{1.0 * x, 1.0 * y, 1.0 * (x + w), 1.0 * (y + h), static_cast<std::int32_t>(color)};
  return {static_cast<std::int32_t>(color), std::make_shared<const Image>(std::move(image)), {box}};
}

struct Made {
  std::vector<std::uint8_t> pixels;
  Sample sample;
};

// The first four pictures that are asked for have markers of their own colours.
Made make(const Augmentation& augmentation, std::uint64_t seed, bool alone = false) {
  PortableRandom pictures(seed), random(seed + 1);
  std::size_t asked = 0;
  SampleRequest request;
  request.window = request.count = 50;
  request.size = {kSize, kSize};
  request.alone = alone;
  request.load = [&](std::size_t) -> Result<LoadedPicture> { return marked(pictures, asked++ % 4); };
  Made made;
  made.pixels.resize(std::size_t{3} * kSize * kSize);
  SampleMaker maker;
  auto sample = maker.make(augmentation, request, random, made.pixels.data());
  EXPECT_TRUE(sample.ok());
  made.sample = std::move(sample).value();
  return made;
}

// At least half marker: nearer to it than half the way to anything grey.
std::array<Bounds, 4> find_markers(const Made& made) {
  constexpr int kNear = 110;
  std::array<Bounds, 4> found;
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      const std::uint8_t* pixel = made.pixels.data() + (y * kSize + x) * 3;
      for (std::size_t color = 0; color < 4; ++color) {
        int worst = 0;
        for (std::size_t c = 0; c < 3; ++c) worst = std::max(worst, std::abs(pixel[c] - kColors[color][c]));
        if (worst <= kNear) found[color].add(x, y);
      }
    }
  }
  return found;
}

Augmentation still() {
  Augmentation none = no_augmentation();
  none.fliplr = 0.5;
  none.flipud = 0.5;
  return none;
}

struct Expected {
  bool upright = true;     // edges stay along the axes: the box is as tight as the marker
  double largest = 1.5;    // scale
  double tolerance = 1.5;  // pixels
};

// Returns how many markers were compared.
int compare(const Made& made, const Expected& expected) {
  const std::array<Bounds, 4> found = find_markers(made);
  std::array<const EdgeBox*, 4> boxes{};
  for (const EdgeBox& box : made.sample.boxes) boxes[static_cast<std::size_t>(box.category)] = &box;
  int compared = 0;
  for (std::size_t color = 0; color < 4; ++color) {
    const Bounds& seen = found[color];
    if (boxes[color] == nullptr) {  // nothing of size may be seen: 60 is the largest side, a tenth the least share
      const double area = seen.width() * seen.height(), whole = 60 * expected.largest * 60 * expected.largest;
      EXPECT_TRUE(std::min(seen.width(), seen.height()) <= 4 || area < 0.12 * whole) << "colour " << color;
      continue;
    }
    const EdgeBox& box = *boxes[color];
    const double edges[4] = {box.x1, box.y1, box.x2, box.y2};
    const int marks[4] = {seen.x1, seen.y1, seen.x2, seen.y2};
    const bool at_border = box.x1 <= 0 || box.y1 <= 0 || box.x2 >= kSize || box.y2 >= kSize;
    ++compared;
    for (int i = 0; i < 4; ++i) {
      const double outside = i < 2 ? edges[i] - marks[i] : marks[i] - edges[i];  // of the box is the marker
      EXPECT_LE(outside, expected.tolerance) << "edge " << i << " of colour " << color;
      if (expected.upright || !at_border) {
        EXPECT_LE(-outside, expected.tolerance) << "edge " << i << " of colour " << color;
      }
    }
  }
  return compared;
}

void run(const Augmentation& augmentation, const Expected& expected, bool alone = false) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    compared += compare(make(augmentation, seed, alone), expected);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(compared, 100);
}

TEST(Markers, FollowAPlacedPicture) {
  run(still(), {true, 1, 0.01}, true);
  run(still(), {true, 1, 0.01});
}

TEST(Markers, FollowATranslatedAndScaledPicture) {
  Augmentation augmentation = still();
  augmentation.translate = 0.3;
  run(augmentation, {true, 1, 1}, true);
  augmentation.scale = 0.5;
  run(augmentation, {}, true);
}

TEST(Markers, FollowAMosaic) {
  Augmentation augmentation = still();
  augmentation.mosaic = 1;
  run(augmentation, {true, 1, 0.01});
  augmentation.translate = 0.1;
  augmentation.scale = 0.5;
  run(augmentation, {});
}

TEST(Markers, AreInTheHullOfTurnedShearedAndDistortedOnes) {
  Augmentation augmentation = still();
  augmentation.translate = 0.1;
  augmentation.scale = 0.3;
  for (const double mosaic : {0.0, 1.0}) {
    augmentation.mosaic = mosaic;
    const Expected expected = {false, 1.6, 2.5};  // sharp corners are less than half a pixel's colour
    Augmentation other = augmentation;
    other.degrees = 30;
    run(other, expected);
    other = augmentation;
    other.shear = 20;
    run(other, expected);
    other = augmentation;
    other.perspective = 0.001;
    run(other, {false, 2.2, 2.5});
  }
}

// Only the difference between two channels is a marker's then: the blended pictures are grey elsewhere.
TEST(Markers, OfBothPicturesFollowMixup) {
  int compared = 0;
  for (const bool yolox : {false, true}) {
    Augmentation augmentation = still();
    augmentation.flipud = yolox ? 0 : 0.5;
    augmentation.mosaic = augmentation.mixup = 1;
    augmentation.yolox = yolox;
    augmentation.mosaic_scale[0] = augmentation.mosaic_scale[1] = 0.6;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      SCOPED_TRACE(seed);
      PortableRandom pictures(seed), random(seed + 1);
      int asked = 0;
      SampleRequest request;
      request.window = request.count = 50;
      request.size = {kSize, kSize};
      request.load = [&](std::size_t) -> Result<LoadedPicture> {
        // Red: one picture of the first mosaic. Green: of the second, or YOLOX's other picture.
        const int one = asked++;
        LoadedPicture picture = marked(pictures, one < 4 ? 0 : 1);
        if (one == 0 || one == 4) return picture;
        Image plain = *picture.image;
        std::fill(plain.pixels.begin(), plain.pixels.end(), std::uint8_t{60});
        return LoadedPicture{0, std::make_shared<const Image>(std::move(plain)), {}};
      };
      Made made;
      made.pixels.resize(std::size_t{3} * kSize * kSize);
      SampleMaker maker;
      auto sample = maker.make(augmentation, request, random, made.pixels.data());
      ASSERT_TRUE(sample.ok());
      std::array<Bounds, 2> seen;
      for (int y = 0; y < kSize; ++y) {
        for (int x = 0; x < kSize; ++x) {
          const std::uint8_t* pixel = made.pixels.data() + (y * kSize + x) * 3;
          for (std::size_t c = 0; c < 2; ++c) {
            if (pixel[c] - pixel[2] > 60) seen[c].add(x, y);
          }
        }
      }
      for (const EdgeBox& box : sample->boxes) {
        const Bounds& marker = seen[static_cast<std::size_t>(box.category)];
        EXPECT_NEAR(box.x1, marker.x1, 1.6);
        EXPECT_NEAR(box.y1, marker.y1, 1.6);
        EXPECT_NEAR(box.x2, marker.x2, 1.6);
        EXPECT_NEAR(box.y2, marker.y2, 1.6);
        compared += box.category;  // the second picture's
      }
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(compared, 150);
}

TEST(Markers, FollowYoloxsChain) {
  Augmentation augmentation = still();
  augmentation.flipud = 0;
  augmentation.yolox = true;
  run(augmentation, {true, 1, 0.01}, true);  // padded at the right and below
  augmentation.mosaic = 1;
  augmentation.translate = 0.1;
  augmentation.mosaic_scale[0] = 0.5;
  augmentation.mosaic_scale[1] = 1.5;
  run(augmentation, {});
  augmentation.degrees = 10;
  augmentation.shear = 2;
  run(augmentation, {false, 1.6, 2.5});
}

TEST(Markers, OfYoloxStartInTheLeftTopCorner) {
  Augmentation augmentation = no_augmentation();
  augmentation.yolox = true;
  const Made made = make(augmentation, 4, true);
  EXPECT_NE(made.pixels[0], kBackground);
  EXPECT_EQ(made.pixels.back(), kBackground);
}

TEST(Samples, OfOneAndTheSameSeedAreTheSame) {
  Augmentation augmentation;
  augmentation.degrees = 10;
  augmentation.mixup = 0.5;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    EXPECT_EQ(make(augmentation, seed).pixels, make(augmentation, seed).pixels);
  EXPECT_NE(make(augmentation, 1).pixels, make(augmentation, 2).pixels);
}

}  // namespace
}  // namespace saker::augment
