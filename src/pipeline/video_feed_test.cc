// Time stamps of a source that is lost and found again.
#include "pipeline/video_feed.h"

#include <gtest/gtest.h>

#include <chrono>

namespace saker {
namespace {

using std::chrono::milliseconds;

video::VideoFrame frame_at(std::int64_t pts, double seconds, std::chrono::steady_clock::time_point received) {
  video::VideoFrame frame;
  frame.pts = pts;
  frame.seconds = seconds;
  frame.received = received;
  return frame;
}

TEST(SourceClock, KeepsTheStampsOfTheFirstReader) {
  SourceClock clock({1, 1000});
  const std::chrono::steady_clock::time_point now;
  FrameInfo info;
  clock.stamp(frame_at(70, 0, now), info);
  EXPECT_EQ(info.pts, 70);
  EXPECT_EQ(info.seconds, 0);
  clock.stamp(frame_at(75, 0.005, now), info);
  EXPECT_EQ(info.pts, 75);
  EXPECT_EQ(info.seconds, 0.005);
}

TEST(SourceClock, ANextReaderGoesOnAfterTheTimeThatHasPassed) {
  SourceClock clock({1, 1000});
  const std::chrono::steady_clock::time_point now;
  FrameInfo info;
  clock.stamp(frame_at(70, 0, now), info);
  clock.stamp(frame_at(110, 0.04, now + milliseconds(40)), info);
  clock.restart();
  clock.stamp(frame_at(5, 0, now + milliseconds(3000)), info);
  EXPECT_EQ(info.seconds, 3);
  EXPECT_EQ(info.pts, 70 + 3000);
  clock.stamp(frame_at(45, 0.04, now + milliseconds(3041)), info);
  EXPECT_NEAR(*info.seconds, 3.04, 1e-9);
  EXPECT_EQ(info.pts, 70 + 3040);
}

// A reader may give at once what its server has kept.
TEST(SourceClock, StampsAscendWhateverTheNextReaderSays) {
  for (const std::int64_t den : {1000, 1, 0}) {
    SourceClock clock({den == 0 ? 0 : 1, den == 0 ? 1 : den});
    const std::chrono::steady_clock::time_point now;
    FrameInfo info;
    clock.stamp(frame_at(0, 0, now), info);
    clock.stamp(frame_at(100, 5, now + milliseconds(10)), info);
    clock.restart();
    clock.stamp(frame_at(-7, 0, now + milliseconds(20)), info);
    EXPECT_GE(*info.seconds, den == 0 ? 5 : 5 + 1.0 / static_cast<double>(den));
    EXPECT_GT(info.pts, 100);
    const std::int64_t before = info.pts;
    clock.stamp(frame_at(-6, 0, now + milliseconds(20)), info);
    EXPECT_GT(info.pts, before);
  }
}

}  // namespace
}  // namespace saker
