// Pictures turned and mirrored, and time stamps made to ascend.
#include "video/libav/orientation.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "video/libav/timeline.h"

namespace saker::video {
namespace {

struct Planar {
  PlanarView view;
  std::vector<std::vector<std::uint8_t>> planes;  // exactly as large as needed, for the sanitizer
};

std::size_t sample_bytes(PlanarLayout layout, std::size_t plane) {
  const bool wide = layout == PlanarLayout::kI010 || layout == PlanarLayout::kP010;
  const bool pairs = layout == PlanarLayout::kNv12 || layout == PlanarLayout::kP010;
  return (wide ? 2U : 1U) * (pairs && plane == 1 ? 2U : 1U);
}

std::size_t plane_count(PlanarLayout layout) {
  return layout == PlanarLayout::kNv12 || layout == PlanarLayout::kP010 ? 2 : 3;
}

Planar make_planes(PlanarLayout layout, int width, int height, int gap) {
  Planar made;
  made.view.layout = layout;
  made.view.width = width;
  made.view.height = height;
  for (std::size_t p = 0; p < plane_count(layout); ++p) {
    const auto columns = static_cast<std::size_t>(p == 0 ? width : (width + 1) / 2);
    const auto rows = static_cast<std::size_t>(p == 0 ? height : (height + 1) / 2);
    const std::size_t row = columns * sample_bytes(layout, p), stride = row + static_cast<std::size_t>(gap);
    std::vector<std::uint8_t> plane(stride * (rows - 1) + row);
    for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = static_cast<std::uint8_t>(i * 37 + p * 11 + i / 251);
    made.planes.push_back(std::move(plane));
    made.view.stride_bytes[p] = static_cast<std::ptrdiff_t>(stride);
  }
  for (std::size_t p = 0; p < made.planes.size(); ++p) made.view.data[p] = made.planes[p].data();
  return made;
}

// The definition: first rows and columns change places, then each direction is mirrored.
void expect_turned(const PlanarView& in, Orientation o, const PlanarView& out, std::size_t p) {
  const int width = p == 0 ? out.width : (out.width + 1) / 2, height = p == 0 ? out.height : (out.height + 1) / 2;
  const std::size_t bytes = sample_bytes(in.layout, p);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int along = o.mirrored_x ? width - 1 - x : x, down = o.mirrored_y ? height - 1 - y : y;
      const int column = o.transposed ? down : along, row = o.transposed ? along : down;
      ASSERT_EQ(0,
                std::memcmp(out.data[p] + y * out.stride_bytes[p] + static_cast<std::ptrdiff_t>(bytes) * x,
                            in.data[p] + row * in.stride_bytes[p] + static_cast<std::ptrdiff_t>(bytes) * column, bytes))
          << "plane " << p << " at " << x << ", " << y;
    }
  }
}

TEST(Orientation, AllLayoutsTurnAllWays) {
  for (const PlanarLayout layout :
       {PlanarLayout::kI420, PlanarLayout::kNv12, PlanarLayout::kI010, PlanarLayout::kP010}) {
    for (const auto& [width, height] : {std::pair(1, 1), {2, 1}, {1, 5}, {33, 64}, {71, 37}, {96, 96}}) {
      for (int way = 0; way < 8; ++way) {
        const Orientation orientation{(way & 1) != 0, (way & 2) != 0, (way & 4) != 0};
        const Planar in = make_planes(layout, width, height, way % 3);
        Planar out =
            make_planes(layout, orientation.transposed ? height : width, orientation.transposed ? width : height, 1);
        WritablePlanes planes;
        for (std::size_t p = 0; p < out.planes.size(); ++p) planes.data[p] = out.planes[p].data();
        planes.stride_bytes = out.view.stride_bytes;
        turn_planes(in.view, orientation, planes);
        for (std::size_t p = 0; p < out.planes.size(); ++p) expect_turned(in.view, orientation, out.view, p);
      }
    }
  }
}

