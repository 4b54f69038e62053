#include "quantize/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/statistics.h"
#include "base/try.h"
#include "quantize/observed_run.h"
#include "quantize/quantize.h"

namespace saker {
namespace {

void read_channel(const TensorView& picture, std::int64_t channel, std::vector<float>& values) {
  const ChannelView view = channel_view(picture, channel);
  values.clear();
  for (std::int64_t i = 0; i < view.rows * view.columns; ++i) values.push_back(view.at(i));
}

// Convolutions from which no other is reached.
std::vector<std::size_t> last_convolutions(const Graph& graph, const Points& points) {
  std::vector<bool> read(graph.values.size(), false);  // by one of the convolutions, at whatever distance
  std::vector<bool> is_conv(graph.nodes.size(), false);
  for (const QuantizedConv& conv : points.convs) is_conv[conv.node] = true;
  std::vector<bool> is_last(graph.nodes.size(), false);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    const bool leads = std::ranges::any_of(
        node.outputs, [&](ValueId id) { return id != kNoValue && read[static_cast<std::size_t>(id)]; });
    is_last[i] = is_conv[i] && !leads;
    if (!leads && !is_conv[i]) continue;
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) read[static_cast<std::size_t>(id)] = true;
    }
  }
  std::vector<std::size_t> last;
  for (std::size_t k = 0; k < points.convs.size(); ++k) {
    if (is_last[points.convs[k].node]) last.push_back(k);
  }
  return last;
}

}  // namespace

Result<std::vector<Probe::Samples>> Probe::sample(const TensorView& picture) {
  constexpr std::ptrdiff_t kPositions = 32;  // of each channel
  std::vector<Samples> channels(static_cast<std::size_t>(picture.shape[1]));
  std::vector<float> values;
  std::vector<std::int32_t> order;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    read_channel(picture, static_cast<std::int64_t>(c), values);
    double first = 0, second = 0;
    for (const float value : values) {
      first += static_cast<double>(value);
      second += static_cast<double>(value) * static_cast<double>(value);
    }
    if (!std::isfinite(second)) return Error{ErrorCode::kInvalid, "the float model computes NaN or infinity"};
    const auto count = static_cast<double>(values.size());
    channels[c].variance = std::max(second / count - first / count * (first / count), 0.0);
    order.resize(values.size());
    std::iota(order.begin(), order.end(), 0);
    const auto end = order.begin() + std::min(kPositions, std::ssize(order));
    std::partial_sort(order.begin(), end, order.end(), [&](std::int32_t a, std::int32_t b) {
      const float x = values[static_cast<std::size_t>(a)], y = values[static_cast<std::size_t>(b)];
      return x != y ? x > y : a < b;
    });
    channels[c].positions.assign(order.begin(), end);
    for (const std::int32_t at : channels[c].positions)
      channels[c].values.push_back(values[static_cast<std::size_t>(at)]);
  }
  return channels;
}

Result<Probe> Probe::create(const Graph& graph, const Points& points, ProbedLayers layers, const PictureFeed& pictures,
                            std::size_t count, int threads) {
  Probe probe;
  probe.pictures_ = pictures;
  probe.pictures_.count = std::min(count, pictures.count);
  probe.pictures_.progress = nullptr;
  probe.threads_ = threads;
  probe.last_ = last_convolutions(graph, points);
  for (const QuantizedConv& conv : points.convs) probe.values_.push_back(graph.nodes[conv.node].outputs[0]);
  std::vector<std::size_t> probed = probe.last_;
  if (layers == ProbedLayers::kAll) {
    probed.resize(points.convs.size());
    std::iota(probed.begin(), probed.end(), std::size_t{0});
  }
  SAKER_ASSIGN(const std::unique_ptr<Executor> executor, observe(graph, probe.values_of(probed), threads));
  for (std::size_t i = 0; i < probe.pictures_.count; ++i) {
    SAKER_TRY(pictures.show(i, *executor));
    SAKER_TRY(executor->run());
    auto& expected = probe.expected_.emplace_back(points.convs.size());
    for (std::size_t n = 0; n < probed.size(); ++n) {
      auto samples = sample(executor->output(n));
      if (!samples.ok())
        return samples.error().with_context(fmt::format("'{}'", graph.value(probe.values_[probed[n]]).name));
      expected[probed[n]] = std::move(*samples);
    }
  }
  return probe;
}

std::vector<ValueId> Probe::values_of(const std::vector<std::size_t>& convs) const {
  std::vector<ValueId> values;
  for (const std::size_t k : convs) values.push_back(values_[k]);
  return values;
}

Result<std::vector<double>> Probe::errors(const Graph& graph, const std::vector<std::size_t>& convs) const {
  SAKER_ASSIGN(const std::unique_ptr<Executor> executor, observe(graph, values_of(convs), threads_));
  std::vector<double> noise(convs.size(), 0), signal(convs.size(), 0);
  for (std::size_t i = 0; i < pictures_.count; ++i) {
    SAKER_TRY(pictures_.show(i, *executor));
    SAKER_TRY(executor->run());
    for (std::size_t n = 0; n < convs.size(); ++n) {
      const TensorView got = executor->output(n);
      const std::vector<Samples>& expected = expected_[i][convs[n]];
      for (std::size_t c = 0; c < expected.size(); ++c) {
        const ChannelView view = channel_view(got, static_cast<std::int64_t>(c));
        for (std::size_t s = 0; s < expected[c].values.size(); ++s) {
          const double error = static_cast<double>(view.at(expected[c].positions[s]) - expected[c].values[s]);
          noise[n] += error * error;
          signal[n] += expected[c].variance;
        }
      }
    }
  }
  for (std::size_t n = 0; n < convs.size(); ++n) noise[n] /= std::max(signal[n], 1e-30);
  return noise;
}

Result<double> Probe::error(const Graph& graph) const {
  SAKER_ASSIGN(const std::vector<double> all, errors(graph, last_));
  return mean_of(all);
}

Result<std::vector<LayerSensitivity>> measure_sensitivity(
    const Quantizer& quantizer, const Probe& probe,
    const std::function<void(std::size_t done, std::size_t total)>& progress) {
  const std::size_t count = quantizer.points().convs.size();
  std::vector<LayerSensitivity> result;
  for (std::size_t k = 0; k < count; ++k) {
    std::vector<bool> in_float(count, true);
    in_float[k] = false;
    SAKER_ASSIGN(const Quantized alone, quantizer.run(in_float));
    std::vector<std::size_t> convs = probe.last();
    const std::size_t lasts = convs.size();
    const auto own = static_cast<std::size_t>(std::ranges::find(convs, k) - convs.begin());
    if (own == lasts) convs.push_back(k);
    SAKER_ASSIGN(const std::vector<double> errors, probe.errors(alone.graph, convs));
    result.push_back({errors[own], mean_of(std::span(errors).first(lasts))});
    if (progress) progress(k + 1, count);
  }
  return result;
}

}  // namespace saker
