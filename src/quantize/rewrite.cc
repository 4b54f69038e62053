#include "quantize/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "base/try.h"
#include "passes/passes.h"
#include "passes/rewrite.h"
#include "quantize/observer.h"
#include "quantize/scales.h"

namespace saker {
namespace {

// How far rounding to the grid moves the mean; 0 without a histogram. What is clipped does not count: that happens in
// few places, and a bias is added in all (YOLOX-Nano per tensor 24.3 with it, 25.1 without).
double shift_of(const ChannelStatistics& s, float scale, std::int32_t zero_point) {
  const StoringEffect effect = effect_of_storing(s, scale, zero_point);
  return effect.total == 0 ? 0 : effect.moved / effect.total;
}

// Weights on the grid of their output channels.
struct QuantizedWeights {
  Tensor bytes, scales;          // int8 [M, C, h, w], float32 [M]
  std::vector<float> corrected;  // what has to be added to the bias
};

class Rewriter {
 public:
  Rewriter(const Graph& graph, const Points& points, const std::vector<CalibratedPoint>& calibrated,
           const std::vector<const InputMoments*>& moments, const RewriteOptions& options)
      : graph_(graph), points_(points), calibrated_(calibrated), moments_(moments), options_(options) {}

  Result<Graph> run() {
    quantize_points();
    for (std::size_t i = 0; i < points_.convs.size(); ++i) {
      if (auto status = quantize_conv(points_.convs[i], moments_[i]); !status.ok())
        return status.error().with_context(fmt::format("node '{}' (Conv)", graph_.nodes[points_.convs[i].node].name));
    }
    if (options_.everywhere) {
      for (std::size_t i = 0, count = graph_.nodes.size(); i < count; ++i) put_softmax_last(i);
    }
    sort_nodes(graph_);
    SAKER_TRY(remove_dead(graph_));  // bytes that are only moved are not dequantized
    return std::move(graph_);
  }

 private:
  void quantize_points() {
    const std::size_t count = graph_.nodes.size();
    std::vector<ValueId> by = own_values(graph_);
    for (std::size_t p = 0; p < points_.points.size(); ++p) {
      const ValueId value = points_.points[p].value;
      by[static_cast<std::size_t>(value)] = append_round_trip(value, calibrated_[p].scales);
    }
    if (options_.everywhere) move_bytes();
    while (by.size() < graph_.values.size()) by.push_back(static_cast<ValueId>(by.size()));
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<ValueId> old = graph_.nodes[i].inputs;
      replace(graph_.nodes[i].inputs, by);
      if (options_.everywhere && graph_.nodes[i].op == Op::kSilu && graph_.nodes[i].inputs != old) open_silu(i);
    }
  }

  // DequantizeLinear(QuantizeLinear(value)).
  ValueId append_round_trip(ValueId value, const Quantization& scales) {
    const std::string name = graph_.value(value).name;
    const ValueId bytes = append_quantize(graph_, value, scales, name + ".quantized");
    stored_[value] = {bytes, graph_.nodes.back().inputs[1], graph_.nodes.back().inputs[2]};
    const ValueId back = graph_.add_value(name + ".dequantized", DType::kFloat32);
    graph_.value(back).shape = graph_.value(value).shape;
    append_dequantize(name, stored_.at(value), back);
    return back;
  }

  struct Stored {
    ValueId bytes = kNoValue, scale = kNoValue, zero_point = kNoValue;
  };

  void append_dequantize(const std::string& name, const Stored& stored, ValueId out) {
    graph_.nodes.push_back({Op::kDequantizeLinear,
                            name + ".dequantize",
                            {stored.bytes, stored.scale, stored.zero_point},
                            {out},
                            AxisAttrs{1},
                            {}});
  }