TEST(Orientation, MatricesSayHowToTurn) {
  constexpr std::int32_t kOne = 1 << 16;
  const auto matrix = [](int a, int b, int c, int d) {
    return std::array<std::int32_t, 9>{a * kOne, b * kOne, 0, c * kOne, d * kOne, 0, 0, 0, 1 << 30};
  };
  EXPECT_EQ(orientation_of(matrix(1, 0, 0, 1)), Orientation());
  EXPECT_EQ(orientation_of(matrix(0, 1, -1, 0)).degrees(), 90);
  EXPECT_EQ(orientation_of(matrix(-1, 0, 0, -1)).degrees(), 180);
  EXPECT_EQ(orientation_of(matrix(0, -1, 1, 0)).degrees(), 270);
  EXPECT_EQ(orientation_of(matrix(-1, 0, 0, 1)), (Orientation{false, true, false}));
  EXPECT_EQ(orientation_of(matrix(0, 1, 1, 0)), (Orientation{true, false, false}));
}

TEST(Orientation, HostileMatricesAreSomeQuarterTurn) {
  constexpr std::int32_t kLeast = INT32_MIN, kMost = INT32_MAX;
  for (const std::int32_t value : {0, 1, -1, kLeast, kMost}) {
    std::array<std::int32_t, 9> matrix{};
    EXPECT_TRUE(orientation_of(matrix).upright());
    matrix.fill(value);
    EXPECT_EQ(orientation_of(matrix).degrees() % 90, 0);
    matrix = {0, value, value, value, 0, 0, kLeast, kLeast, kLeast};
    EXPECT_EQ(orientation_of(matrix).degrees() % 90, 0);
  }
}

TEST(Timeline, KeepsStampsThatAscend) {
  Timeline timeline(100, false);
  for (const std::int64_t stamp : {-5, 0, 7, 1000, 1001}) EXPECT_EQ(timeline.next(stamp, 4), stamp);
}

TEST(Timeline, FillsWhatIsMissingAndNeverGoesBack) {
  Timeline timeline(100, false);
  EXPECT_EQ(timeline.next(std::nullopt, 4), 0);
  EXPECT_EQ(timeline.next(std::nullopt, 4), 4);
  EXPECT_EQ(timeline.next(std::nullopt, 0), 5);
  EXPECT_EQ(timeline.next(50, 4), 50);
  EXPECT_EQ(timeline.next(50, 4), 51);
  EXPECT_EQ(timeline.next(20, 4), 52);
  EXPECT_EQ(timeline.next(54, 4), 54);
}

TEST(Timeline, GoesOnWhereAClockIsSetBack) {
  Timeline timeline(100, false);
  EXPECT_EQ(timeline.next(1000, 4), 1000);
  EXPECT_EQ(timeline.next(3, 4), 1004);
  EXPECT_EQ(timeline.next(7, 4), 1008);
  EXPECT_EQ(timeline.next(107, 4), 1108);
}

TEST(Timeline, MayBeginAtZero) {
  Timeline timeline(100, true);
  EXPECT_EQ(timeline.next(987654321, 4), 0);
  EXPECT_EQ(timeline.next(987654331, 4), 10);
}

TEST(Timeline, HostileStampsDoNotOverflow) {
  constexpr std::int64_t kLeast = INT64_MIN + 1, kMost = INT64_MAX;
  for (const bool from_zero : {false, true}) {
    Timeline timeline(90000, from_zero);
    std::optional<std::int64_t> last;
    for (const std::int64_t stamp : {std::int64_t{0}, kMost, kLeast, std::int64_t{5}, kLeast, kMost, kMost, kMost}) {
      const std::int64_t next = timeline.next(stamp, kMost);
      if (last) {
        EXPECT_GT(next, *last);
      }
      last = next;
    }
  }
}

}  // namespace
}  // namespace saker::video
