// Who is whom in a fixed file of detections, as Ultralytics' BYTETracker says (make_reference.py).
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "tracking/byte_tracker.h"
#include "tracking/mot_file.h"

namespace saker::tracking {
namespace {

constexpr std::size_t kFrames = 300;
const std::string kData = "tests/tracking/data/";

void expect_same(const Box& got, const std::vector<double>& row) {
  constexpr double kRounded = 0.051 + 0.01;  // the file has one decimal; the reference computes boxes in floats
  EXPECT_NEAR(got.x1, row[3], kRounded);
  EXPECT_NEAR(got.y1, row[4], kRounded);
  EXPECT_NEAR(got.x2, row[5], kRounded);
  EXPECT_NEAR(got.y2, row[6], kRounded);
}

// Every frame: the same detections have tracks, each track has the id that stands for the reference's, and its box.
void expect_as_in(const std::string& reference, const TrackerOptions& options) {
  auto detections = test::read_mot_rows(kData + "detections.txt"), expected = test::read_mot_rows(kData + reference);
  ASSERT_EQ(detections.rbegin()->first, kFrames);
  ASSERT_EQ(expected.rbegin()->first, kFrames);
  ByteTracker tracker(options);
  std::map<std::int64_t, std::int64_t> ours, theirs;  // by the other's id
  std::set<std::int64_t> ids;
  for (std::size_t frame = 1; frame <= kFrames; ++frame) {
    std::vector<Detection> boxes;
    for (const auto& row : detections[frame]) boxes.push_back(test::detection_of(row));
    std::map<std::size_t, Track> found;
    for (const Track& track : tracker.update(boxes, static_cast<double>(frame) / 30, 1.0 / 30))
      EXPECT_TRUE(found.emplace(track.detection, track).second);
    ASSERT_EQ(found.size(), expected[frame].size()) << "frame " << frame;
    for (const auto& row : expected[frame]) {
      const auto id = static_cast<std::int64_t>(row[1]);
      const auto track = found.find(static_cast<std::size_t>(row[2]));
      ASSERT_NE(track, found.end()) << "frame " << frame << ", detection " << row[2];
      ASSERT_EQ(ours.try_emplace(id, track->second.id).first->second, track->second.id) << "frame " << frame;
      ASSERT_EQ(theirs.try_emplace(track->second.id, id).first->second, id) << "frame " << frame;
      expect_same(track->second.box, row);
    }
  }
  EXPECT_GT(ours.size(), 20U);
}

TEST(Reference, DefaultsAssociateAsUltralyticsDoes) {
  expect_as_in("associations_defaults.txt", {});
}

TEST(Reference, StrictOptionsAssociateAsUltralyticsDoes) {
  const auto options = read_tracker_options(kData + "strict.yaml");
  ASSERT_TRUE(options.ok()) << options.error().message;
  expect_as_in("associations_strict.txt", *options);
}

}  // namespace
}  // namespace saker::tracking
