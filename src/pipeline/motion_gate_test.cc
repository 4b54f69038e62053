// Drawn sequences: what moves in them is known.
#include "pipeline/motion_gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"

namespace saker {
namespace {

constexpr int kWidth = 640, kHeight = 360;

// A luma plane in one of the layouts; chroma is of no interest.
class Scene {
 public:
  explicit Scene(PlanarLayout layout = PlanarLayout::kI420, int width = kWidth, int height = kHeight)
      : layout_(layout), width_(width), height_(height), grey_(static_cast<std::size_t>(width * height)) {
    for (std::size_t i = 0; i < 2 * grey_.size(); ++i) noise_.push_back(static_cast<int>(random_.below(25)) - 12);
  }

  // A flat wall with a noise of +-12 of 255 in each pixel.
  Scene& wall(int grey) {
    const std::size_t shift = random_.below(grey_.size());
    for (std::size_t i = 0; i < grey_.size(); ++i) grey_[i] = std::clamp(grey + noise_[shift + i], 0, 255);
    return *this;
  }
  Scene& square(int x, int y, int size, int grey) {
    for (int row = y; row < y + size; ++row) {
      for (int column = x; column < x + size; ++column)
        grey_[static_cast<std::size_t>(row) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(column)] =
            grey;
    }
    return *this;
  }
  PlanarView view() {
    const bool wide = layout_ == PlanarLayout::kI010 || layout_ == PlanarLayout::kP010;
    bytes_.clear();
    for (const int grey : grey_) {
      const int sample = layout_ == PlanarLayout::kI010 ? grey << 2 : grey << 8;
      if (wide) bytes_.push_back(static_cast<std::uint8_t>(sample & 255));
      bytes_.push_back(static_cast<std::uint8_t>(wide ? sample >> 8 : grey));
    }
    PlanarView view;
    view.layout = layout_;
    view.width = width_;
    view.height = height_;
    view.data[0] = bytes_.data();
    view.stride_bytes[0] = std::ptrdiff_t{width_} * (wide ? 2 : 1);
    return view;
  }

 private:
  PlanarLayout layout_;
  int width_, height_;
  PortableRandom random_{5};
  std::vector<int> grey_, noise_;
  std::vector<std::uint8_t> bytes_;
};

TEST(MotionGate, TheFirstPictureMovesAndNoiseDoesNot) {
  MotionGate gate({});
  Scene scene;
  EXPECT_TRUE(gate.moves(scene.wall(80).view()));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(gate.moves(scene.wall(80).view())) << i;
}

TEST(MotionGate, ASmallObjectThatMovesIsSeenInEveryLayout) {
  for (const auto layout : {PlanarLayout::kI420, PlanarLayout::kNv12, PlanarLayout::kI010, PlanarLayout::kP010}) {
    MotionGate gate({});
    Scene scene(layout);
    for (int i = 0; i < 5; ++i) gate.moves(scene.wall(80).view());
    for (int x = 0; x < 600; x += 6) EXPECT_TRUE(gate.moves(scene.wall(80).square(x, 100, 24, 200).view())) << x;
    EXPECT_FALSE(gate.moves(scene.wall(80).view()));  // it has left no trace
  }
}

TEST(MotionGate, WhatIsTooSmallOrTooFaintDoesNot) {
  MotionGate gate({});
  Scene scene;
  for (int i = 0; i < 5; ++i) gate.moves(scene.wall(80).view());
  EXPECT_FALSE(gate.moves(scene.wall(80).square(100, 100, 6, 200).view()));
  EXPECT_FALSE(gate.moves(scene.wall(80).square(100, 100, 60, 100).view()));
  MotionGate finer({100, 10, 0.001});
  for (int i = 0; i < 5; ++i) finer.moves(scene.wall(80).view());
  EXPECT_TRUE(finer.moves(scene.wall(80).square(100, 100, 60, 100).view()));
}

TEST(MotionGate, WhenTheLightIsSwitchedOnItBeginsAgain) {
  MotionGate gate({});
  Scene scene;
  for (int i = 0; i < 20; ++i) gate.moves(scene.wall(40).view());
  EXPECT_TRUE(gate.moves(scene.wall(140).view()));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(gate.moves(scene.wall(140).view())) << i;
}

TEST(MotionGate, EveningComesWithoutMotion) {
  MotionGate gate({});
  Scene scene;
  gate.moves(scene.wall(200).view());
  for (int i = 0; i < 1000; ++i) ASSERT_FALSE(gate.moves(scene.wall(200 - i / 10).view())) << i;
}

TEST(MotionGate, WhatComesAndStaysBecomesStill) {
  MotionGate gate({});
  Scene scene;
  for (int i = 0; i < 5; ++i) gate.moves(scene.wall(80).view());
  int moving = 0;
  while (gate.moves(scene.wall(80).square(300, 200, 60, 200).view())) ASSERT_LT(++moving, 1000);
  EXPECT_GT(moving, 50);
}

TEST(MotionGate, AnotherSizeMovesAndTheSmallestPicturesAreTaken) {
  MotionGate gate({});
  Scene scene, other(PlanarLayout::kI420, 641, 361), dot(PlanarLayout::kI420, 1, 1), line(PlanarLayout::kI420, 3, 700);
  gate.moves(scene.wall(80).view());
  for (Scene* next : {&other, &dot, &line}) {
    EXPECT_TRUE(gate.moves(next->wall(80).view()));
    EXPECT_FALSE(gate.moves(next->view()));
  }
}

}  // namespace
}  // namespace saker
