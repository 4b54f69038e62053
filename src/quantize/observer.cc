#include "quantize/observer.h"

#include <algorithm>
#include <cmath>

namespace saker {
namespace {

// A histogram of all the values over their common range, finer than the ones it is made of.
struct Merged {
  ValueRange range;
  std::vector<double> bins;
  double width() const {
    return (static_cast<double>(range.high) - static_cast<double>(range.low)) / static_cast<double>(bins.size());
  }
};

ValueRange widest(std::span<const ChannelStatistics* const> statistics) {
  ValueRange range{statistics[0]->low, statistics[0]->high};
  for (const ChannelStatistics* s : statistics) {
    range.low = std::min(range.low, s->low);
    range.high = std::max(range.high, s->high);
  }
  return range;
}

Merged merge(std::span<const ChannelStatistics* const> statistics) {
  constexpr std::size_t kBins = 2048;
  Merged merged{widest(statistics), std::vector<double>(kBins, 0)};
  if (!(merged.range.high > merged.range.low)) return merged;
  for (const ChannelStatistics* s : statistics) {
    for (std::size_t i = 0; i < s->histogram.size(); ++i) {
      if (s->histogram[i] == 0) continue;
      const double at = (s->centre(i) - static_cast<double>(merged.range.low)) / merged.width();
      merged.bins[std::min(static_cast<std::size_t>(std::max(at, 0.0)), kBins - 1)] += s->histogram[i];
    }
  }
  return merged;
}

ValueRange with_zero(ValueRange range) {
  return {std::min(range.low, 0.0F), std::max(range.high, 0.0F)};
}

ValueRange percentile(const Merged& merged) {
  constexpr double kKept = 0.9999;
  double total = 0;
  for (const double count : merged.bins) total += count;
  const double cut = total * (1 - kKept) / 2;
  double low = 0, high = 0;
  std::size_t first = 0, last = merged.bins.size();
  while (first + 1 < last && low + merged.bins[first] <= cut) low += merged.bins[first++];
  while (last > first + 1 && high + merged.bins[last - 1] <= cut) high += merged.bins[--last];
  return {static_cast<float>(static_cast<double>(merged.range.low) + static_cast<double>(first) * merged.width()),
          static_cast<float>(static_cast<double>(merged.range.low) + static_cast<double>(last) * merged.width())};
}

// Squared: by how much SiLU at x passes errors on. Its derivative, with s the sigmoid: s + x s (1 - s).
double silu_gain(double x) {
  const double gate = 1 / (1 + std::exp(-x));
  const double slope = gate * (1 + x * (1 - gate));
  return slope * slope;
}

// Of a channel's values: the mean square of what rounding to a grid and clipping change, for any range.
class SquaredError {
 public:
  SquaredError(const ChannelStatistics& s, bool before_silu) : s_(s), most_(s.variance()) {
    sums_.emplace_back();
    for (std::size_t i = 0; i < s.histogram.size(); ++i) {
      const double value = s.centre(i), n = s.histogram[i], weight = n * (before_silu ? silu_gain(value) : 1);
      const Sums& last = sums_.back();
      sums_.push_back({last.n + weight, last.first + weight * value, last.second + weight * value * value});
      total_ += n;
    }
  }

  // At most the variance: what saying nothing but the mean would change.
  double of(const ValueRange& range) const {
    if (total_ == 0) return 0;
    const double low = static_cast<double>(range.low), high = static_cast<double>(range.high);
    const double step = (high - low) / 255;
    const Sums below = sums_[bins_below(low)], inside = sums_[bins_below(high)], all = sums_.back();
    const Sums above{all.n - inside.n, all.first - inside.first, all.second - inside.second};
    // Inside, a value lies anywhere between two numbers of the grid.
    const double error = below.about(low) + above.about(high) + std::max(inside.n - below.n, 0.0) * (step * step / 12);
    return std::min(error / total_, most_);
  }

 private:
  struct Sums {
    double n = 0, first = 0, second = 0;
    double about(double x) const { return std::max(second - 2 * x * first + x * x * n, 0.0); }
  };
  // Of those whose middle is less.
  std::size_t bins_below(double value) const {
    const double width = s_.centre(1) - s_.centre(0);
    if (!(width > 0)) return s_.centre(0) < value ? sums_.size() - 1 : 0;
    const double bins = std::ceil((value - s_.centre(0)) / width);
    return static_cast<std::size_t>(std::clamp(bins, 0.0, static_cast<double>(sums_.size() - 1)));
  }

