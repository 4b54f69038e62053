// Who walks where is known, so events and counts are.
#include "tracking/scene.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace saker::tracking {
namespace {

constexpr int kWidth = 1000, kHeight = 500;
constexpr double kBoxHeight = 100;  // so the margin is 5 pixels

// One frame: tracks by where they stand, all of them seen.
class Walk {
 public:
  explicit Walk(Scene scene, double patience = 1) : watch_(std::move(scene), kWidth, kHeight, patience) {}

  struct Walker {
    std::int64_t id = 0;
    Point at;
    int class_id = 0;
    double score = 0.9;
  };
  std::vector<Event> step(const std::vector<Walker>& walkers, double seconds) {
    std::vector<Track> tracks;
    std::vector<Detection> boxes;
    for (const Walker& w : walkers) {
      tracks.push_back({w.id, boxes.size(), {w.at.x - 20, w.at.y - kBoxHeight, w.at.x + 20, w.at.y}});
      boxes.push_back({w.class_id, static_cast<float>(w.score), 0, 0, 1, 1});
    }
    return keep(watch_.update(tracks, boxes, seconds));
  }
  // Track 1 along the points, a frame each, ten frames a second.
  Walk& go(const std::vector<Point>& points, int class_id = 0) {
    for (const Point& p : points) step({{1, p, class_id}}, 0.1 * frame_++);
    return *this;
  }
  std::vector<Event> finish() { return keep(watch_.finish()); }

  const std::vector<Event>& events() const { return events_; }
  std::vector<Counts> counts() const { return watch_.counts(); }

 private:
  std::vector<Event> keep(std::vector<Event> events) {
    events_.insert(events_.end(), events.begin(), events.end());
    return events;
  }

