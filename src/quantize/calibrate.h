// Runs the float graph over pictures and gathers the statistics of its points.
#pragma once

#include <saker/result.h>

#include <functional>
#include <optional>

#include "base/thread_pool.h"
#include "quantize/moments.h"
#include "quantize/points.h"
#include "quantize/statistics.h"

namespace saker {

// The pictures, any number of times in the same order.
struct PictureFeed {
  std::size_t count = 0;
  std::function<Status(std::size_t i, Tensor& input, ThreadPool& pool)> fill;
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty
};

using PointStatistics = std::vector<ChannelStatistics>;  // one for each channel

struct Calibration {
  std::vector<PointStatistics> statistics;           // one for each point
  std::vector<std::optional<InputMoments>> moments;  // one for each convolution; none of groups and too large filters
};

// graph: as find_points takes it, one input. Histograms are made in a second round. Error kInvalid:
// values that are not finite.
Result<Calibration> calibrate(const Graph& graph, const Points& points, const PictureFeed& pictures, int rounds,
                              int threads);

}  // namespace saker