  // Concat, Split, MaxPool, ... of bytes, which are dequantized behind them. What is joined shares its scale.
  void move_bytes() {
    std::set<ValueId> moved;
    for (const MovedValue& value : points_.moved) moved.insert(value.value);
    for (std::size_t i = 0, count = graph_.nodes.size(); i < count; ++i) {
      const Node node = graph_.nodes[i];  // a copy: nodes are appended
      if (std::ranges::none_of(node.outputs, [&](ValueId id) { return moved.contains(id); })) continue;
      const Stored from = stored_.at(node.inputs[0]);
      for (std::size_t k = 0; k < moved_inputs(node); ++k) graph_.nodes[i].inputs[k] = stored_.at(node.inputs[k]).bytes;
      for (std::size_t k = 0; k < node.outputs.size(); ++k) {
        const ValueId value = node.outputs[k];
        if (value == kNoValue) continue;
        const std::string name = graph_.value(value).name;
        const Stored to{graph_.add_value(name + ".moved", DType::kUint8), from.scale, from.zero_point};
        graph_.value(to.bytes).shape = graph_.value(value).shape;
        graph_.nodes[i].outputs[k] = to.bytes;
        append_dequantize(name, to, value);
        if (moved.contains(value)) stored_[value] = to;
      }
    }
  }

  // x * sigmoid(x), the gate in 8 bits too.
  void open_silu(std::size_t index) {
    const Quantization kGate{{1.0F / 255}, {0}};
    const Node silu = graph_.nodes[index];
    const ValueId gate = graph_.add_value(graph_.value(silu.outputs[0]).name + ".sigmoid", DType::kFloat32);
    graph_.value(gate).shape = graph_.value(silu.outputs[0]).shape;
    graph_.nodes.push_back({Op::kSigmoid, silu.name + ".sigmoid", silu.inputs, {gate}, {}, {}});
    const ValueId rounded = append_round_trip(gate, kGate);
    graph_.nodes[index] = {Op::kMul, silu.name, {silu.inputs[0], rounded}, silu.outputs, {}, {}};
  }

  // A Softmax over any other axis than the last takes ONNX Runtime 1.31 five times as long: 5.8 ms instead of 1.1 in
  // YOLOv8n's decoding, transpositions and all, on two threads.
  void put_softmax_last(std::size_t index) {
    const Node& node = graph_.nodes[index];
    if (node.op != Op::kSoftmax || !graph_.value(node.inputs[0]).shape) return;
    auto attrs = node.as<SoftmaxAttrs>();
    const Shape shape = *graph_.value(node.inputs[0]).shape;
    const auto rank = static_cast<std::int64_t>(shape.size());
    const auto axis = static_cast<std::int64_t>(axis_index(attrs.axis, shape.size()));
    if (attrs.flatten_trailing || axis == rank - 1) return;
    TransposeAttrs swap;
    for (std::int64_t i = 0; i < rank; ++i) swap.perm.push_back(i);
    std::swap(swap.perm[static_cast<std::size_t>(axis)], swap.perm.back());
    Shape swapped = shape;
    std::swap(swapped[static_cast<std::size_t>(axis)], swapped.back());
    const Node softmax = node;
    const auto add = [&](const char* what) {
      const ValueId id = graph_.add_value(softmax.name + what, DType::kFloat32);
      graph_.value(id).shape = swapped;
      return id;
    };
    const ValueId before = add(".axis_last"), after = add(".of_last");
    graph_.nodes.push_back({Op::kTranspose, softmax.name + ".axis_last", softmax.inputs, {before}, swap, {}});
    attrs.axis = rank - 1;
    graph_.nodes.push_back({Op::kSoftmax, softmax.name, {before}, {after}, attrs, {}});
    graph_.nodes[index] = {Op::kTranspose, softmax.name + ".axis_back", {after}, softmax.outputs, swap, {}};
  }

