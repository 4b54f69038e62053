#include "quantize/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/try.h"
#include "passes/open_batch.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "quantize/calibrate.h"
#include "quantize/importance.h"
#include "quantize/probe.h"
#include "quantize/rewrite.h"
#include "quantize/scales.h"

namespace saker {
namespace {

Quantization channel_scales(const PointStatistics& statistics, Observer observer, bool symmetric) {
  std::vector<ValueRange> ranges;
  for (const ChannelStatistics& channel : statistics) {
    const ChannelStatistics* own = &channel;
    ranges.push_back(choose_range(observer, {&own, 1}));
  }
  return scales_of_channels(ranges, symmetric);
}

std::vector<Quantization> tensor_scales(const Graph& graph, const Points& points,
                                        const std::vector<PointStatistics>& statistics, Observer observer,
                                        bool symmetric) {
  std::vector<std::vector<double>> importance;
  if (observer == Observer::kMse) importance = channel_importance(graph, points, statistics);
  const PointGroups groups = group_points(graph, points);
  const std::vector<std::size_t>& leader = groups.leader;
  std::vector<Quantization> scales(points.points.size());
  for (std::size_t g = 0; g < leader.size(); ++g) {
    if (leader[g] != g) continue;
    std::vector<const ChannelStatistics*> all;
    std::vector<double> weights;
    for (std::size_t p = 0; p < leader.size(); ++p) {
      if (leader[p] != g) continue;
      for (const ChannelStatistics& channel : statistics[p]) all.push_back(&channel);
      if (!importance.empty()) weights.insert(weights.end(), importance[p].begin(), importance[p].end());
    }
    if (all.empty()) {  // no channels
      scales[g] = {{1}, {0}};
      continue;
    }
    const bool gated = groups.gated[g];
    const ScaleAndZero own = scale_of_group(choose_range(observer, all, {weights, gated}), gated, symmetric);
    for (std::size_t p = 0; p < leader.size(); ++p) {
      if (leader[p] == g) scales[p] = {{own.scale}, {own.zero_point}};
    }
  }
  return scales;
}

}  // namespace

std::vector<Observer> observers_of(const QuantizeOptions& options) {
  if (options.observer) return {*options.observer};
  if (options.activations == ActivationScales::kPerChannel) return {Observer::kMinMax};
  return {Observer::kPercentile, Observer::kMse};
}

int rounds_of(const QuantizeOptions& options) {
  return std::ranges::any_of(observers_of(options), needs_histogram) ? 2 : 1;
}

Result<Graph> prepare_float_graph(const Graph& model, std::span<const Shape> shapes) {
  Graph graph = model;
  SAKER_TRY(bind_input_shapes(graph, shapes));
  SAKER_TRY(run_passes(graph, portable_passes()));
  SAKER_TRY(remove_dead(graph));
  // Outputs keep their names whatever makes them now (a cast, the node before an Identity).
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    if (std::ranges::find(graph.inputs, graph.outputs[i]) == graph.inputs.end())
      graph.value(graph.outputs[i]).name = model.value(model.outputs[i]).name;
  }
  // What was folded holds for these shapes only.
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    for (std::size_t k = 0; k < shapes[i].size(); ++k) graph.declared_inputs[i][k] = {shapes[i][k], ""};
  }
  return graph;
}

Status check_float(const Graph& graph) {
  bool has_conv = false;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kQuantizeLinear || node.op == Op::kDequantizeLinear || node.op == Op::kDynamicQuantizeLinear)
      return Error{ErrorCode::kInvalid, "the model is quantized already: quantize the float model it was made from"};
    has_conv = has_conv || node.op == Op::kConv;
  }
  if (!has_conv) return Error{ErrorCode::kInvalid, "the model has no convolution that could be quantized"};
  return {};
}

