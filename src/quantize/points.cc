#include "quantize/points.h"

#include <map>
#include <optional>

#include "passes/int8/channels.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

class Finder {
 public:
  Finder(const Graph& graph, PointDensity density)
      : graph_(graph), density_(density), producer_(producers(graph)), needed_(graph.values.size(), false) {}

  Points run(const std::function<bool(const Node&)>& keep) {
    std::vector<std::size_t> convs;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (node.op != Op::kConv) continue;
      std::string reason = keep(node) ? "it was asked to stay float" : why_not(node);
      if (!reason.empty()) {
        found_.left_float.emplace_back(node.name, std::move(reason));
        continue;
      }
      need(node.inputs[0]);
      convs.push_back(i);
    }
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) need_inputs(graph_.nodes[i]);
    for (std::size_t id = 0; id < needed_.size(); ++id) {
      if (needed_[id] && producer_[id] < 0) add_point(static_cast<ValueId>(id));
    }
    for (const Node& node : graph_.nodes) add_outputs(node);
    for (const std::size_t i : convs) found_.convs.push_back({i, channels_.at(graph_.nodes[i].inputs[0])});
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

  void need(ValueId id) { needed_[static_cast<std::size_t>(id)] = true; }
  bool is_needed(ValueId id) const { return id != kNoValue && needed_[static_cast<std::size_t>(id)]; }

  // Nodes are seen from the last to the first.
  void need_inputs(const Node& node) {
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
      if (!is_needed(node.outputs[k])) continue;
      if (moved_channels(graph_, node, k)) {
        for (std::size_t i = 0; i < moved_inputs(node); ++i) need(node.inputs[i]);
      } else if (density_ == PointDensity::kEverywhere && is_between_points(node.op)) {
        for (const ValueId id : node.inputs) {
          const Value& x = graph_.value(id);
          if (!x.constant && x.dtype == DType::kFloat32 && x.shape && x.shape->size() == 4) need(id);
        }
      }
    }
  }

  // Nodes are seen from the first to the last.
  void add_outputs(const Node& node) {
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
      if (!is_needed(node.outputs[k])) continue;
      const auto sources = moved_channels(graph_, node, k);
      if (!sources) {
        add_point(node.outputs[k]);
        continue;
      }
      std::vector<PointChannel> channels;
      for (const ChannelSource& source : *sources)
        channels.push_back(channels_.at(node.inputs[source.input])[static_cast<std::size_t>(source.channel)]);
      found_.moved.push_back({node.outputs[k], channels});
      channels_.emplace(node.outputs[k], std::move(channels));
    }
  }

  void add_point(ValueId id) {
    const auto index = static_cast<std::int32_t>(found_.points.size());
    const std::int64_t channels = (*graph_.value(id).shape)[1];
    found_.points.push_back({id, channels});
    std::vector<PointChannel>& own = channels_[id];
    for (std::int32_t c = 0; c < channels; ++c) own.push_back({index, c});
  }

  const Graph& graph_;
  PointDensity density_;
  std::vector<std::int32_t> producer_;
  std::vector<bool> needed_;
  std::map<ValueId, std::vector<PointChannel>> channels_;
  Points found_;
};

}  // namespace

std::size_t moved_inputs(const Node& movement) {
  return movement.op == Op::kConcat ? movement.inputs.size() : 1;
}

bool is_between_points(Op op) {
  switch (op) {
    case Op::kAdd:
    case Op::kHardSigmoid:
    case Op::kHardSwish:
    case Op::kLeakyRelu:
    case Op::kMul:
    case Op::kSigmoid:
    case Op::kSilu:
    case Op::kTanh:
      return true;
    default:  // Relu and Clip are part of the convolution before them everywhere
      return false;
  }
}

Points find_points(const Graph& graph, PointDensity density, const std::function<bool(const Node&)>& keep) {
  return Finder(graph, density).run(keep);
}

}  // namespace saker
