#include "nets/network.h"

#include <fmt/format.h>

#include "base/try.h"
#include "nets/flow.h"
#include "nets/graph_builder.h"
#include "nets/heads.h"

namespace saker::nets {
namespace {

using Parts = std::vector<Var>;

// What the layer at `index` is fed with. Error kInvalid: a layer that is not there yet.
Result<std::vector<Parts>> inputs_of(const Layer& layer, std::size_t index, const Parts& picture,
                                     const std::vector<Parts>& done) {
  std::vector<Parts> inputs;
  for (const std::int64_t from : layer.from) {
    const std::int64_t at = from < 0 ? static_cast<std::int64_t>(index) + from : from;
    if (at < -1 || at >= static_cast<std::int64_t>(index)) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("{}: layer {} is to be fed by layer {}", layer.module.describe(), index, from)};
    }
    inputs.push_back(at < 0 ? picture : done[static_cast<std::size_t>(at)]);
  }
  return inputs;
}

const Module* first_convolution(const Module& module) {
  if (module.type == "Conv2d") return &module;
  for (const Module& child : module.children) {
    if (const Module* found = first_convolution(child)) return found;
  }
  return nullptr;
}

// Channels of the picture: of the first convolution's weights, which Focus has had four times as many of.
std::int64_t picture_channels(const Module& first) {
  const Module* conv = first_convolution(first);
  const Tensor* weight = conv == nullptr ? nullptr : conv->weight("weight");
  if (weight == nullptr || weight->shape().size() != 4) return 3;
  return first.type == "Focus" ? weight->shape()[1] / 4 : weight->shape()[1];
}

const Module* find_below(const Module& module, std::string_view path) {
  if (module.path == path) return &module;
  for (const Module& child : module.children) {
    if (const Module* found = find_below(child, path)) return found;
  }
  return nullptr;
}

}  // namespace

const Module* find_module(const Network& network, std::string_view path) {
  for (const Layer& layer : network.layers) {
    if (const Module* found = find_below(layer.module, path)) return found;
  }
  return nullptr;
}

Result<std::vector<Var>> run_to_head(Builder& b, const Network& network, Var picture) {
  if (network.layers.empty()) return Error{ErrorCode::kInvalid, "the network has no layers"};
  std::vector<Parts> done;
  Parts levels;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    SAKER_ASSIGN(const std::vector<Parts> inputs, inputs_of(layer, i, {picture}, done));
    if (i + 1 < network.layers.size()) {
      done.push_back(run_layer(b, layer.module, inputs));
    } else {
      for (const Parts& input : inputs) levels.insert(levels.end(), input.begin(), input.end());
    }
  }
  return levels;
}

Result<Graph> make_graph(const Network& network, const GraphOptions& options) {
  if (network.layers.empty()) return Error{ErrorCode::kInvalid, "the network has no layers"};
  GraphBuilder b;
  const Var picture = b.picture(picture_channels(network.layers.front().module));
  SAKER_ASSIGN(const std::vector<Var> levels, run_to_head(b, network, picture));
  if (!b.status().ok()) return b.status().error();
  add_head(b, network, levels, options);
  SAKER_ASSIGN(Graph graph, b.finish());
  graph.name = network.family;
  graph.metadata = network.metadata;
  return graph;
}

}  // namespace saker::nets
