#include "api/input_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "api/internals.h"
#include "graph/op_def.h"
#include "graph/ops/convert.h"

namespace saker {
namespace {

constexpr int kMaxNodes = 16;  // followed
constexpr int kMaxDepth = 4;   // of nodes that make a constant of constants
constexpr std::int64_t kMaxChannels = 4;

class Follower {
 public:
  Follower(const Graph& graph, std::size_t channel_axis)
      : graph_(graph), producer_(producers(graph)), channel_axis_(static_cast<std::int64_t>(channel_axis)) {}

  std::optional<InputArithmetic> run(ValueId value) {
    InputArithmetic found;
    for (int i = 0; i < kMaxNodes; ++i) {
      const Node* node = only_reader(value);
      if (node == nullptr || node->outputs.size() != 1 || node->outputs[0] == kNoValue) break;
      const bool keeps = node->op == Op::kCast || node->op == Op::kIdentity || moves_axes(*node);
      if (reverses(*node, value)) {
        found.reversed = !found.reversed;
      } else if (!keeps && !apply(*node, value, found)) {
        break;
      }
      value = node->outputs[0];
    }
    if (found.nodes.empty() && !found.reversed) return std::nullopt;
    return found;
  }

 private:
  // But for those that ask for its shape.
  const Node* only_reader(ValueId value) const {
    if (std::ranges::find(graph_.outputs, value) != graph_.outputs.end()) return nullptr;
    const Node* reader = nullptr;
    for (const Node& node : graph_.nodes) {
      if (node.op == Op::kShape || std::ranges::find(node.inputs, value) == node.inputs.end()) continue;
      if (reader != nullptr) return nullptr;
      reader = &node;
    }
    return reader;
  }

  std::optional<Tensor> constant(ValueId id, int depth) const {
    if (id == kNoValue || depth > kMaxDepth) return std::nullopt;
    if (graph_.value(id).constant) return graph_.value(id).constant;
    const std::int32_t by = producer_[static_cast<std::size_t>(id)];
    if (by < 0) return std::nullopt;
    const Node& node = graph_.nodes[static_cast<std::size_t>(by)];
    if (node.outputs.size() != 1) return std::nullopt;
    std::vector<Tensor> inputs;
    for (const ValueId from : node.inputs) {
      auto tensor = constant(from, depth + 1);
      if (!tensor || tensor->elements() > kMaxChannels) return std::nullopt;
      inputs.push_back(std::move(*tensor));
    }
    std::vector<const Tensor*> pointers;
    for (const Tensor& tensor : inputs) pointers.push_back(&tensor);
    auto made = evaluate(node, pointers, 4096);
    if (!made.ok()) return std::nullopt;
    return std::move((*made)[0]);
  }

  std::vector<std::int64_t> integers(ValueId id) const {
    const auto tensor = constant(id, 0);
    if (!tensor || tensor->elements() > kMaxChannels) return {};
    const auto wide = ops::converted(*tensor, DType::kInt64);
    if (!wide.ok()) return {};
    return {wide->data<std::int64_t>(), wide->data<std::int64_t>() + wide->elements()};
  }

  bool moves_axes(const Node& node) {
    if (node.op != Op::kTranspose) return false;
    const auto& perm = node.as<TransposeAttrs>().perm;
    const auto place = std::ranges::find(perm, channel_axis_);
    if (perm.size() != 4 || place == perm.end()) return false;
    channel_axis_ = place - perm.begin();
    return true;
  }

  bool is_channel_axis(std::int64_t axis) const { return (axis < 0 ? axis + 4 : axis) == channel_axis_; }

  // x[:, [2, 1, 0]] or x[:, ::-1].
  bool reverses(const Node& node, ValueId value) const {
    if (node.inputs.empty() || node.inputs[0] != value) return false;
    if (node.op == Op::kGather) {
      return node.inputs.size() == 2 && is_channel_axis(node.as<AxisAttrs>().axis) &&
             integers(node.inputs[1]) == std::vector<std::int64_t>{2, 1, 0};
    }
    if (node.op != Op::kSlice || node.inputs.size() != 5) return false;
    const auto start = integers(node.inputs[1]), end = integers(node.inputs[2]), axes = integers(node.inputs[3]);
    return integers(node.inputs[4]) == std::vector<std::int64_t>{-1} && axes.size() == 1 && is_channel_axis(axes[0]) &&
           start.size() == 1 && (start[0] == -1 || start[0] >= 2) && end.size() == 1 && end[0] < -3;
  }

  // The number of the channel where it is largest.
  std::optional<float> number(ValueId id) const {
    const auto tensor = constant(id, 0);
    if (!tensor || tensor->elements() < 1 || tensor->elements() > kMaxChannels) return std::nullopt;
    const auto floats = ops::converted(*tensor, DType::kFloat32);
    if (!floats.ok()) return std::nullopt;
    const float* first = floats->data<float>();
    const float largest = *std::max_element(first, first + floats->elements(),
                                            [](float a, float b) { return std::fabs(a) < std::fabs(b); });
    if (!std::isfinite(largest)) return std::nullopt;
    return largest;
  }

  bool apply(const Node& node, ValueId value, InputArithmetic& found) const {
    const bool known = node.op == Op::kAdd || node.op == Op::kSub || node.op == Op::kMul || node.op == Op::kDiv;
    if (!known || node.inputs.size() != 2) return false;
    const bool first = node.inputs[0] == value;
    if (!first && (node.op == Op::kSub || node.op == Op::kDiv)) return false;  // another function of the pixels
    const auto by = number(node.inputs[first ? 1 : 0]);
    if (!by || (node.op == Op::kDiv && *by == 0)) return false;
    if (node.op == Op::kAdd) found.offset += *by;
    if (node.op == Op::kSub) found.offset -= *by;
    if (node.op == Op::kMul || node.op == Op::kDiv) {
      const float factor = node.op == Op::kMul ? *by : 1 / *by;
      found.scale *= factor;
      found.offset *= factor;
    }
    found.nodes += (found.nodes.empty() ? "" : ", ") + std::string(op_def(node.op).name);
    return true;
  }

  const Graph& graph_;
  std::vector<std::int32_t> producer_;
  std::int64_t channel_axis_;  // of the value that is followed
};

}  // namespace

std::optional<InputArithmetic> leading_arithmetic(const Model& model, std::size_t input, std::size_t channel_axis) {
  const auto& graph = graph_of(model);
  if (graph == nullptr || input >= graph->inputs.size()) return std::nullopt;
  return Follower(*graph, channel_axis).run(graph->inputs[input]);
}

}  // namespace saker
