// A camera that never stops: a million frames, nine hours at 30 a second.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "support/counted_memory.h"
#include "tracking/scene.h"

namespace saker::tracking {
namespace {

constexpr int kFrames = 1'000'000, kWarmUp = 100'000;
constexpr double kFrame = 1.0 / 30;

// People who come, walk and go, with misses between, and false alarms.
class Street {
 public:
  const std::vector<Detection>& next() {
    boxes_.clear();
    if (people_.size() < 4 && random_.below(60) == 0) people_.push_back({0, random_.between(80, 400), 0, 0});
    for (Person& p : people_) {
      p.x += 6;
      p.hidden = p.hidden > 0 ? p.hidden - 1 : random_.below(50) == 0 ? static_cast<int>(random_.below(45)) : 0;
      const double score = p.hidden > 0 ? 0 : random_.between(0.12, 0.95);
      if (p.hidden == 0) add(p.x, p.y, score);
    }
    std::erase_if(people_, [](const Person& p) { return p.x > 640; });
    if (random_.below(20) == 0) add(random_.between(0, 640), random_.between(80, 480), 0.6);
    return boxes_;
  }

 private:
  struct Person {
    double x = 0, y = 0, height = 0;
    int hidden = 0;
  };
  void add(double x, double y, double score) {
    const auto left = static_cast<float>(x - 15), bottom = static_cast<float>(y);
    boxes_.push_back(
        {static_cast<int>(random_.below(3)), static_cast<float>(score), left, bottom - 80, left + 30, bottom});
  }

  PortableRandom random_{8};
  std::vector<Person> people_;
  std::vector<Detection> boxes_;
};

Scene street() {
  Scene scene;
  scene.fractions = true;
  scene.lines = {{"gate", {0.5, 0}, {0.5, 1}, {}}};
  scene.zones = {{"yard", {{0.2, 0}, {0.6, 0}, {0.6, 1}, {0.2, 1}}, {1}}};
  return scene;
}

TEST(LongRun, MemoryStaysAndIdsAreNeverUsedAgain) {
  Street people;
  ByteTracker tracker({});
  SceneWatch watch(street(), 640, 480);
  std::set<std::int64_t> living;  // of the last frames, at most 60
  std::int64_t newest = 0;
  std::size_t after_warm_up = 0, events = 0, most = 0;
  for (int i = 0; i < kFrames; ++i) {
    const auto& boxes = people.next();
    const auto tracks = tracker.update(boxes, i * kFrame, kFrame);
    events += watch.update(tracks, boxes, i * kFrame).size();
    for (const Track& track : tracks) {
      if (track.id <= newest) {
        ASSERT_TRUE(living.contains(track.id)) << "id " << track.id << " came back in frame " << i;
      } else {
        newest = track.id;
        living.insert(track.id);
        if (living.size() > 60) living.erase(living.begin());
      }
    }
    if (i == kWarmUp) after_warm_up = memory_in_use();
    if (i % 10'000 == 0 && i > kWarmUp) most = std::max(most, memory_in_use());
  }
  EXPECT_LT(most, after_warm_up + 16'384);
  EXPECT_GT(newest, 10'000);
  EXPECT_GT(events, 10'000U);
  for (const Counts& count : watch.counts()) EXPECT_LE(count.inside, 10U);
}

}  // namespace
}  // namespace saker::tracking