  float scale_at(const QuantizedConv& conv, std::int64_t channel) const {
    const PointChannel at = conv.channels[static_cast<std::size_t>(channel)];
    return calibrated_[static_cast<std::size_t>(at.point)].scales.scale_of(at.channel);
  }
  // The mean of a channel, and that of what is stored of it.
  std::pair<double, double> means_at(const QuantizedConv& conv, std::int64_t channel) const {
    const PointChannel at = conv.channels[static_cast<std::size_t>(channel)];
    const auto& [scales, statistics] = calibrated_[static_cast<std::size_t>(at.point)];
    if (statistics == nullptr) return {0, 0};
    const ChannelStatistics& s = (*statistics)[static_cast<std::size_t>(at.channel)];
    return {s.mean(), s.mean() + shift_of(s, scales.scale_of(at.channel), scales.zero_of(at.channel))};
  }

  Status quantize_conv(const QuantizedConv& conv, const InputMoments* moments) {
    const Node node = graph_.nodes[conv.node];  // a copy: nodes are appended
    const Tensor w = *graph_.value(node.inputs[1]).constant;
    const Shape& shape = w.shape();
    const std::int64_t groups = node.as<ConvAttrs>().group;
    // Scales of the input channels that each output channel sees.
    SAKER_ASSIGN(Tensor factors, Tensor::make(DType::kFloat32, {shape[0], shape[1], 1, 1}));
    bool same = true, of_inputs = true;
    for (std::int64_t o = 0; o < shape[0]; ++o) {
      for (std::int64_t i = 0; i < shape[1]; ++i) {
        const float own = scale_at(conv, o / (shape[0] / groups) * shape[1] + i);
        factors.data<float>()[o * shape[1] + i] = own;
        same = same && own == *factors.data<float>();
        of_inputs = of_inputs && own == factors.data<float>()[i];
      }
    }
    SAKER_ASSIGN(const QuantizedWeights q, quantize_weights(conv, w, factors, groups, moments));
    ValueId weights = add_dequantized(node.name, q);
    if (!same) {
      SAKER_ASSIGN(const Tensor reciprocal, reciprocals(factors, of_inputs));
      const ValueId product = graph_.add_value(node.name + ".weights.scaled", DType::kFloat32);
      graph_.value(product).shape = shape;
      const ValueId by = graph_.add_constant(node.name + ".weights.rescale", reciprocal);
      graph_.nodes.push_back({Op::kMul, node.name + ".weights.scaled", {weights, by}, {product}, {}, {}});
      weights = product;
    } else {
      // One scale: it was multiplied in for nothing, and is taken out of the weights' own.
      float* scales = graph_.value(graph_.nodes.back().inputs[1]).constant->data<float>();
      for (std::int64_t o = 0; o < shape[0]; ++o) scales[o] /= *factors.data<float>();
    }
    graph_.nodes[conv.node].inputs[1] = weights;
    if (options_.correct_bias) SAKER_TRY(correct_bias(conv.node, q.corrected));
    return {};
  }

  Result<QuantizedWeights> quantize_weights(const QuantizedConv& conv, const Tensor& w, const Tensor& factors,
                                            std::int64_t groups, const InputMoments* moments) const {
    const Shape& shape = w.shape();
    const std::int64_t taps = shape[2] * shape[3];
    QuantizedWeights q;
    SAKER_ASSIGN(q.bytes, Tensor::make(DType::kInt8, shape));
    SAKER_ASSIGN(q.scales, Tensor::make(DType::kFloat32, {shape[0]}));
    std::optional<CompensatedRounding> rounding;
    if (moments != nullptr) rounding.emplace(moments->covariance());
    std::vector<double> steps(static_cast<std::size_t>(shape[1] * taps));
    std::vector<std::pair<double, double>> means;
    for (std::int64_t c = 0; c < shape[1] * groups; ++c) means.push_back(means_at(conv, c));
    for (std::int64_t o = 0; o < shape[0]; ++o) {
      const float* from = w.data<float>() + o * shape[1] * taps;
      const float* factor = factors.data<float>() + o * shape[1];
      const float scale = filter_scale({from, shape[1], taps, taps, 1}, factor, options_.weight_bits);
      if (!std::isfinite(scale) ||
          !std::all_of(from, from + shape[1] * taps, [](float weight) { return std::isfinite(weight); }))
        return Error{ErrorCode::kInvalid, "its weights are not finite"};
      q.scales.data<float>()[o] = scale;
      std::int8_t* to = q.bytes.data<std::int8_t>() + o * shape[1] * taps;
      for (std::int64_t k = 0; k < shape[1] * taps; ++k) {
        const float step = scale / factor[k / taps];
        steps[static_cast<std::size_t>(k)] = static_cast<double>(step);
        to[k] = static_cast<std::int8_t>(std::nearbyint(from[k] / step));
      }
      if (rounding) rounding->round(from, steps.data(), taps, largest_weight(options_.weight_bits), to);
      double lost = 0;
      for (std::int64_t k = 0; k < shape[1] * taps; ++k) {
        const double error = static_cast<double>(from[k]) - to[k] * steps[static_cast<std::size_t>(k)];
        const auto& [mean, stored] = means[static_cast<std::size_t>(o / (shape[0] / groups) * shape[1] + k / taps)];
        lost += error * mean + (static_cast<double>(from[k]) - error) * (mean - stored);
      }
      q.corrected.push_back(static_cast<float>(lost));
    }
    return q;
  }

