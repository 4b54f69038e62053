// What a batch's loss and gradients take, family by family, on maps as training has them (channels last):
// loss_lab [SIDE [BATCH [CLASSES [BOXES]]]], by default 320 16 80 64. Milliseconds: least and median of 50 calls.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/random.h"
#include "base/statistics.h"
#include "base/thread_pool.h"
#include "losses/recorded_cases.h"

namespace {

using namespace saker;
using namespace saker::losses;

struct Setting {
  std::int64_t side = 320, batch = 16, classes = 80, boxes = 64;
};

std::vector<Target> random_targets(const Setting& setting) {
  PortableRandom random(1);
  const double side = static_cast<double>(setting.side);
  std::vector<Target> targets;
  for (std::int64_t i = 0; i < setting.boxes; ++i) {
    const double w = random.between(0.04, 0.6) * side, h = random.between(0.04, 0.6) * side;
    targets.push_back({static_cast<std::int32_t>(i % setting.batch),
                       static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(setting.classes))),
                       static_cast<float>(random.between(w / 2, side - w / 2)),
                       static_cast<float>(random.between(h / 2, side - h / 2)), static_cast<float>(w),
                       static_cast<float>(h)});
  }
  return targets;
}

void measure(const char* name, Family family, Loss& loss, const Setting& setting, bool with_gradients) {
  std::vector<TestMap> maps = case_maps(
      {family, 1, setting.side, setting.side, setting.classes, setting.batch, 0.25, 0.25, 1}, Order::kChannelsLast);
  const std::vector<MapView> views = views_of(maps, with_gradients);
  const std::vector<Target> targets = random_targets(setting);
  const int side = static_cast<int>(setting.side);
  for (const int threads : {1, 2}) {
    ThreadPool pool(threads);
    std::vector<double> times;
    for (int i = 0; i < 50; ++i) {
      const auto start = std::chrono::steady_clock::now();
      loss.compute(views, targets, {side, side}, pool);
      times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::printf("%-12s %-18s %d threads  %6.2f  %6.2f ms\n", name, with_gradients ? "with gradients" : "losses alone",
                threads, *std::min_element(times.begin(), times.end()), median(times));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Setting setting;
  std::int64_t* const numbers[] = {&setting.side, &setting.batch, &setting.classes, &setting.boxes};
  for (int i = 1; i < argc && i <= 4; ++i) *numbers[i - 1] = std::max(std::atoll(argv[i]), 1LL);
  const auto distances = make_loss(DistanceLossOptions{.classes = setting.classes});
  const auto anchors = make_loss(AnchorLossOptions{.classes = setting.classes, .anchors = kTestAnchors});
  const auto yolox = make_loss(YoloxLossOptions{.classes = setting.classes, .l1 = true});
  for (const bool with_gradients : {true, false}) {
    measure("YOLOv8, 11", Family::kDistances, *distances, setting, with_gradients);
    measure("YOLOv5", Family::kAnchors, *anchors, setting, with_gradients);
    measure("YOLOX", Family::kYolox, *yolox, setting, with_gradients);
  }
}
