// Runs the float graph over pictures and gathers the statistics of its points.
#pragma once

#include <saker/result.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "quantize/moments.h"
#include "quantize/observer.h"
#include "quantize/points.h"
#include "quantize/statistics.h"
#include "runtime/executor.h"

namespace saker {

// The pictures, any number of times in the same order.
struct PictureFeed {
  std::size_t count = 0;
  // All of a batch that the graph fixes gets the same picture: the first is looked at.
  std::function<Status(std::size_t i, Tensor& input, ThreadPool& pool)> fill;
  std::size_t input = 0;                                 // the graph's, that takes them
  std::vector<std::pair<std::size_t, Tensor>> others{};  // what its other inputs get
  std::vector<ValueRange> reach{};  // what pixels can be at all, for each channel of a float32 input; empty: not known
  std::function<void(std::size_t done, std::size_t total)> progress;  // may be empty

  // Picture i, and the rest, into an executor's inputs.
  Status show(std::size_t i, Executor& executor) const;
};

using PointStatistics = std::vector<ChannelStatistics>;  // one for each channel

struct Calibration {
  std::vector<PointStatistics> statistics;           // one for each point
  std::vector<std::optional<InputMoments>> moments;  // one for each convolution; none of groups and too large filters
};

// graph: as find_points takes it, with the inputs that `pictures` fills. Histograms are made in a second round. Error
// kInvalid: values that are not finite.
Result<Calibration> calibrate(const Graph& graph, const Points& points, const PictureFeed& pictures, int rounds,
                              int threads);

}  // namespace saker