  SceneWatch watch_;
  std::vector<Event> events_;
  int frame_ = 0;
};

// From left to right across the middle of the picture: its right is below.
Scene gate(std::vector<int> classes = {}) {
  Scene scene;
  scene.lines = {{"gate", {200, 250}, {800, 250}, std::move(classes)}};
  return scene;
}

Scene yard(std::vector<int> classes = {}) {
  Scene scene;
  scene.zones = {{"yard", {{200, 100}, {800, 100}, {800, 400}, {200, 400}}, std::move(classes)}};
  return scene;
}

std::vector<Point> from_to(const Point& from, const Point& to, int steps) {
  std::vector<Point> points;
  for (int i = 0; i <= steps; ++i)
    points.push_back({from.x + (to.x - from.x) * i / steps, from.y + (to.y - from.y) * i / steps});
  return points;
}

void expect_crossings(const Walk& walk, std::size_t forward, std::size_t backward) {
  EXPECT_EQ(walk.counts().at(0).forward, forward);
  EXPECT_EQ(walk.counts().at(0).backward, backward);
  EXPECT_EQ(walk.events().size(), forward + backward);
}

TEST(Lines, AreCrossedForwardsAndBackwards) {
  Walk walk(gate());
  walk.go(from_to({500, 150}, {500, 350}, 20));
  expect_crossings(walk, 1, 0);
  EXPECT_EQ(walk.events().at(0).kind, EventKind::kCrossed);
  EXPECT_EQ(walk.events().at(0).where, "gate");
  EXPECT_EQ(walk.events().at(0).track, 1);
  EXPECT_TRUE(walk.events().at(0).forward);
  EXPECT_DOUBLE_EQ(walk.events().at(0).seconds, 1.1);  // at 260, the first step beyond the margin
  walk.go(from_to({500, 350}, {500, 150}, 20));
  expect_crossings(walk, 1, 1);
  EXPECT_FALSE(walk.events().at(1).forward);
}

TEST(Lines, ForwardIsFromTheLeftToTheRightOfWhoGoesAlong) {
  // Up the picture: the right is where x grows. And one that slopes.
  Scene scene;
  scene.lines = {{"up", {500, 400}, {500, 100}, {}}, {"slope", {100, 100}, {900, 400}, {}}};
  Walk walk(scene);
  walk.go(from_to({300, 300}, {700, 300}, 10));
  ASSERT_EQ(walk.events().size(), 2U);
  EXPECT_EQ(walk.events().at(0).where, "up");
  EXPECT_TRUE(walk.events().at(0).forward);
  EXPECT_EQ(walk.events().at(1).where, "slope");
  EXPECT_FALSE(walk.events().at(1).forward);  // from below the line to above it
}

TEST(Lines, AStepOverTheWholeLineCounts) {
  Walk walk(gate());
  expect_crossings(walk.go({{500, 150}, {520, 350}}), 1, 0);
}

TEST(Lines, WhoTouchesAndGoesBackHasNotCrossed) {
  Walk walk(gate());
  walk.go({{500, 200}, {500, 240}, {500, 250}, {500, 240}, {500, 200}});
  walk.go({{500, 240}, {500, 254.5}, {500, 240}, {500, 200}});  // by less than the margin
  expect_crossings(walk, 0, 0);
  expect_crossings(walk.go({{500, 240}, {500, 255.5}, {500, 240}}), 1, 1);  // by more
}

TEST(Lines, TheMarginOfSmallBoxesIsAPixel) {
  SceneWatch watch(gate(), kWidth, kHeight);
  const std::vector<Detection> boxes(1);
  const auto stand = [&](double y) {
    return watch.update(std::vector{Track{1, 0, {500, y - 4, 502, y}}}, boxes, 0).size();
  };
  EXPECT_EQ(stand(240), 0U);
  EXPECT_EQ(stand(250.9), 0U);
  EXPECT_EQ(stand(251.1), 1U);
}

TEST(Lines, WhoTremblesAtTheLineCountsOnce) {
  PortableRandom random(6);
  Walk walk(gate());
  walk.go({{500, 200}});
  for (int i = 0; i < 1000; ++i) walk.go({{500, 250 + random.between(-4.9, 4.9)}});
  expect_crossings(walk, 0, 0);
  walk.go({{500, 300}});
  for (int i = 0; i < 1000; ++i) walk.go({{500, 250 + random.between(-4.9, 4.9)}});
  expect_crossings(walk, 1, 0);
}

TEST(Lines, WhoBeginsAtTheLineCrossesItOnlyLater) {
  Walk walk(gate());
  walk.go({{500, 251}, {500, 240}});
  expect_crossings(walk, 0, 0);
  expect_crossings(walk.go({{500, 270}}), 1, 0);
}

TEST(Lines, WhoGoesAroundTheEndHasNotCrossed) {
  Walk walk(gate());
  walk.go({{500, 150}, {100, 240}, {100, 260}, {500, 350}});
  expect_crossings(walk, 0, 0);
  walk.go({{500, 150}});  // but through the line on the way back
  expect_crossings(walk, 0, 1);
  walk.go({{900, 240}, {900, 260}, {500, 350}});  // the other end
  expect_crossings(walk, 0, 1);
}

TEST(Lines, WhoCrossesAndGoesBackAroundTheEndWithinTheMarginCountsOnceMore) {
  Walk walk(gate());
  // Through, around the end inside the margin, and through again: on the other side once.
  walk.go({{790, 240}, {790, 253}, {810, 253}, {810, 247}, {790, 247}, {790, 260}});
  expect_crossings(walk, 1, 0);
}

TEST(Lines, WhoIsHiddenAtTheLineHasCrossedWhenSeenAgain) {
  Walk walk(gate());
  walk.step({{1, {500, 200}}}, 0);
  walk.step({}, 0.5);
  walk.step({{1, {500, 300}}}, 1.0);
  expect_crossings(walk, 1, 0);
  // After more than the patience nobody knows the way.
  walk.step({}, 2.2);
  walk.step({{1, {500, 200}}}, 2.5);
  expect_crossings(walk, 1, 0);
}

TEST(Lines, CountOnlyTheirClasses) {
  Walk walk(gate({2, 3}));
  walk.step({{1, {400, 200}, 0}, {2, {500, 200}, 2}, {3, {600, 200}, 3}}, 0);
  walk.step({{1, {400, 300}, 0}, {2, {500, 300}, 2}, {3, {600, 300}, 3}}, 0.1);
  expect_crossings(walk, 2, 0);
  EXPECT_EQ(walk.events().at(0).class_id, 2);
  EXPECT_EQ(walk.events().at(1).class_id, 3);
}

TEST(Lines, AClassIsWhatMostScoresSay) {
  Walk walk(gate({2}));
  for (int i = 0; i < 5; ++i) walk.step({{1, {500, 200.0 + i}, 2, 0.5}}, 0.1 * i);
  walk.step({{1, {500, 300}, 7, 0.95}}, 0.5);  // a slip of the detector, in the very frame
  expect_crossings(walk, 1, 0);
  EXPECT_EQ(walk.events().at(0).class_id, 2);
}

TEST(Lines, InFractionsAreThoseOfThePicture) {
  Scene scene;
  scene.fractions = true;
  scene.lines = {{"gate", {0.2, 0.5}, {0.8, 0.5}, {}}};
  Walk walk(scene);
  expect_crossings(walk.go(from_to({500, 150}, {500, 350}, 20)), 1, 0);
  EXPECT_EQ(SceneWatch(scene, kWidth, kHeight).scene().lines[0].to.x, 800);
  EXPECT_EQ(SceneWatch(scene, kWidth, kHeight).scene().lines[0].to.y, 250);
}

TEST(Zones, AreEnteredAndLeftWithTheTimeInside) {
  Walk walk(yard());
  walk.go(from_to({100, 250}, {900, 250}, 80));  // 10 pixels a frame
  ASSERT_EQ(walk.events().size(), 2U);
  EXPECT_EQ(walk.events().at(0).kind, EventKind::kEntered);
  EXPECT_EQ(walk.events().at(0).where, "yard");
  EXPECT_DOUBLE_EQ(walk.events().at(0).seconds, 1.0);
  EXPECT_EQ(walk.events().at(1).kind, EventKind::kLeft);
  EXPECT_DOUBLE_EQ(walk.events().at(1).seconds, 7.1);  // at 810, outside by more than the margin
  EXPECT_NEAR(walk.events().at(1).stayed, 6.1, 1e-9);
  EXPECT_TRUE(walk.counts().at(0).zone);
  EXPECT_EQ(walk.counts().at(0).entered, 1U);
  EXPECT_EQ(walk.counts().at(0).inside, 0U);
}

TEST(Zones, AreLeftBesideAnEdgeToo) {
  Walk walk(yard());
  walk.go({{700, 399}, {900, 400}});  // on, where the lower edge would go on
  EXPECT_EQ(walk.counts().at(0).entered, 1U);
  EXPECT_EQ(walk.counts().at(0).inside, 0U);
}

TEST(Zones, CountOnlyTheirClasses) {
  Walk walk(yard({2}));
  walk.step({{1, {500, 300}, 0}, {2, {600, 300}, 2}}, 0);
  EXPECT_EQ(walk.counts().at(0).inside, 1U);
  ASSERT_EQ(walk.events().size(), 1U);
  EXPECT_EQ(walk.events().at(0).track, 2);
}

TEST(Zones, WhoTremblesAtTheBorderEntersOnce) {
  PortableRandom random(7);
  Walk walk(yard());
  for (int i = 0; i < 1000; ++i) walk.go({{500, 400 + random.between(-4.9, 4.9)}});
  EXPECT_EQ(walk.counts().at(0).entered, 1U);
  EXPECT_EQ(walk.counts().at(0).inside, 1U);
}

TEST(Zones, MayBeSmallerThanTheMargin) {
  Scene scene;
  scene.zones = {{"slit", {{498, 0}, {502, 0}, {502, 500}, {498, 500}}, {}}};
  Walk walk(scene);
  walk.go(from_to({450, 250}, {550, 250}, 100));
  EXPECT_EQ(walk.counts().at(0).entered, 1U);
  EXPECT_EQ(walk.counts().at(0).inside, 0U);
}

TEST(Zones, WithNotchesAndCrossedBordersAreEvenOdd) {
  Scene scene;
  // A "U", and a star of five points, whose middle is even.
  scene.zones = {{"u", {{0, 0}, {300, 0}, {300, 300}, {200, 300}, {200, 100}, {100, 100}, {100, 300}, {0, 300}}, {}},
                 {"star", {{700, 10}, {790, 290}, {550, 110}, {850, 110}, {610, 290}}, {}}};
  const auto inside = [&](const Point& p) {
    Walk walk(scene);
    walk.go({p});
    return std::pair(walk.counts().at(0).inside, walk.counts().at(1).inside);
  };
  using In = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(inside({50, 200}), (In{1, 0}));
  EXPECT_EQ(inside({150, 200}), (In{0, 0}));
  EXPECT_EQ(inside({250, 200}), (In{1, 0}));
  EXPECT_EQ(inside({700, 60}), (In{0, 1}));
  EXPECT_EQ(inside({700, 150}), (In{0, 0}));
  EXPECT_EQ(inside({950, 150}), (In{0, 0}));
}

TEST(Zones, ThatEndAtThePictureHaveThoseWhoseBoxesDo) {
  Scene scene;
  scene.fractions = true;
  scene.zones = {{"all", {{0, 0}, {1, 0}, {1, 1}, {0, 1}}, {}}};
  for (const Point& p : {Point{500, 500}, Point{500, 540}, Point{-3, 250}, Point{1004, 500}, Point{0, -2}}) {
    Walk walk(scene);
    walk.go({p});
    EXPECT_EQ(walk.counts().at(0).inside, 1U) << p.x << ", " << p.y;
  }
}

TEST(Zones, WhoIsLostInsideLeavesWhenLastSeen) {
  Walk walk(yard());
  for (int i = 0; i <= 20; ++i) walk.step({{1, {500, 300}}}, 0.1 * i);
  for (int i = 21; i <= 30; ++i) walk.step({}, 0.1 * i);
  EXPECT_EQ(walk.events().size(), 1U);  // a second is the patience
  EXPECT_EQ(walk.counts().at(0).inside, 1U);
  walk.step({}, 3.1);
  ASSERT_EQ(walk.events().size(), 2U);
  EXPECT_EQ(walk.events().at(1).kind, EventKind::kLeft);
  EXPECT_NEAR(walk.events().at(1).seconds, 2, 1e-9);
  EXPECT_NEAR(walk.events().at(1).stayed, 2, 1e-9);
  EXPECT_EQ(walk.counts().at(0).inside, 0U);
}

TEST(Zones, WhoIsFoundAgainWithinThePatienceHasStayed) {
  Walk walk(yard(), 3);
  walk.step({{1, {500, 300}}}, 0);
  walk.step({}, 1);
  walk.step({{1, {520, 300}}}, 2.9);
  EXPECT_EQ(walk.counts().at(0).entered, 1U);
  walk.step({{1, {520, 450}}}, 3);
  ASSERT_EQ(walk.events().size(), 2U);
  EXPECT_NEAR(walk.events().at(1).stayed, 3, 1e-9);
}

TEST(Zones, WhoIsInsideAtTheEndLeavesThen) {
  Walk walk(yard());
  walk.step({{1, {500, 300}}, {2, {600, 300}}, {3, {900, 300}}}, 0);
  walk.step({{1, {500, 300}}, {3, {900, 300}}}, 0.5);
  const auto last = walk.finish();
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0].track, 1);
  EXPECT_NEAR(last[0].stayed, 0.5, 1e-9);
  EXPECT_EQ(last[1].track, 2);
  EXPECT_NEAR(last[1].seconds, 0, 1e-9);
  EXPECT_TRUE(walk.finish().empty());
  EXPECT_EQ(walk.counts().at(0).inside, 0U);
  EXPECT_EQ(walk.counts().at(0).entered, 2U);
}