Result<Quantizer> Quantizer::create(const Graph& graph, const QuantizeOptions& options, const PictureFeed& pictures) {
  SAKER_TRY(check_float(graph));
  if (graph.inputs.size() != pictures.others.size() + 1)
    return Error{ErrorCode::kInvalid, fmt::format("the model has {} inputs, {} are filled", graph.inputs.size(),
                                                  pictures.others.size() + 1)};
  if (pictures.count == 0) return Error{ErrorCode::kInvalid, "there are no pictures to calibrate with"};
  Quantizer quantizer;
  quantizer.graph_ = graph;
  if (const Status status = open_batch(quantizer.graph_); !status.ok())
    quantizer.why_one_picture_ = status.error().message;
  quantizer.options_ = options;
  if (!quantizer.options_.keep_float) quantizer.options_.keep_float = [](const Node&) { return false; };
  quantizer.points_ = find_points(graph, quantizer.density(), quantizer.options_.keep_float);
  const Points& points = quantizer.points_;
  if (points.convs.empty()) return Error{ErrorCode::kInvalid, "the model has no convolution that could be quantized"};
  quantizer.pictures_ = graph.inputs[pictures.input];
  quantizer.reach_ = pictures.reach;
  SAKER_ASSIGN(quantizer.calibration_, calibrate(graph, points, pictures, rounds_of(options), options.threads));
  const std::vector<Observer> observers = observers_of(options);
  if (observers.size() == 1) {
    quantizer.scales_ = quantizer.choose_scales(observers[0]);
    return quantizer;
  }
  // Which is best differs from model to model. The first unless another is clearly better: it cuts least, and what is
  // cut of rare objects a few pictures do not show (YOLOv5n: errors 0.082 and 0.076, mAP 32.8 and 32.3).
  constexpr std::size_t kPictures = 8;
  constexpr double kClearly = 0.8;
  SAKER_ASSIGN(const Probe probe,
               Probe::create(graph, points, ProbedLayers::kLast, pictures, kPictures, options.threads));
  double least = INFINITY;
  std::vector<Quantization> best;
  for (const Observer observer : observers) {
    quantizer.scales_ = quantizer.choose_scales(observer);
    SAKER_ASSIGN(const Quantized tried, quantizer.run());
    SAKER_ASSIGN(const double error, probe.error(tried.graph));
    if (!best.empty() && !(error < least)) continue;
    least = error * kClearly;
    best = std::move(quantizer.scales_);
  }
  quantizer.scales_ = std::move(best);
  return quantizer;
}

std::vector<Quantization> Quantizer::choose_scales(Observer observer) const {
  std::vector<Quantization> scales;
  if (density() == PointDensity::kEverywhere) {
    scales = tensor_scales(graph_, points_, calibration_.statistics, observer, options_.symmetric);
  } else {
    for (const PointStatistics& point : calibration_.statistics)
      scales.push_back(channel_scales(point, observer, options_.symmetric));
  }
  set_scale_of_pictures(scales);
  return scales;
}

// 256 numbers for the 256 values of a pixel, whatever the pictures of the calibration show.
void Quantizer::set_scale_of_pictures(std::vector<Quantization>& scales) const {
  const auto point = std::ranges::find(points_.points, pictures_, &Point::value);
  if (point == points_.points.end() || reach_.empty()) return;
  const auto p = static_cast<std::size_t>(point - points_.points.begin());
  if (density() == PointDensity::kStored) {
    if (scales[p].scale.size() == reach_.size()) scales[p] = exact_scales(reach_, options_.symmetric);
    return;
  }
  const std::vector<std::size_t> leader = group_points(graph_, points_).leader;
  if (std::ranges::count(leader, leader[p]) > 1) return;
  ValueRange all;
  for (const ValueRange& range : reach_) all = {std::min(all.low, range.low), std::max(all.high, range.high)};
  scales[p] = exact_scales({&all, 1}, options_.symmetric);
}

PointDensity Quantizer::density() const {
  return options_.activations == ActivationScales::kPerTensor ? PointDensity::kEverywhere : PointDensity::kStored;
}

Result<Quantized> Quantizer::run(const std::vector<bool>& in_float) const {
  std::map<std::size_t, std::size_t> conv_of;  // by node
  for (std::size_t i = 0; i < points_.convs.size(); ++i) conv_of[points_.convs[i].node] = i;
  std::map<ValueId, std::size_t> point_of;
  for (std::size_t p = 0; p < points_.points.size(); ++p) point_of[points_.points[p].value] = p;
  Quantized result;
  result.points = find_points(graph_, density(), [&](const Node& node) {
    const auto conv = conv_of.find(static_cast<std::size_t>(&node - graph_.nodes.data()));
    return conv != conv_of.end() && !in_float.empty() ? in_float[conv->second] : options_.keep_float(node);
  });
  std::vector<CalibratedPoint> points;
  for (const Point& point : result.points.points) {
    const std::size_t p = point_of.at(point.value);
    points.push_back({scales_[p], &calibration_.statistics[p]});
  }
  std::vector<const InputMoments*> moments;
  for (const QuantizedConv& conv : result.points.convs) {
    const auto& own = calibration_.moments[conv_of.at(conv.node)];
    moments.push_back(own ? &*own : nullptr);
  }
  const bool everywhere = density() == PointDensity::kEverywhere;
  SAKER_ASSIGN(result.graph, quantize_graph(graph_, result.points, points, moments,
                                            {options_.correct_bias, everywhere, options_.weight_bits}));
  return result;
}

Result<Quantized> quantize(const Graph& graph, const QuantizeOptions& options, const PictureFeed& pictures) {
  SAKER_ASSIGN(const Quantizer quantizer, Quantizer::create(graph, options, pictures));
  return quantizer.run();
}

}  // namespace saker
