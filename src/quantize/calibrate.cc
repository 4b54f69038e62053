#include "quantize/calibrate.h"

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <memory>

#include "base/try.h"
#include "quantize/observed_run.h"

namespace saker {
namespace {

class Calibrator {
 public:
  static Result<Calibrator> create(const Graph& graph, const Points& points, int threads);

  Executor& executor() { return *executor_; }
  // Of the picture that lies in its input. Histograms only once all ranges are known.
  Status add_ranges();
  Status add_histograms();

  Calibration result;

 private:
  void observe_inputs(const Graph& graph, const Points& points, std::vector<ValueId>& observed);
  template <typename Add>
  Status each_channel(Add&& add);

  std::unique_ptr<Executor> executor_;
  std::vector<std::string> names_;           // of the points
  std::vector<std::size_t> moment_outputs_;  // of the executor, parallel to result.moments
  std::int64_t pictures_ = 0;
};

Result<Calibrator> Calibrator::create(const Graph& graph, const Points& points, int threads) {
  Calibrator calibrator;
  std::vector<ValueId> observed;
  for (const Point& point : points.points) {
    observed.push_back(point.value);
    calibrator.names_.push_back(graph.value(point.value).name);
    calibrator.result.statistics.emplace_back(static_cast<std::size_t>(point.channels));
  }
  calibrator.observe_inputs(graph, points, observed);
  SAKER_ASSIGN(calibrator.executor_, observe(graph, observed, threads));
  return calibrator;
}

void Calibrator::observe_inputs(const Graph& graph, const Points& points, std::vector<ValueId>& observed) {
  for (const QuantizedConv& conv : points.convs) {
    const Node& node = graph.nodes[conv.node];
    const Shape& weights = *graph.value(node.inputs[1]).shape;
    moment_outputs_.push_back(observed.size());
    result.moments.emplace_back();
    const auto& attrs = node.as<ConvAttrs>();
    const bool plain = attrs.group == 1 && attrs.window.auto_pad == AutoPad::kExplicit;
    if (!plain || weights[1] * weights[2] * weights[3] > kMostFilterInputs) continue;
    result.moments.back().emplace(attrs, weights);
    observed.push_back(node.inputs[0]);
  }
}

template <typename Add>
Status Calibrator::each_channel(Add&& add) {
  SAKER_TRY(executor_->run());
  std::vector<std::pair<std::size_t, std::size_t>> jobs;
  for (std::size_t p = 0; p < result.statistics.size(); ++p) {
    for (std::size_t c = 0; c < result.statistics[p].size(); ++c) jobs.emplace_back(p, c);
  }
  std::atomic<std::size_t> broken{names_.size()};  // the first point: where it begins
  executor_->pool().run(static_cast<std::int64_t>(jobs.size()), [&](std::int64_t i, int) {
    const auto [p, c] = jobs[static_cast<std::size_t>(i)];
    const ChannelView view = channel_view(executor_->output(p), static_cast<std::int64_t>(c));
    if (add(view, result.statistics[p][c])) return;
    std::size_t first = broken;
    while (p < first && !broken.compare_exchange_weak(first, p)) {
    }
  });
  if (broken == names_.size()) return {};
  return Error{
      ErrorCode::kInvalid,
      fmt::format("the float model computes NaN or infinity in '{}'; does it work on this picture?", names_[broken])};
}

Status Calibrator::add_ranges() {
  SAKER_TRY(each_channel([&](const ChannelView& view, ChannelStatistics& s) { return add_range(view, s, pictures_); }));
  executor_->pool().run(static_cast<std::int64_t>(result.moments.size()), [&](std::int64_t i, int) {
    const auto k = static_cast<std::size_t>(i);
    if (result.moments[k])
      result.moments[k]->add(executor_->output(moment_outputs_[k]), static_cast<std::uint32_t>(pictures_));
  });
  ++pictures_;
  return {};
}

Status Calibrator::add_histograms() {
  return each_channel([](const ChannelView& view, ChannelStatistics& s) {
    add_histogram(view, s);
    return true;
  });
}

}  // namespace

Status PictureFeed::show(std::size_t i, Executor& executor) const {
  for (const auto& [index, values] : others) {
    Tensor& other = executor.input(index);
    if (other.dtype() != values.dtype() || other.bytes() != values.bytes()) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("input {} is {} {}, values are {} {}", index, dtype_name(other.dtype()),
                               to_string(other.shape()), dtype_name(values.dtype()), to_string(values.shape()))};
    }
    if (values.bytes() != 0) std::memcpy(other.raw(), values.raw(), values.bytes());
  }
  return fill(i, executor.input(input), executor.pool());
}

Result<Calibration> calibrate(const Graph& graph, const Points& points, const PictureFeed& pictures, int rounds,
                              int threads) {
  SAKER_ASSIGN(Calibrator calibrator, Calibrator::create(graph, points, threads));
  const std::size_t total = pictures.count * static_cast<std::size_t>(rounds);
  for (std::size_t i = 0; i < total; ++i) {
    SAKER_TRY(pictures.show(i % pictures.count, calibrator.executor()));
    SAKER_TRY(i < pictures.count ? calibrator.add_ranges() : calibrator.add_histograms());
    if (pictures.progress) pictures.progress(i + 1, total);
  }
  return std::move(calibrator.result);
}

}  // namespace saker
