#include "quantize/importance.h"

#include <map>

namespace saker {
namespace {

class Importance {
 public:
  Importance(const Graph& graph, const Points& points, const std::vector<PointStatistics>& statistics)
      : graph_(graph), points_(points) {
    for (std::size_t p = 0; p < points.points.size(); ++p) {
      std::vector<PointChannel>& own = channels_[points.points[p].value];
      for (std::int32_t c = 0; c < points.points[p].channels; ++c) own.push_back({static_cast<std::int32_t>(p), c});
      result_.emplace_back(own.size(), 0.0);
      std::vector<double>& variance = variance_.emplace_back();
      for (const ChannelStatistics& channel : statistics[p]) variance.push_back(channel.variance());
    }
    for (const MovedValue& moved : points.moved) channels_[moved.value] = moved.channels;
  }

  std::vector<std::vector<double>> run() {
    for (const QuantizedConv& conv : points_.convs) add_conv(conv);
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) pass_on(graph_.nodes[i]);
    return std::move(result_);
  }

 private:
  static double& at(std::vector<std::vector<double>>& values, PointChannel channel) {
    return values[static_cast<std::size_t>(channel.point)][static_cast<std::size_t>(channel.channel)];
  }

  void add_conv(const QuantizedConv& conv) {
    const Node& node = graph_.nodes[conv.node];
    const Tensor& w = *graph_.value(node.inputs[1]).constant;
    const std::int64_t outputs = w.shape()[0], inputs = w.shape()[1], taps = w.shape()[2] * w.shape()[3];
    const std::int64_t per_group = outputs / node.as<ConvAttrs>().group;
    std::vector<double> squares(static_cast<std::size_t>(inputs));
    for (std::int64_t o = 0; o < outputs; ++o) {
      const PointChannel* from = conv.channels.data() + o / per_group * inputs;
      double variance = 0;
      for (std::int64_t i = 0; i < inputs; ++i) {
        const float* filter = w.data<float>() + (o * inputs + i) * taps;
        double& sum = squares[static_cast<std::size_t>(i)] = 0;
        for (std::int64_t t = 0; t < taps; ++t) sum += static_cast<double>(filter[t]) * static_cast<double>(filter[t]);
        variance += sum * at(variance_, from[i]);
      }
      if (!(variance > 0)) continue;
      for (std::int64_t i = 0; i < inputs; ++i)
        at(result_, from[i]) += squares[static_cast<std::size_t>(i)] / variance / static_cast<double>(outputs);
    }
  }

  // From the result of an activation or sum to what goes into it.
  void pass_on(const Node& node) {
    if (!is_between_points(node.op)) return;
    const auto out = channels_.find(node.outputs[0]);
    if (out == channels_.end()) return;
    for (const ValueId id : node.inputs) {
      const auto in = channels_.find(id);
      if (in == channels_.end() || in->second.size() != out->second.size()) continue;
      for (std::size_t c = 0; c < in->second.size(); ++c) at(result_, in->second[c]) += at(result_, out->second[c]);
    }
  }

  const Graph& graph_;
  const Points& points_;
  std::map<ValueId, std::vector<PointChannel>> channels_;
  std::vector<std::vector<double>> variance_, result_;
};

}  // namespace

std::vector<std::vector<double>> channel_importance(const Graph& graph, const Points& points,
                                                    const std::vector<PointStatistics>& statistics) {
  return Importance(graph, points, statistics).run();
}

}  // namespace saker