  static Result<Tensor> reciprocals(const Tensor& factors, bool of_inputs) {
    const Shape& shape = factors.shape();
    SAKER_ASSIGN(Tensor out, Tensor::make(DType::kFloat32, {of_inputs ? 1 : shape[0], shape[1], 1, 1}));
    for (std::int64_t i = 0; i < out.elements(); ++i) out.data<float>()[i] = 1 / factors.data<float>()[i];
    return out;
  }

  ValueId add_dequantized(const std::string& name, const QuantizedWeights& q) {
    const ValueId bytes = graph_.add_constant(name + ".weights.int8", q.bytes);
    const ValueId scale = graph_.add_constant(name + ".weights.scale", q.scales);
    const ValueId out = graph_.add_value(name + ".weights.dequantized", DType::kFloat32);
    graph_.value(out).shape = q.bytes.shape();
    graph_.nodes.push_back(
        {Op::kDequantizeLinear, name + ".weights.dequantize", {bytes, scale}, {out}, AxisAttrs{0}, {}});
    return out;
  }

  // The mean of what the rounding of the weights changes (Nagel et al., "Data-Free Quantization Through Weight
  // Equalization and Bias Correction", 2019, section 4.2, with measured means).
  Status correct_bias(std::size_t index, const std::vector<float>& correction) {
    Node& node = graph_.nodes[index];
    const auto count = static_cast<std::int64_t>(correction.size());
    SAKER_ASSIGN(Tensor bias, Tensor::make(DType::kFloat32, {count}));
    const float* old = node.has_input(2) ? graph_.value(node.inputs[2]).constant->data<float>() : nullptr;
    for (std::int64_t o = 0; o < count; ++o) {
      bias.data<float>()[o] = (old == nullptr ? 0 : old[o]) + correction[static_cast<std::size_t>(o)];
      if (!std::isfinite(bias.data<float>()[o])) return Error{ErrorCode::kInvalid, "its bias is not finite"};
    }
    const std::string name = node.name + ".bias.corrected";
    const ValueId id = graph_.add_constant(name, std::move(bias));
    graph_.nodes[index].inputs.resize(2);
    graph_.nodes[index].inputs.push_back(id);
    return {};
  }

  Graph graph_;
  std::map<ValueId, Stored> stored_;  // what stands for a value
  const Points& points_;
  const std::vector<CalibratedPoint>& calibrated_;
  const std::vector<const InputMoments*>& moments_;
  RewriteOptions options_;
};

}  // namespace

Result<Graph> quantize_graph(const Graph& graph, const Points& points, const std::vector<CalibratedPoint>& calibrated,
                             const std::vector<const InputMoments*>& moments, const RewriteOptions& options) {
  return Rewriter(graph, points, calibrated, moments, options).run();
}

}  // namespace saker
