// A graph made for one picture, for any number of them: the proof along the graph, then the constants.
#include "passes/open_batch.h"

#include <fmt/format.h>

#include <cmath>

#include "base/try.h"
#include "graph/op_def.h"
#include "passes/pictures_apart.h"

namespace saker {
namespace {

class Opener {
 public:
  explicit Opener(const Graph& graph) : graph_(graph), batched_(graph.values.size(), false) {}

  Result<Graph> run() {
    SAKER_TRY(start());
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (auto status = open(i); !status.ok()) return status.error().with_context(describe(graph_.nodes[i]));
    }
    SAKER_TRY(declare());
    return std::move(graph_);
  }

 private:
  static Error refused(std::string why) { return {ErrorCode::kUnsupported, std::move(why)}; }
  bool is_batched(ValueId id) const { return id != kNoValue && batched_[static_cast<std::size_t>(id)]; }
  bool has_one_picture(ValueId id) const {
    const auto& shape = graph_.value(id).shape;
    return shape && !shape->empty() && shape->front() == 1;
  }

  Status start() {
    if (graph_.inputs.size() != 1) return refused(fmt::format("it has {} inputs", graph_.inputs.size()));
    const ValueId input = graph_.inputs[0];
    if (!has_one_picture(input) || graph_.value(input).shape->size() != 4)
      return refused(fmt::format("its input '{}' is not one picture", graph_.value(input).name));
    batched_[static_cast<std::size_t>(input)] = true;
    return {};
  }

  Status open(std::size_t index) {
    const Node& node = graph_.nodes[index];
    BatchedNode of{graph_, node, {}};
    bool any = false;
    for (const ValueId id : node.inputs) {
      if (id != kNoValue && !graph_.value(id).shape) return refused("the shape of what it reads is not known");
      of.batched.push_back(is_batched(id));
      any = any || of.batched.back();
    }
    if (!any) return {};  // the same for any number of pictures
    for (const ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      if (!has_one_picture(id)) return refused("its result has no axis of pictures in front");
      batched_[static_cast<std::size_t>(id)] = true;
    }
    if (const char* why = why_not_apart(of)) return refused(why);
    if (node.op == Op::kReshape) return open_target(index);
    if (node.op == Op::kResize) return scale_instead(index);
    return {};
  }

  // Extent 1 in front becomes that of the input.
  Status open_target(std::size_t index) {
    std::vector<std::int64_t> to = constant_ints(graph_, graph_.nodes[index], 1);
    if (to[0] != 1) return {};
    SAKER_ASSIGN(Tensor target, Tensor::make(DType::kInt64, {static_cast<std::int64_t>(to.size())}));
    to[0] = 0;
    std::ranges::copy(to, target.data<std::int64_t>());
    set_constant(index, 1, std::move(target));
    graph_.nodes[index].attrs = ReshapeAttrs{};
    return {};
  }

  // Sizes as the scales that lead to them.
  Status scale_instead(std::size_t index) {
    const std::vector<std::int64_t> sizes = constant_ints(graph_, graph_.nodes[index], 3);
    if (sizes.empty() || !graph_.nodes[index].as<ResizeAttrs>().axes.empty()) return {};
    const Shape from = *graph_.value(graph_.nodes[index].inputs[0]).shape;
    SAKER_ASSIGN(Tensor scales, Tensor::make(DType::kFloat32, {static_cast<std::int64_t>(sizes.size())}));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const double exact = static_cast<double>(sizes[i]) / static_cast<double>(from[i]);
      const auto scale = static_cast<float>(exact);
      if (static_cast<double>(scale) != exact) return refused("its sizes are not as many times the input's");
      scales.data<float>()[i] = scale;
    }
    graph_.nodes[index].inputs.resize(3);
    set_constant(index, 2, std::move(scales));
    return {};
  }

  // A constant of the node's own: others may read the one it had.
  void set_constant(std::size_t index, std::size_t input, Tensor value) {
    const ValueId id = graph_.add_constant(graph_.nodes[index].name + ".any_batch", std::move(value));
    graph_.nodes[index].inputs[input] = id;
    batched_.push_back(false);
  }

  Status declare() {
    const DeclaredDim any{-1, "batch"};
    graph_.declared_outputs.clear();
    for (const ValueId id : graph_.outputs) {
      if (!is_batched(id))
        return refused(fmt::format("its output '{}' does not hang on the picture", graph_.value(id).name));
      auto& dims = graph_.declared_outputs.emplace_back();
      for (const std::int64_t extent : *graph_.value(id).shape) dims.push_back({extent, ""});
      dims[0] = any;
    }
    graph_.declared_inputs[0][0] = any;
    return {};
  }

  Graph graph_;
  std::vector<bool> batched_;  // by value
};

}  // namespace

Status open_batch(Graph& graph) {
  SAKER_ASSIGN(graph, Opener(graph).run());
  return {};
}

}  // namespace saker
