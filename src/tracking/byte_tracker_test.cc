// Drawn sequences: who is where is known, so ids can be held to it.
#include "tracking/byte_tracker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "base/random.h"

namespace saker::tracking {
namespace {

constexpr double kFrame = 1.0 / 30;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinite = std::numeric_limits<float>::infinity();

Detection box_at(double x, double y, double score = 0.9, int class_id = 0, double width = 40, double height = 80) {
  return {class_id,
          static_cast<float>(score),
          static_cast<float>(x),
          static_cast<float>(y),
          static_cast<float>(x + width),
          static_cast<float>(y + height)};
}

// What a frame's detections are of: actor and box.
using Actors = std::map<int, Detection>;
using Play = std::function<Actors(int frame)>;

// The ids that each actor had, in order, without repetition.
class Stage {
 public:
  explicit Stage(const TrackerOptions& options = {}) : tracker_(options) {}

  // `numbers`: of the frames that the tracker gets.
  Stage& run(const Play& play, const std::vector<int>& numbers) {
    for (const int number : numbers) show(play(number), number * kFrame);
    return *this;
  }
  Stage& run(const Play& play, int first, int end) {
    std::vector<int> numbers;
    for (int i = first; i < end; ++i) numbers.push_back(i);
    return run(play, numbers);
  }

  // The ids of this frame, by actor.
  std::map<int, std::int64_t> show(const Actors& actors, double seconds, double frame_seconds = kFrame) {
    std::vector<Detection> boxes;
    std::vector<int> names;
    for (const auto& [name, box] : actors) {
      boxes.push_back(box);
      names.push_back(name);
    }
    std::map<int, std::int64_t> now;
    for (const Track& track : tracker_.update(boxes, seconds, frame_seconds)) {
      const int name = names.at(track.detection);
      EXPECT_TRUE(now.emplace(name, track.id).second);
      std::vector<std::int64_t>& ids = ids_[name];
      if (ids.empty() || ids.back() != track.id) ids.push_back(track.id);
      ++seen_[name];
    }
    return now;
  }

  const std::vector<std::int64_t>& ids(int actor) { return ids_[actor]; }
  int seen(int actor) { return seen_[actor]; }

