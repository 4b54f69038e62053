// Runs the float graph over pictures and gathers the statistics of its points.
#pragma once

#include <saker/result.h>

#include <memory>
#include <optional>

#include "quantize/moments.h"
#include "quantize/points.h"
#include "quantize/statistics.h"
#include "runtime/executor.h"

namespace saker {

using PointStatistics = std::vector<ChannelStatistics>;  // one for each channel

class Calibrator {
 public:
  // graph: as find_points takes it, one input.
  static Result<Calibrator> create(const Graph& graph, const Points& points, int threads);

  Tensor& input() { return executor_->input(0); }
  ThreadPool& pool() { return executor_->pool(); }
  // Of the picture that lies in input(). Histograms only once all ranges are known: pictures are shown twice.
  Status add_ranges();
  Status add_histograms();

  const std::vector<PointStatistics>& statistics() const { return statistics_; }
  // One for each of points.convs; empty for those with groups or too large filters.
  const std::vector<std::optional<InputMoments>>& moments() const { return moments_; }

 private:
  void observe_inputs(const Graph& graph, const Points& points, Graph& observed);
  template <typename Add>
  Status each_channel(Add&& add);

  std::unique_ptr<Executor> executor_;
  std::vector<std::string> names_;
  std::vector<PointStatistics> statistics_;  // one for each point
  std::vector<std::optional<InputMoments>> moments_;
  std::vector<std::size_t> moment_outputs_;  // of the executor, parallel
  std::int64_t pictures_ = 0;
};

}  // namespace saker
