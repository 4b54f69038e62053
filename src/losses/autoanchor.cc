#include "losses/autoanchor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "base/random.h"

namespace saker::losses {
namespace {

constexpr double kGoodRecall = 0.98;
constexpr float kSmallestSide = 2;  // pixels, of boxes that count and of anchors
constexpr std::size_t kMostBoxes = 10'000;
constexpr int kStarts = 30, kMostRounds = 300, kGenerations = 1000;
constexpr double kSettled = 1e-5;  // change of the mean distance

// The worse of both sides' ratios, smaller by larger: 1 is an exact fit.
float fit_of(const BoxSize& box, const BoxSize& anchor) {
  const float w = box.w / anchor.w, h = box.h / anchor.h;
  return std::min({w, 1 / w, h, 1 / h});
}

float best_fit(const BoxSize& box, std::span<const BoxSize> anchors) {
  float best = 0;
  for (const BoxSize& anchor : anchors) best = std::max(best, fit_of(box, anchor));
  return best;
}

// The mean of the fits that are good enough to be matched.
double fitness(std::span<const BoxSize> boxes, std::span<const BoxSize> anchors, float threshold) {
  double sum = 0;
  for (const BoxSize& box : boxes) {
    const float best = best_fit(box, anchors);
    if (best > threshold) sum += static_cast<double>(best);
  }
  return sum / static_cast<double>(boxes.size());
}

std::vector<BoxSize> sizes_of(std::span<const float> numbers) {
  std::vector<BoxSize> sizes;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) sizes.push_back({numbers[i], numbers[i + 1]});
  return sizes;
}

double square(double x) {
  return x * x;
}

// The boxes that count, some of them where there are too many.
std::vector<BoxSize> sample_of(std::span<const BoxSize> boxes, PortableRandom& random) {
  std::vector<BoxSize> sample;
  for (const BoxSize& box : boxes) {
    if (box.w >= kSmallestSide || box.h >= kSmallestSide) sample.push_back(box);
  }
  if (sample.size() > kMostBoxes) {
    random.shuffle(sample);
    sample.resize(kMostBoxes);
  }
  return sample;
}

// Lloyd's algorithm from random boxes on. A centre that no box is nearest to begins anew.
double settle(std::span<const BoxSize> boxes, std::vector<BoxSize>& centres, PortableRandom& random) {
  struct Sum {
    double w = 0, h = 0, count = 0;
  };
  double before = std::numeric_limits<double>::infinity();
  for (int round = 0;; ++round) {
    std::vector<Sum> sums(centres.size());
    double distance = 0;
    for (const BoxSize& box : boxes) {
      double nearest = std::numeric_limits<double>::infinity();
      std::size_t at = 0;
      for (std::size_t c = 0; c < centres.size(); ++c) {
        const double d =
            square(static_cast<double>(box.w - centres[c].w)) + square(static_cast<double>(box.h - centres[c].h));
        if (d < nearest) {
          nearest = d;
          at = c;
        }
      }
      distance += std::sqrt(nearest);
      sums[at].w += static_cast<double>(box.w);
      sums[at].h += static_cast<double>(box.h);
      ++sums[at].count;
    }
    distance /= static_cast<double>(boxes.size());
    if (before - distance <= kSettled || round == kMostRounds) return distance;
    before = distance;
    for (std::size_t c = 0; c < centres.size(); ++c) {
      const Sum& sum = sums[c];
      centres[c] = sum.count > 0 ? BoxSize{static_cast<float>(sum.w / sum.count), static_cast<float>(sum.h / sum.count)}
                                 : boxes[random.below(boxes.size())];
    }
  }
}

// K-means of sizes in units of their standard deviations, the best of several starts.
std::vector<BoxSize> k_means(std::span<const BoxSize> boxes, std::size_t count, PortableRandom& random) {
  const auto deviation = [&](auto side) {
    double sum = 0, squares = 0;
    for (const BoxSize& box : boxes) sum += static_cast<double>(side(box));
    const double mean = sum / static_cast<double>(boxes.size());
    for (const BoxSize& box : boxes) squares += square(static_cast<double>(side(box)) - mean);
    const double result = std::sqrt(squares / static_cast<double>(boxes.size()));
    return static_cast<float>(result > 0 ? result : 1);
  };
  const float unit_w = deviation([](const BoxSize& box) { return box.w; });
  const float unit_h = deviation([](const BoxSize& box) { return box.h; });
  std::vector<BoxSize> scaled;
  for (const BoxSize& box : boxes) scaled.push_back({box.w / unit_w, box.h / unit_h});

  std::vector<BoxSize> best;
  double least = std::numeric_limits<double>::infinity();
  for (int start = 0; start < kStarts; ++start) {
    std::vector<BoxSize> centres;
    for (std::size_t c = 0; c < count; ++c) centres.push_back(scaled[random.below(scaled.size())]);
    const double distance = settle(scaled, centres, random);
    if (distance < least) {
      least = distance;
      best = std::move(centres);
    }
  }
  for (BoxSize& centre : best) {
    centre = {std::max(centre.w * unit_w, kSmallestSide), std::max(centre.h * unit_h, kSmallestSide)};
  }
  return best;
}

// By Box and Muller.
double normal(PortableRandom& random) {
  const double u = 1 - random.between(0, 1), v = random.between(0, 1);
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

// Each number is changed with probability 0.9 by a tenth, normally distributed; how strongly, is drawn for all
// together.
std::vector<BoxSize> mutated(std::vector<BoxSize> anchors, PortableRandom& random) {
  bool changed = false;
  const auto change = [&](float& side, double strength) {
    if (random.between(0, 1) >= 0.9) return;
    const double factor = std::clamp(1 + strength * normal(random) * 0.1, 0.3, 3.0);
    changed = changed || factor != 1;
    side = std::max(static_cast<float>(static_cast<double>(side) * factor), kSmallestSide);
  };
  while (!changed) {
    const double strength = random.between(0, 1);
    for (BoxSize& anchor : anchors) {
      change(anchor.w, strength);
      change(anchor.h, strength);
    }
  }
  return anchors;
}

}  // namespace

double best_possible_recall(std::span<const BoxSize> boxes, std::span<const float> anchors, double anchor_t) {
  const std::vector<BoxSize> sizes = sizes_of(anchors);
  std::size_t met = 0;
  for (const BoxSize& box : boxes) met += static_cast<double>(best_fit(box, sizes)) > 1 / anchor_t ? 1 : 0;
  return boxes.empty() ? 1 : static_cast<double>(met) / static_cast<double>(boxes.size());
}

AutoAnchor fit_anchors(std::span<const BoxSize> boxes, std::span<const float> anchors, double anchor_t,
                       std::uint64_t seed) {
  const double before = best_possible_recall(boxes, anchors, anchor_t);
  AutoAnchor kept{{anchors.begin(), anchors.end()}, before, before, false};
  PortableRandom random(seed);
  const std::vector<BoxSize> sample = sample_of(boxes, random);
  const std::size_t count = anchors.size() / 2;
  if (before > kGoodRecall || sample.size() < count) return kept;

  std::vector<BoxSize> best = k_means(sample, count, random);
  const auto threshold = static_cast<float>(1 / anchor_t);
  double highest = fitness(sample, best, threshold);
  for (int generation = 0; generation < kGenerations; ++generation) {
    std::vector<BoxSize> child = mutated(best, random);
    const double value = fitness(sample, child, threshold);
    if (value <= highest) continue;
    highest = value;
    best = std::move(child);
  }
  std::sort(best.begin(), best.end(), [](const BoxSize& a, const BoxSize& b) { return a.w * a.h < b.w * b.h; });
  AutoAnchor fitted{{}, 0, before, true};
  for (const BoxSize& anchor : best) fitted.anchors.insert(fitted.anchors.end(), {anchor.w, anchor.h});
  fitted.recall = best_possible_recall(boxes, fitted.anchors, anchor_t);
  return fitted.recall > before ? fitted : kept;
}

}  // namespace saker::losses
