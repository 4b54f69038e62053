#include "quantize/trained.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "base/try.h"
#include "graph/op_def.h"
#include "passes/pipeline.h"
#include "quantize/rewrite.h"

namespace saker {
namespace {

Error other_network(const std::string& what) {
  return {ErrorCode::kInvalid,
          fmt::format("the ranges that training has observed are of another network: {}", printable_name(what))};
}

// "n12": what nodes are called that have no name (graph/builder.h).
bool is_numbered(const std::string& name) {
  return name.size() > 1 && name[0] == 'n' && name.find_first_not_of("0123456789", 1) == std::string::npos;
}

class Namer {
 public:
  explicit Namer(const Graph& graph) : graph_(graph), producer_(producers(graph)) {}

  const std::string& name_of(ValueId id) {
    const auto [at, is_new] = names_.try_emplace(id);
    if (!is_new) return at->second;
    std::string name = made(id);
    return names_[id] = std::move(name);
  }

 private:
  std::string made(ValueId id) {
    const std::int32_t index = producer_[static_cast<std::size_t>(id)];
    if (index < 0) return graph_.value(id).name;
    const Node& node = graph_.nodes[static_cast<std::size_t>(index)];
    std::string name = node.name;
    if (is_numbered(name)) {
      name.clear();
      for (const ValueId input : node.inputs) {
        if (input == kNoValue || graph_.value(input).constant) continue;
        name += (name.empty() ? "" : ", ") + name_of(input);
      }
      name = fmt::format("{}({})", op_def(node.op).name, name);
    }
    if (node.outputs.size() == 1) return name;
    return fmt::format("{}.{}", name, std::ranges::find(node.outputs, id) - node.outputs.begin());
  }

  const Graph& graph_;
  std::vector<std::int32_t> producer_;
  std::map<ValueId, std::string> names_;
};

Result<std::vector<std::vector<ValueRange>>> ranges_of(const Graph& graph, const Points& points,
                                                       const ObservedRanges& observed) {
  const std::vector<std::string> names = point_names(graph, points);
  std::vector<std::vector<ValueRange>> ranges;
  for (std::size_t p = 0; p < names.size(); ++p) {
    const Point& point = points.points[p];
    const std::string& name = names[p];
    const auto found = observed.of_values.find(name);
    if (found == observed.of_values.end()) return other_network(fmt::format("none of '{}'", name));
    ranges.push_back(ranges_in(found->second, point.channels));
    if (ranges.back().size() != static_cast<std::size_t>(point.channels))
      return other_network(fmt::format("those of '{}' are no {} ranges", name, point.channels));
  }
  return ranges;
}

}  // namespace

PointDensity density_of(StoredScales scales) {
  return scales == StoredScales::kEverywhere ? PointDensity::kEverywhere : PointDensity::kStored;
}

std::vector<std::string> point_names(const Graph& graph, const Points& points) {
  Namer namer(graph);
  std::vector<std::string> names;
  for (const Point& point : points.points) names.push_back(namer.name_of(point.value));
  return names;
}

std::vector<ValueRange> ranges_in(const Tensor& tensor, std::int64_t channels) {
  if (tensor.dtype() != DType::kFloat32 || tensor.shape() != Shape{2, channels}) return {};
  std::vector<ValueRange> ranges;
  const float* low = tensor.data<float>();
  for (std::int64_t c = 0; c < channels; ++c) {
    const ValueRange range = {low[c], low[channels + c]};
    if (!(range.low <= range.high) || !std::isfinite(range.high - range.low)) return {};
    ranges.push_back({std::min(range.low, 0.0F), std::max(range.high, 0.0F)});
  }
  return ranges;
}

std::vector<Quantization> scales_of_points(const PointGroups& groups, std::span<const std::vector<ValueRange>> ranges,
                                           StoredScales scales, bool symmetric) {
  std::vector<Quantization> result;
  if (scales == StoredScales::kChannel) {
    for (const std::vector<ValueRange>& channels : ranges) result.push_back(scales_of_channels(channels, symmetric));
    return result;
  }
  std::vector<ValueRange> together(ranges.size());
  for (std::size_t p = 0; p < ranges.size(); ++p) {
    ValueRange& range = together[groups.leader[p]];
    for (const ValueRange& channel : ranges[p])
      range = {std::min(range.low, channel.low), std::max(range.high, channel.high)};
  }
  for (std::size_t p = 0; p < ranges.size(); ++p) {
    const std::size_t leader = groups.leader[p];
    const ScaleAndZero own = scale_of_group(together[leader], groups.gated[leader], symmetric);
    result.push_back({{own.scale}, {own.zero_point}});
  }
  return result;
}

std::vector<std::string> passes_against_trained() {
  return {"merge_parallel_convs"};
}

Result<Graph> quantize_as_trained(const Graph& graph, const ObservedRanges& observed) {
  const std::set<std::string, std::less<>> trained(observed.convs.begin(), observed.convs.end());
  const PointDensity density = density_of(observed.scales);
  const Points points = find_points(graph, density, [&](const Node& node) { return !trained.contains(node.name); });
  if (points.convs.size() != trained.size())
    return other_network(fmt::format("{} convolutions of {} are there", points.convs.size(), trained.size()));
  SAKER_ASSIGN(const std::vector<std::vector<ValueRange>> ranges, ranges_of(graph, points, observed));
  const std::vector<Quantization> scales =
      scales_of_points(group_points(graph, points), ranges, observed.scales, observed.symmetric);
  std::vector<CalibratedPoint> calibrated;
  for (const Quantization& own : scales) calibrated.push_back({own, nullptr});
  const std::vector<const InputMoments*> no_moments(points.convs.size(), nullptr);
  return quantize_graph(graph, points, calibrated, no_moments,
                        {.correct_bias = false, .everywhere = density == PointDensity::kEverywhere});
}

Status simplify_as_trained(Graph& graph, const std::optional<ObservedRanges>& observed) {
  if (!observed) return run_passes(graph, portable_passes());
  PassOptions options;
  options.without = passes_against_trained();
  SAKER_TRY(run_passes(graph, portable_passes(), options));
  SAKER_ASSIGN(graph, quantize_as_trained(graph, *observed));
  return {};
}

}  // namespace saker