 private:
  ByteTracker tracker_;
  std::map<int, std::vector<std::int64_t>> ids_;
  std::map<int, int> seen_;
};

using Ids = std::vector<std::int64_t>;

TEST(ByteTracker, WhoCrossKeepTheirIds) {
  // They meet at frame 60, where nine tenths of one is behind the other.
  const Play play = [](int i) {
    return Actors{
        {0, box_at(100 + 3.0 * i, 200)}, {1, box_at(460 - 3.0 * i, 208)}, {2, box_at(280, 40.0 + 2 * i, 0.8)}};
  };
  Stage stage;
  stage.run(play, 0, 120);
  EXPECT_EQ(stage.ids(0), Ids{1});
  EXPECT_EQ(stage.ids(1), Ids{2});
  EXPECT_EQ(stage.ids(2), Ids{3});
  EXPECT_EQ(stage.seen(0) + stage.seen(1) + stage.seen(2), 3 * 120);
}

// Out of sight for `hidden` frames, walking on.
Play hides(int hidden, double speed) {
  return [=](int i) { return i >= 40 && i < 40 + hidden ? Actors{} : Actors{{0, box_at(100 + speed * i, 200)}}; };
}

TEST(ByteTracker, FindsAgainWhoWasHiddenForTheBufferAndNoLonger) {
  for (const double speed : {0.0, 2.0}) {
    for (const int hidden : {1, 5, 29, 30}) {
      Stage stage;
      EXPECT_EQ(stage.run(hides(hidden, speed), 0, 120).ids(0), Ids{1}) << hidden << " frames at " << speed;
    }
    for (const int hidden : {31, 60}) {
      Stage stage;
      EXPECT_EQ(stage.run(hides(hidden, speed), 0, 140).ids(0), (Ids{1, 2})) << hidden << " frames at " << speed;
    }
  }
  TrackerOptions patient;
  patient.track_buffer = 60;
  EXPECT_EQ(Stage(patient).run(hides(60, 0), 0, 140).ids(0), Ids{1});
}

TEST(ByteTracker, TheBufferIsATimeWhateverTheFrameRate) {
  // 25 frames a second, stamps in whole milliseconds: 25 frames are the second that track_buffer 30 says.
  for (const int hidden : {25, 26}) {
    Stage stage;
    for (int i = 0; i < 120; ++i) {
      const double seconds = std::round(i * 40.0) / 1000;
      stage.show(hides(hidden, 0)(i), seconds, 0.04);
    }
    EXPECT_EQ(stage.ids(0).size(), hidden == 25 ? 1U : 2U);
  }
}

TEST(ByteTracker, LowScoresContinueATrackButBeginNone) {
  // For longer than the buffer.
  const Play play = [](int i) {
    return Actors{{0, box_at(100 + 2.0 * i, 200, i >= 20 && i < 80 ? 0.15 : 0.9)}, {1, box_at(400, 50, 0.2)}};
  };
  Stage stage;
  stage.run(play, 0, 120);
  EXPECT_EQ(stage.ids(0), Ids{1});
  EXPECT_EQ(stage.seen(0), 120);
  EXPECT_EQ(stage.seen(1), 0);
}

TEST(ByteTracker, ALostTrackIsNotFoundAgainByALowScore) {
  const Play play = [](int i) {
    if (i < 20) return Actors{{0, box_at(100, 200)}};
    return i < 22 ? Actors{} : Actors{{0, box_at(100, 200, 0.2)}};
  };
  EXPECT_EQ(Stage().run(play, 0, 40).seen(0), 20);
}

TEST(ByteTracker, ScoresAtTheThresholdsAreOnTheSideThatTheOptionsSay) {
  TrackerOptions options;
  options.track_high_thresh = options.new_track_thresh = 0.7;
  EXPECT_EQ(Stage(options).run([](int) { return Actors{{0, box_at(10, 10, 0.7F)}}; }, 0, 5).seen(0), 5);
  EXPECT_EQ(Stage(options).run([](int) { return Actors{{0, box_at(10, 10, 0.69F)}}; }, 0, 5).seen(0), 0);
  // At track_low_thresh nothing is continued: more is asked for.
  const Play fades = [](int i) { return Actors{{0, box_at(10, 10, i < 5 ? 0.9F : 0.1F)}}; };
  EXPECT_EQ(Stage().run(fades, 0, 10).seen(0), 5);
}

// Two paces learn the speed frame by frame; then only every fifth frame comes.
TEST(ByteTracker, FramesThatAreLeftOutCount) {
  const Play play = [](int i) { return Actors{{0, box_at(10 + 9.0 * i, 200)}}; };
  std::vector<int> numbers;
  for (int i = 0; i < 30; ++i) numbers.push_back(i);
  for (int i = 34; i < 120; i += 5) numbers.push_back(i);
  Stage right;
  EXPECT_EQ(right.run(play, numbers).ids(0), Ids{1});
  EXPECT_EQ(right.seen(0), static_cast<int>(numbers.size()));

  // The same boxes as if no frame lay between: 45 pixels at once are more than the box is wide.
  Stage wrong;
  for (std::size_t i = 0; i < numbers.size(); ++i) wrong.show(play(numbers[i]), static_cast<double>(i) * kFrame);
  EXPECT_EQ(wrong.seen(0), 30);
}

TEST(ByteTracker, FramesMayComeUnevenly) {
  PortableRandom random(4);
  const Play play = [](int i) { return Actors{{0, box_at(10 + 5.0 * i, 200)}, {1, box_at(900 - 6.0 * i, 300)}}; };
  Stage stage;
  stage.run(play, 0, 20);
  for (int i = 20; i < 150; i += static_cast<int>(random.below(4)) + 1)
    stage.show(play(i), i * kFrame + random.between(-0.3, 0.3) * kFrame);
  EXPECT_EQ(stage.ids(0), Ids{1});
  EXPECT_EQ(stage.ids(1), Ids{2});
}

TEST(ByteTracker, AClassThatFlickersBreaksNoTrack) {
  const Play play = [](int i) { return Actors{{0, box_at(100 + 2.0 * i, 200, 0.8, i % 3 == 0 ? 2 : 7)}}; };
  EXPECT_EQ(Stage().run(play, 0, 60).ids(0), Ids{1});
}

TEST(ByteTracker, WhoComeAfterOthersLeftAreNew) {
  // One every hundred frames, at the same place.
  Stage stage;
  for (int who = 0; who < 5; ++who)
    stage.run([&](int i) { return Actors{{who, box_at(100 + i % 100, 200)}}; }, who * 100, who * 100 + 50);
  for (int who = 0; who < 5; ++who) EXPECT_EQ(stage.ids(who), Ids{who + 1});
}

TEST(ByteTracker, WhatIsSeenOnceIsNoTrackButInTheFirstFrame) {
  Stage stage;
  const auto first = stage.show({{0, box_at(10, 10)}}, 0);
  EXPECT_EQ(first, (std::map<int, std::int64_t>{{0, 1}}));
  for (int i = 1; i < 30; ++i) stage.show({{0, box_at(10, 10)}, {i, box_at(200, 20.0 * i * 5)}}, i * kFrame);
  for (int i = 1; i < 30; ++i) EXPECT_EQ(stage.seen(i), 0);
  EXPECT_EQ(stage.seen(0), 30);
}

TEST(ByteTracker, SomebodySeenTwiceIsReportedFromTheSecondFrameOn) {
  Stage stage;
  stage.show({}, 0);
  EXPECT_TRUE(stage.show({{0, box_at(10, 10)}}, kFrame).empty());
  EXPECT_EQ(stage.show({{0, box_at(10, 10)}}, 2 * kFrame).size(), 1U);
}

TEST(ByteTracker, OfTwoTracksAtOnePlaceTheElderStays) {
  // The detector sees one object twice for a while, a second box growing out of the first one.
  const Play play = [](int i) {
    Actors actors = {{0, box_at(100, 200)}};
    if (i >= 20 && i < 50) actors[1] = box_at(100 + 1.0 * (50 - i), 200);
    return actors;
  };
  Stage stage;
  stage.run(play, 0, 60);
  EXPECT_EQ(stage.ids(0), Ids{1});
  EXPECT_EQ(stage.show({{0, box_at(100, 200)}}, 61 * kFrame).size(), 1U);
}

TEST(ByteTracker, ALostTrackStandsInTheWayOfANewOneAtItsPlace) {
  TrackerOptions narrow;
  narrow.match_thresh = 0.1;
  // Aside by so much that an IoU of 0.87 is no match, but a twin: nobody is there until the old track is forgotten.
  Stage stage(narrow);
  stage.run([](int) { return Actors{{0, box_at(100, 200, 1)}}; }, 0, 20);
  stage.run([](int) { return Actors{{1, box_at(102.8, 200, 1)}}; }, 20, 80);
  EXPECT_EQ(stage.ids(0), Ids{1});
  EXPECT_EQ(stage.ids(1).size(), 1U);
  EXPECT_EQ(stage.seen(1), 80 - 51);  // forgotten after frame 50, so the new track is confirmed in 51
}

TEST(ByteTracker, BoxesThatAreNoneChangeNothing) {
  std::vector<Detection> bad(9, box_at(100, 200));
  bad[0].x1 = kNan;
  bad[1].y2 = kInfinite;
  bad[2].x1 = -kInfinite;
  bad[3].score = kNan;
  bad[4].score = kInfinite;
  bad[5].x2 = bad[5].x1;
  bad[6].y2 = bad[6].y1;
  std::swap(bad[7].x1, bad[7].x2);
  bad[8].y1 = kNan;
  ByteTracker clean({}), dirty({});
  PortableRandom random(5);
  for (int i = 0; i < 200; ++i) {
    std::vector<Detection> boxes;
    for (int k = 0; k < 3; ++k)
      if (random.below(5) > 0) boxes.push_back(box_at(100 + 300.0 * k + 2.0 * i, 200 + random.between(-2, 2)));
    std::vector<Detection> mixed = bad;
    mixed.insert(mixed.end(), boxes.begin(), boxes.end());
    mixed.insert(mixed.end(), bad.begin(), bad.end());
    const auto expected = clean.update(boxes, i * kFrame, kFrame), got = dirty.update(mixed, i * kFrame, kFrame);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t k = 0; k < got.size(); ++k) {
      EXPECT_EQ(got[k].id, expected[k].id);
      EXPECT_EQ(got[k].detection, expected[k].detection + bad.size());
      EXPECT_EQ(got[k].box.x1, expected[k].box.x1);
    }
  }
}

TEST(ByteTracker, HugeAndTinyBoxesStayFinite) {
  ByteTracker tracker({});
  const std::vector<Detection> boxes = {
      {0, 0.9F, -3e38F, -3e38F, 3e38F, 3e38F}, {0, 0.9F, 1, 1, 1.0000001F, 1.0000001F}, {0, 0.9F, 0, 0, 1e-38F, 1e30F}};
  for (int i = 0; i < 300; ++i) {
    for (const Track& track :
         tracker.update(i % 3 == 0 ? std::span<const Detection>() : boxes, i * 2 * kFrame, kFrame)) {
      EXPECT_TRUE(std::isfinite(track.box.x1) && std::isfinite(track.box.y1));
      EXPECT_TRUE(std::isfinite(track.box.x2) && std::isfinite(track.box.y2));
    }
  }
}

TEST(ByteTracker, TimeThatStandsStillIsCountedInFrames) {
  for (const double stamp : {0.0, static_cast<double>(kNan)}) {
    for (const int hidden : {30, 31}) {
      Stage stage;
      for (int i = 0; i < 120; ++i) stage.show(hides(hidden, 0)(i), stamp);
      EXPECT_EQ(stage.ids(0).size(), hidden == 30 ? 1U : 2U);
    }
  }
  // Without a rate: every frame is the next.
  Stage stage;
  for (int i = 0; i < 60; ++i) stage.show({{0, box_at(100 + 3.0 * i, 200)}}, i * 0.5, 0);
  EXPECT_EQ(stage.ids(0), Ids{1});
}

TEST(ByteTracker, TimeThatStumblesBreaksNothingAndTimeThatJumpsBeginsAnew) {
  const Play play = [](int) { return Actors{{0, box_at(100, 200)}}; };
  Stage stage;
  stage.run(play, 0, 40);
  stage.show(play(0), 38 * kFrame);  // stamps out of order
  stage.show(play(0), 39 * kFrame);
  stage.run(play, 40, 60);
  EXPECT_EQ(stage.ids(0), Ids{1});
  stage.show(play(0), 3600);  // a camera that was away for an hour
  stage.show(play(0), 3600 + kFrame);
  EXPECT_EQ(stage.ids(0), (Ids{1, 2}));
  stage.run(play, 0, 10);  // and one that begins at 0 again
  EXPECT_EQ(stage.ids(0), (Ids{1, 2, 3}));
}

TEST(ByteTracker, FramesMayBeFarApart) {
  // A camera of a frame in five seconds, and one of which so few frames are looked at.
  for (const double frame_seconds : {5.0, kFrame}) {
    Stage stage;
    for (int i = 0; i < 60; ++i)
      stage.show({{0, box_at(100 + 4.0 * i, 200)}, {1, box_at(400, 200 - 3.0 * i)}}, i * 5.0, frame_seconds);
    EXPECT_EQ(stage.ids(0), Ids{1});
    EXPECT_EQ(stage.ids(1), Ids{2});
    EXPECT_EQ(stage.seen(0) + stage.seen(1), 2 * 60);
  }
}

}  // namespace
}  // namespace saker::tracking
