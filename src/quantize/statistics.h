// What calibration learns of a point: the range, mean and distribution of each channel over the pictures.
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <vector>

namespace saker {

constexpr int kHistogramBins = 512;

struct ChannelStatistics {
  float low = 0, high = 0;  // lowest and highest value, over all pictures
  // Means over the pictures of each picture's lowest and highest value.
  double mean_low = 0, mean_high = 0;
  double sum = 0;  // of all values
  std::int64_t count = 0;
  std::vector<std::uint32_t> histogram;  // kHistogramBins over [low, high], if it was asked for

  double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
  // The middle of a bin.
  double centre(std::size_t bin) const {
    const double width = (static_cast<double>(high) - static_cast<double>(low)) / kHistogramBins;
    return static_cast<double>(low) + (static_cast<double>(bin) + 0.5) * width;
  }
  // Of the histogram; 0 without one.
  double variance() const;
};

// Of one picture [1, C, ...] of any strides, one call a channel. Values that are not finite are counted apart.
struct ChannelView {
  const float* data = nullptr;
  std::int64_t rows = 1, columns = 1, row_step = 0, column_step = 0;
  float at(std::int64_t i) const { return data[i / columns * row_step + i % columns * column_step]; }  // row after row
};
ChannelView channel_view(const TensorView& picture, std::int64_t channel);

// False: a value is not finite.
bool add_range(const ChannelView& view, ChannelStatistics& statistics, std::int64_t pictures_before);
void add_histogram(const ChannelView& view, ChannelStatistics& statistics);

}  // namespace saker
