#include "quantize/points.h"

#include <map>
#include <optional>

#include "passes/int8/channels.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph), producer_(producers(graph)) {}

  Points run(const std::function<bool(const Node&)>& keep) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (node.op != Op::kConv) continue;
      std::string reason = keep(node) ? "it was asked to stay float" : why_not(node);
      if (!reason.empty()) {
        found_.left_float.emplace_back(node.name, std::move(reason));
        continue;
      }
      found_.convs.push_back({i, channels_of(node.inputs[0])});
    }
    return std::move(found_);
  }

 private:
  std::string why_not(const Node& conv) const {
    const Value& x = graph_.value(conv.inputs[0]);
    const Value& w = graph_.value(conv.inputs[1]);
    if (!w.constant || w.dtype != DType::kFloat32) return "its weights are not float constants";
    if (x.dtype != DType::kFloat32 || !x.shape || x.shape->size() != 4) return "it is not 2-D";
    if (element_count(*x.shape).value() == 0) return "its input is empty";
    if (conv.has_input(2) && !graph_.value(conv.inputs[2]).constant) return "its bias is not constant";
    if (reads_softmax(conv)) return "it sums the probabilities of a Softmax: part of the decoding";
    return "";
  }

  // Directly or transposed: the expectation by which YOLOv8's family decodes boxes.
  bool reads_softmax(const Node& conv) const {
    constexpr int kMaxSteps = 4;
    std::int32_t index = producer_[static_cast<std::size_t>(conv.inputs[0])];
    for (int step = 0; index >= 0 && step < kMaxSteps; ++step) {
      const Node& node = graph_.nodes[static_cast<std::size_t>(index)];
      if (node.op == Op::kSoftmax) return true;
      if (node.op != Op::kTranspose && node.op != Op::kReshape) return false;
      index = producer_[static_cast<std::size_t>(node.inputs[0])];
    }
    return false;
  }

  // Through movements back to what made the channels; memoised, so that the work is bounded by the graph.
  const std::vector<PointChannel>& channels_of(ValueId id) {
    const auto known = channels_.find(id);
    if (known != channels_.end()) return known->second;
    std::vector<PointChannel> result = moved(id);
    if (result.empty()) result = new_point(id);
    return channels_.emplace(id, std::move(result)).first->second;
  }

  std::vector<PointChannel> moved(ValueId id) {
    const std::int32_t index = producer_[static_cast<std::size_t>(id)];
    if (index < 0) return {};
    const Node& node = graph_.nodes[static_cast<std::size_t>(index)];
    std::size_t output = 0;
    while (node.outputs[output] != id) ++output;
    const auto sources = moved_channels(graph_, node, output);
    if (!sources) return {};
    std::vector<PointChannel> result;
    for (const ChannelSource& source : *sources)
      result.push_back(channels_of(node.inputs[source.input])[static_cast<std::size_t>(source.channel)]);
    return result;
  }

  std::vector<PointChannel> new_point(ValueId id) {
    const auto index = static_cast<std::int32_t>(found_.points.size());
    const std::int64_t channels = (*graph_.value(id).shape)[1];
    found_.points.push_back({id, channels});
    std::vector<PointChannel> result;
    for (std::int32_t c = 0; c < channels; ++c) result.push_back({index, c});
    return result;
  }

  const Graph& graph_;
  std::vector<std::int32_t> producer_;
  std::map<ValueId, std::vector<PointChannel>> channels_;
  Points found_;
};

}  // namespace

Points find_points(const Graph& graph, const std::function<bool(const Node&)>& keep) {
  return Finder(graph).run(keep);
}

}  // namespace saker