TEST(Zones, ATrackThatTurnsOutToBeAnotherClassLeaves) {
  Walk walk(yard({0}));
  walk.step({{1, {500, 300}, 0, 0.3}}, 0);
  EXPECT_EQ(walk.counts().at(0).inside, 1U);
  walk.step({{1, {500, 300}, 5, 0.9}}, 0.1);
  EXPECT_EQ(walk.counts().at(0).inside, 0U);
}

TEST(Scenes, TimeThatStandsStillForgetsTooAndTimeThatJumpsBackBeginsAnew) {
  Walk walk(yard());
  walk.step({{1, {500, 300}}}, 5);
  for (int i = 0; i < 1100; ++i) walk.step({}, i % 2 == 0 ? 5 : std::nan(""));
  EXPECT_EQ(walk.counts().at(0).inside, 0U);
  walk.step({{2, {500, 300}}}, 100);
  const auto events = walk.step({{2, {500, 300}}}, 0);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].kind, EventKind::kLeft);
  EXPECT_EQ(events[0].seconds, 100);
  EXPECT_EQ(events[1].kind, EventKind::kEntered);
  EXPECT_EQ(events[1].seconds, 0);
}

TEST(Scenes, FramesMayBeFurtherApartThanThePatience) {
  Scene scene = yard();
  scene.lines = gate().lines;
  Walk walk(scene);
  for (int i = 0; i < 5; ++i) walk.step({{1, {500, 200.0 + 40 * i}}}, 5.0 * i);
  EXPECT_EQ(walk.counts().at(0).forward, 1U);
  EXPECT_EQ(walk.counts().at(1).entered, 1U);
  EXPECT_EQ(walk.counts().at(1).inside, 1U);
}

TEST(Scenes, BoxesThatAreNotFiniteAreNotThere) {
  Scene scene = yard();
  scene.lines = gate().lines;
  const double nan = std::nan("");
  Walk walk(scene, 5);
  walk.go({{nan, nan}, {500, nan}, {nan, 300}});
  EXPECT_TRUE(walk.events().empty());
  walk.go({{500, 200}, {nan, nan}, {500, nan}, {500, 300}});
  EXPECT_EQ(walk.counts().at(0).forward, 1U);
  EXPECT_EQ(walk.counts().at(1).entered, 1U);
  EXPECT_EQ(walk.events().size(), 2U);
}

}  // namespace
}  // namespace saker::tracking
