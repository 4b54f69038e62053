#include "quantize/statistics.h"

#include <algorithm>
#include <cmath>

namespace saker {

double ChannelStatistics::variance() const {
  double total = 0, first = 0, second = 0;
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    const double n = histogram[i], value = centre(i);
    total += n;
    first += n * value;
    second += n * value * value;
  }
  return total == 0 ? 0 : std::max(second / total - first / total * (first / total), 0.0);
}

ChannelView channel_view(const TensorView& picture, std::int64_t channel) {
  const auto* data = static_cast<const float*>(picture.data) + channel * picture.strides[1];
  return {data, picture.shape[2], picture.shape[3], picture.strides[2], picture.strides[3]};
}

namespace {

template <typename F>
void each_value(const ChannelView& view, F&& f) {
  for (std::int64_t y = 0; y < view.rows; ++y) {
    const float* row = view.data + y * view.row_step;
    for (std::int64_t x = 0; x < view.columns; ++x) f(row[x * view.column_step]);
  }
}

}  // namespace

bool add_range(const ChannelView& view, ChannelStatistics& s, std::int64_t pictures_before) {
  float low = *view.data, high = *view.data;
  double sum = 0;
  each_value(view, [&](float value) {
    low = std::min(low, value);
    high = std::max(high, value);
    sum += static_cast<double>(value);
  });
  if (!std::isfinite(sum)) return false;  // a NaN or an infinity stays in the sum
  const auto before = static_cast<double>(pictures_before);
  s.low = pictures_before == 0 ? low : std::min(s.low, low);
  s.high = pictures_before == 0 ? high : std::max(s.high, high);
  s.mean_low = (s.mean_low * before + static_cast<double>(low)) / (before + 1);
  s.mean_high = (s.mean_high * before + static_cast<double>(high)) / (before + 1);
  s.sum += sum;
  s.count += view.rows * view.columns;
  return true;
}

void add_histogram(const ChannelView& view, ChannelStatistics& s) {
  s.histogram.resize(kHistogramBins, 0);
  if (!(s.high > s.low)) {
    s.histogram[0] += static_cast<std::uint32_t>(view.rows * view.columns);
    return;
  }
  const float scale = static_cast<float>(kHistogramBins) / (s.high - s.low);
  each_value(view, [&](float value) {
    const auto bin = static_cast<int>((value - s.low) * scale);
    ++s.histogram[static_cast<std::size_t>(std::clamp(bin, 0, kHistogramBins - 1))];
  });
}

}  // namespace saker
