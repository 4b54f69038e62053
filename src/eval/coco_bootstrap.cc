#include <algorithm>

#include "base/check.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/statistics.h"
#include "eval/coco_eval.h"

namespace saker {
namespace {

// How often each picture was drawn in as many draws as there are pictures. Every sample has a sequence of its own, so
// that threads may draw in any order.
std::vector<std::int32_t> draw(std::size_t pictures, std::uint64_t seed, std::int64_t sample) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: seeds that are near share no samples
  PortableRandom random(seed * kGolden + static_cast<std::uint64_t>(sample));
  std::vector<std::int32_t> weights(pictures);
  for (std::size_t i = 0; i < pictures; ++i) ++weights[random.below(pictures)];
  return weights;
}

using Numbers = std::array<double, 12>;
struct Pair {
  Numbers a, b;
  bool measured(std::size_t number) const { return a[number] >= 0 && b[number] >= 0; }
  double difference(std::size_t number) const { return b[number] - a[number]; }
};

}  // namespace

Differences bootstrap_difference(const CocoEvaluation& a, const CocoEvaluation& b, int samples, std::uint64_t seed,
                                 int threads) {
  SAKER_CHECK(a.pictures() == b.pictures());
  std::vector<Pair> drawn(static_cast<std::size_t>(std::max(samples, 0)));
  parallel_for(threads, static_cast<std::int64_t>(drawn.size()), [&](std::int64_t sample, int) {
    const std::vector<std::int32_t> weights = draw(a.pictures(), seed, sample);
    drawn[static_cast<std::size_t>(sample)] = {a.resampled(weights).list(), b.resampled(weights).list()};
  });

  const Pair whole{a.numbers({}, threads).list(), b.numbers({}, threads).list()};
  Differences result;
  result.samples = static_cast<int>(drawn.size());
  for (std::size_t n = 0; n < result.coco.size(); ++n) {
    if (!whole.measured(n)) continue;
    std::vector<double> values;  // a sample may have nothing to measure, such as no small box
    for (const Pair& pair : drawn)
      if (pair.measured(n)) values.push_back(pair.difference(n));
    std::sort(values.begin(), values.end());
    Difference& d = result.coco[n];
    d.value = d.low = d.high = whole.difference(n);
    if (values.empty()) continue;
    d.low = percentile(values, .025);
    d.high = percentile(values, .975);
  }
  return result;
}

}  // namespace saker