  const ChannelStatistics& s_;
  double most_, total_ = 0;
  std::vector<Sums> sums_;  // over the first i bins
};

ValueRange least_squares(std::span<const ChannelStatistics* const> statistics, const ErrorWeights& weights) {
  constexpr int kSteps = 200;  // of 2 % each: down to 2 % of the range
  std::vector<std::pair<SquaredError, double>> errors;
  for (std::size_t i = 0; i < statistics.size(); ++i) {
    const double weight = weights.channels.empty() ? 1 : weights.channels[i];
    if (weight > 0) errors.emplace_back(SquaredError(*statistics[i], weights.before_silu), weight);
  }
  const auto total_error = [&](const ValueRange& range) {
    double total = 0;
    for (const auto& [error, weight] : errors) total += weight * error.of(range);
    return total;
  };
  const ValueRange whole = with_zero(widest(statistics));
  ValueRange best = whole;
  double best_error = total_error(whole);
  // One end after the other: the errors of the two are nearly independent.
  for (const bool upper : {true, false}) {
    ValueRange tried = best;
    for (int i = 1; i < kSteps; ++i) {
      float& end = upper ? tried.high : tried.low;
      end *= 0.98F;
      const double error = total_error(tried);
      if (error >= best_error) continue;
      best = tried;
      best_error = error;
    }
  }
  return best;
}

// The range whose 256 numbers keep most of the distribution: least Kullback-Leibler divergence (Migacz, "8-bit
// inference with TensorRT", GTC 2017), for ranges from a part of the whole up to all of it.
double divergence(const Merged& merged, std::size_t first, std::size_t last) {
  constexpr std::size_t kLevels = 256;
  std::vector<double> p(merged.bins.begin() + static_cast<std::ptrdiff_t>(first),
                        merged.bins.begin() + static_cast<std::ptrdiff_t>(last));
  for (std::size_t i = 0; i < first; ++i) p.front() += merged.bins[i];
  for (std::size_t i = last; i < merged.bins.size(); ++i) p.back() += merged.bins[i];
  double total = 0, result = 0;
  for (const double count : p) total += count;
  if (total == 0) return 0;
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::size_t begin = level * p.size() / kLevels, end = (level + 1) * p.size() / kLevels;
    double sum = 0, filled = 0;
    for (std::size_t i = begin; i < end; ++i) {
      sum += merged.bins[first + i];  // what is clipped belongs to no level
      filled += merged.bins[first + i] > 0 ? 1 : 0;
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (p[i] == 0) continue;
      const double q = filled > 0 && merged.bins[first + i] > 0 ? sum / filled : 1e-6;
      result += p[i] / total * std::log(p[i] / q);
    }
  }
  return result;
}

ValueRange least_divergence(const Merged& merged) {
  const std::size_t bins = merged.bins.size();
  const ValueRange whole = merged.range;
  const double width = merged.width();
  if (!(width > 0)) return whole;
  // The ends move towards zero together, in 32nds.
  const double zero = std::clamp(-static_cast<double>(whole.low) / width, 0.0, static_cast<double>(bins));
  ValueRange best = whole;
  double best_divergence = INFINITY;
  for (int i = 8; i <= 32; ++i) {
    const double part = i / 32.0;
    const auto first = static_cast<std::size_t>(zero * (1 - part));
    const auto last = static_cast<std::size_t>(zero + (static_cast<double>(bins) - zero) * part);
    if (last < first + 256) continue;
    const double own = divergence(merged, first, last);
    if (own >= best_divergence) continue;
    best_divergence = own;
    best = {static_cast<float>(static_cast<double>(whole.low) + static_cast<double>(first) * width),
            static_cast<float>(static_cast<double>(whole.low) + static_cast<double>(last) * width)};
  }
  return best;
}

ValueRange average(std::span<const ChannelStatistics* const> statistics) {
  ValueRange range{static_cast<float>(statistics[0]->mean_low), static_cast<float>(statistics[0]->mean_high)};
  for (const ChannelStatistics* s : statistics) {
    range.low = std::min(range.low, static_cast<float>(s->mean_low));
    range.high = std::max(range.high, static_cast<float>(s->mean_high));
  }
  return range;
}

}  // namespace

ValueRange choose_range(Observer observer, std::span<const ChannelStatistics* const> statistics,
                        const ErrorWeights& weights) {
  switch (observer) {
    case Observer::kMinMax:
      return with_zero(widest(statistics));
    case Observer::kMovingAverage:
      return with_zero(average(statistics));
    case Observer::kPercentile:
      return with_zero(percentile(merge(statistics)));
    case Observer::kEntropy:
      return with_zero(least_divergence(merge(statistics)));
    case Observer::kMse:
      return least_squares(statistics, weights);
  }
  return with_zero(widest(statistics));
}

ScaleAndZero scale_of(const ValueRange& range, bool symmetric, float least_scale) {
  if (symmetric && range.low < 0) {
    const float reach = std::max(-range.low, range.high);
    return {std::max(reach / 127, least_scale), 128};
  }
  const float scale = std::max((range.high - range.low) / 255, least_scale);
  return {scale, static_cast<std::uint8_t>(std::clamp(std::nearbyint(-range.low / scale), 0.0F, 255.0F))};
}

StoringEffect effect_of_storing(const ChannelStatistics& s, float scale, std::int32_t zero_point) {
  StoringEffect effect;
  const double step = static_cast<double>(scale);
  for (std::size_t i = 0; i < s.histogram.size(); ++i) {
    const double value = s.centre(i), byte = std::nearbyint(value / step) + zero_point;
    if (byte >= 0 && byte <= 255) {
      effect.moved += s.histogram[i] * ((byte - zero_point) * step - value);
    } else {
      effect.clipped += s.histogram[i];
    }
    effect.total += s.histogram[i];
  }
  return effect;
}

}  // namespace saker
