#include "augment/epoch_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace saker::augment {
namespace {

constexpr std::uint64_t kOrder = 1, kSize = 2;  // what a seed is for

// Ultralytics 8.4 and YOLOv5: randrange(S(1 - f), S(1 + f) + stride), rounded down to the stride.
int draw_size(const LoaderOptions& options, std::int64_t epoch, std::size_t batch) {
  if (options.multi_scale <= 0) return static_cast<int>(options.size);
  const std::size_t group = batch / static_cast<std::size_t>(options.multi_scale_every);
  PortableRandom random(mixed_seed(options.seed, static_cast<std::uint64_t>(epoch), group << 8 | kSize));
  const auto size = static_cast<double>(options.size);
  const std::int64_t low = std::max(options.stride, static_cast<std::int64_t>(size * (1 - options.multi_scale)));
  const std::int64_t high = static_cast<std::int64_t>(size * (1 + options.multi_scale)) + options.stride;
  const std::int64_t drawn = low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low)));
  return static_cast<int>(drawn / options.stride * options.stride);
}

int up_to_stride(double side, std::int64_t stride) {
  constexpr double kRounding = 1e-6;
  return static_cast<int>(std::ceil(side / static_cast<double>(stride) - kRounding)) * static_cast<int>(stride);
}

}  // namespace

std::uint64_t mixed_seed(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return scrambled(scrambled(scrambled(a) ^ b) ^ c);
}

RectBatches rect_batches(const std::vector<double>& aspects, std::size_t batch) {
  RectBatches result;
  result.order.resize(aspects.size());
  std::iota(result.order.begin(), result.order.end(), 0);
  const auto aspect = [&](std::size_t position) { return aspects[static_cast<std::size_t>(result.order[position])]; };
  std::stable_sort(result.order.begin(), result.order.end(), [&](std::int32_t a, std::int32_t b) {
    return aspects[static_cast<std::size_t>(a)] < aspects[static_cast<std::size_t>(b)];
  });
  for (std::size_t first = 0; first < aspects.size(); first += batch) {
    const double least = aspect(first), most = aspect(std::min(first + batch, aspects.size()) - 1);
    if (most < 1) {
      result.shapes.push_back({most, 1});
    } else if (least > 1) {
      result.shapes.push_back({1, 1 / least});
    } else {
      result.shapes.push_back({1, 1});
    }
  }
  return result;
}

EpochPlan plan_epoch(const LoaderOptions& options, std::size_t pictures, const RectBatches* rect, std::int64_t epoch) {
  PortableRandom random(mixed_seed(options.seed, static_cast<std::uint64_t>(epoch), kOrder));
  const auto per_batch = static_cast<std::size_t>(options.batch);
  const std::size_t batches = (pictures + per_batch - 1) / per_batch;
  EpochPlan plan;
  if (rect == nullptr) {
    plan.order.resize(pictures);
    std::iota(plan.order.begin(), plan.order.end(), 0);
    random.shuffle(plan.order);
    for (std::size_t i = 0; i < batches; ++i) {
      const int side = draw_size(options, epoch, i);
      plan.sizes.push_back({side, side});
    }
    return plan;
  }
  std::vector<std::size_t> chosen(pictures / per_batch);
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  random.shuffle(chosen);
  if (chosen.size() < batches) chosen.push_back(batches - 1);
  for (std::size_t i = 0; i < batches; ++i) {
    const std::size_t first = chosen[i] * per_batch, end = std::min(first + per_batch, pictures);
    for (std::size_t k = first; k < end; ++k) plan.order.push_back(rect->order[k]);
    const RectBatches::Shape& shape = rect->shapes[chosen[i]];
    const int side = draw_size(options, epoch, i);
    plan.sizes.push_back(
        {up_to_stride(side * shape.width, options.stride), up_to_stride(side * shape.height, options.stride)});
  }
  return plan;
}

}  // namespace saker::augment
