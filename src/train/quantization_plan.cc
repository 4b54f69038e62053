#include "train/quantization_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/try.h"
#include "nets/heads.h"
#include "passes/pipeline.h"
#include "quantize/trained.h"
#include "train/numbering_builder.h"

namespace saker::train {
namespace {

// The maps of the head, through the passes that the 8-bit graph goes through, of any size: only channels count.
Result<Graph> graph_of(const nets::Network& network, NumberingBuilder& b) {
  constexpr std::int64_t kColours = 3;
  const nets::Var picture = b.picture(kColours);
  SAKER_ASSIGN(const std::vector<nets::Var> levels, nets::run_to_head(b, network, picture));
  for (const nets::Var map : nets::head_maps(b, network.layers.back().module, levels)) b.graph().graph().output(map);
  SAKER_ASSIGN(Graph graph, b.graph().finish());
  const auto side = 4 * static_cast<std::int64_t>(std::ranges::max(network.strides));
  SAKER_TRY(bind_input_shapes(graph, std::vector<Shape>{{1, kColours, side, side}}));
  PassOptions options;
  options.without = passes_against_trained();
  options.without.emplace_back("fold_focus");  // its convolution would read what no builder makes
  SAKER_TRY(run_passes(graph, portable_passes(), options));
  return graph;
}

class Planner {
 public:
  Planner(const Graph& graph, const NumberingBuilder& b) : graph_(graph), b_(b) {
    for (const nets::Module* conv : b.convs()) conv_called_.emplace(conv->path, conv);
    for (std::size_t i = 0; i < b.values().size(); ++i) number_of_.emplace(b.values()[i], static_cast<nets::Var>(i));
  }

  Result<QuantizationPlan> run(StoredScales scales, const std::function<bool(const nets::Module&)>& keep_float) {
    const Points found = find_points(graph_, density_of(scales), [&](const Node& node) {
      const nets::Module* conv = module_of(node);
      return conv == nullptr || keep_float(*conv);
    });
    if (found.convs.empty()) return Error{ErrorCode::kInvalid, "no convolution is left that could be quantized"};
    const std::vector<std::string> names = point_names(graph_, found);
    for (std::size_t p = 0; p < names.size(); ++p) SAKER_TRY(add_point(found.points[p], names[p]));
    for (const QuantizedConv& conv : found.convs) add_conv(conv);
    plan_.groups = group_points(graph_, found);
    plan_.left_float = found.left_float;
    return std::move(plan_);
  }

 private:
  const nets::Module* module_of(const Node& node) const {
    const auto found = conv_called_.find(node.name);
    return found == conv_called_.end() ? nullptr : found->second;
  }

  Status add_point(const Point& point, const std::string& name) {
    const auto number = number_of_.find(point.value);
    if (number == number_of_.end())
      return Error{ErrorCode::kUnsupported,
                   fmt::format("'{}' cannot be stored in 8 bits while training: a pass has made it", name)};
    plan_.point_at.emplace(number->second, plan_.points.size());
    plan_.points.push_back({name, point.channels});
    return {};
  }

  void add_conv(const QuantizedConv& quantized) {
    const nets::Module* conv = module_of(graph_.nodes[quantized.node]);
    const nets::Module* norm = b_.norm_of(*conv);
    if (norm != nullptr) plan_.norms.insert(norm);
    plan_.conv_of.emplace(conv, plan_.convs.size());
    plan_.convs.push_back({conv, norm, quantized.channels});
  }

  const Graph& graph_;
  const NumberingBuilder& b_;
  std::map<std::string, const nets::Module*, std::less<>> conv_called_;
  std::unordered_map<ValueId, nets::Var> number_of_;
  QuantizationPlan plan_;
};

}  // namespace

Result<QuantizationPlan> plan_quantization(const nets::Network& network, StoredScales scales,
                                           const std::function<bool(const nets::Module&)>& keep_float) {
  NumberingBuilder b;
  SAKER_ASSIGN(const Graph graph, graph_of(network, b));
  return Planner(graph, b).run(scales, keep_float);
}

}  // namespace saker::train
