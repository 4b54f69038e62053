#include "sparsify/channels.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/try.h"
#include "passes/int8/channels.h"
#include "passes/passes.h"
#include "passes/rewrite.h"
#include "sparsify/layers.h"

namespace saker::sparsify {
namespace {

bool is_picture(const Graph& graph, ValueId id) {
  return id != kNoValue && graph.value(id).shape && graph.value(id).shape->size() == 4;
}

// Whether zero stays zero, channel for channel.
bool keeps_zero(const Node& node) {
  switch (node.op) {
    case Op::kAveragePool:
    case Op::kGlobalAveragePool:
    case Op::kHardSwish:
    case Op::kLeakyRelu:
    case Op::kRelu:
    case Op::kSilu:
    case Op::kTanh:
      return true;
    default:
      return false;
  }
}

class Finder {
 public:
  explicit Finder(const Graph& graph) : graph_(graph) {}

  Channels run() {
    tied_.push_back(0);  // set 0: what stays
    for (const Node& node : graph_.nodes) {
      if (!follow(node)) stay(node);
    }
    for (const ValueId id : graph_.outputs) stay(id);
    return collect();
  }

 private:
  using Elements = std::vector<std::int32_t>;

  std::int32_t find(std::int32_t i) {
    while (tied_[index(i)] != i) i = tied_[index(i)] = tied_[index(tied_[index(i)])];
    return i;
  }
  static std::size_t index(std::int32_t i) { return static_cast<std::size_t>(i); }
  // What stays, set 0, stays what stands for its set.
  void tie(std::int32_t a, std::int32_t b) {
    const std::int32_t first = find(a), second = find(b);
    tied_[index(std::max(first, second))] = std::min(first, second);
  }

  void stay(ValueId id) {
    const auto found = id == kNoValue ? of_.end() : of_.find(id);
    if (found == of_.end()) return;
    for (const std::int32_t element : found->second) tie(element, 0);
  }
  void stay(const Node& node) {
    for (const ValueId id : node.inputs) stay(id);
  }

  const Elements* elements(ValueId id) const {
    const auto found = id == kNoValue ? of_.end() : of_.find(id);
    return found == of_.end() ? nullptr : &found->second;
  }

  // False: nothing is known of its channels.
  bool follow(const Node& node) {
    if (node.op == Op::kConv) return convolve(node);
    if (node.op == Op::kAdd) return add(node);
    if (node.op == Op::kSlice) return false;
    const Elements* x = node.inputs.empty() ? nullptr : elements(node.inputs[0]);
    if (keeps_zero(node) && x != nullptr && is_picture(graph_, node.outputs[0])) {
      of_.emplace(node.outputs[0], Elements(*x));
      return true;
    }
    return move(node);
  }

  bool convolve(const Node& node) {
    const Value& weights = graph_.value(node.inputs[1]);
    const bool biased = node.has_input(2);
    if (!weights.constant || weights.dtype != DType::kFloat32 || weights.constant->shape().size() != 4 ||
        (biased && !graph_.value(node.inputs[2]).constant) || !is_picture(graph_, node.outputs[0]) ||
        node.inputs.size() > 3)
      return false;
    const auto n = static_cast<std::size_t>(&node - graph_.nodes.data());
    const Shape& shape = weights.constant->shape();
    const std::int64_t group = node.as<ConvAttrs>().group;
    const Elements* x = elements(node.inputs[0]);
    if (group == 1) {
      for (std::int64_t c = 0; x != nullptr && c < shape[1]; ++c)
        read_.push_back({(*x)[static_cast<std::size_t>(c)], {n, c}});
      Elements own;
      for (std::int64_t o = 0; o < shape[0]; ++o) {
        own.push_back(static_cast<std::int32_t>(tied_.size()));
        tied_.push_back(own.back());
        made_.push_back({own.back(), {n, o}});
      }
      of_.emplace(node.outputs[0], std::move(own));
      return true;
    }
    if (group != shape[0] || shape[1] != 1 || x == nullptr) return false;
    for (std::int64_t o = 0; o < shape[0]; ++o) made_.push_back({(*x)[static_cast<std::size_t>(o)], {n, o}});
    of_.emplace(node.outputs[0], Elements(*x));
    return true;
  }

  bool add(const Node& node) {
    const Elements *a = elements(node.inputs[0]), *b = elements(node.inputs[1]);
    if (a == nullptr || b == nullptr || graph_.value(node.inputs[0]).shape != graph_.value(node.inputs[1]).shape)
      return false;
    for (std::size_t c = 0; c < a->size(); ++c) tie((*a)[c], (*b)[c]);
    of_.emplace(node.outputs[0], Elements(*a));
    return true;
  }

  // Concat, Split, MaxPool, Resize.
  bool move(const Node& node) {
    std::vector<std::pair<ValueId, Elements>> results;
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
      if (node.outputs[k] == kNoValue) continue;
      const auto sources = moved_channels(graph_, node, k);
      if (!sources) return false;
      Elements own;
      for (const ChannelSource& source : *sources) {
        const Elements* x = elements(node.inputs[source.input]);
        own.push_back(x == nullptr ? 0 : (*x)[static_cast<std::size_t>(source.channel)]);
      }
      results.emplace_back(node.outputs[k], std::move(own));
    }
    if (node.op == Op::kResize && node.has_input(3) && !graph_.value(node.inputs[3]).constant) return false;
    for (auto& [id, own] : results) of_.emplace(id, std::move(own));
    return true;
  }

  Channels collect() {
    Channels channels;
    std::map<std::int32_t, std::int32_t> number;  // of sets
    const auto set_of = [&](std::int32_t element) {
      const std::int32_t leader = find(element);
      if (leader == 0) return std::int32_t{-1};
      const auto [at, added] = number.emplace(leader, static_cast<std::int32_t>(channels.sets.size()));
      if (added) channels.sets.emplace_back();
      return at->second;
    };
    for (const auto& [element, filter] : made_) {
      if (const std::int32_t set = set_of(element); set >= 0) channels.sets[index(set)].made.push_back(filter);
    }
    for (const auto& [element, input] : read_) {
      if (const std::int32_t set = set_of(element); set >= 0) channels.sets[index(set)].read.push_back(input);
    }
    for (const auto& [id, own] : of_) {
      std::vector<std::int32_t>& sets = channels.of[id];
      for (const std::int32_t element : own) sets.push_back(set_of(element));
    }
    return channels;
  }

  const Graph& graph_;
  std::vector<std::int32_t> tied_;  // union and find
  std::map<ValueId, Elements> of_;
  std::vector<std::pair<std::int32_t, ConvChannel>> made_, read_;
};

// What stays of each filter and input of a convolution.
struct Kept {
  std::vector<std::int64_t> filters, inputs;
};

std::vector<std::int64_t> kept_channels(const Channels& channels, const std::vector<bool>& gone, ValueId id,
                                        std::int64_t count) {
  const auto found = channels.of.find(id);
  std::vector<std::int64_t> kept;
  for (std::int64_t c = 0; c < count; ++c) {
    const std::int32_t set = found == channels.of.end() ? -1 : found->second[static_cast<std::size_t>(c)];
    if (set < 0 || !gone[static_cast<std::size_t>(set)]) kept.push_back(c);
  }
  return kept;
}

Result<Tensor> picked(const Tensor& weights, const Kept& kept) {
  const Shape& shape = weights.shape();
  const std::int64_t taps = shape[2] * shape[3];
  SAKER_ASSIGN(Tensor result,
               Tensor::make(DType::kFloat32, {static_cast<std::int64_t>(kept.filters.size()),
                                              static_cast<std::int64_t>(kept.inputs.size()), shape[2], shape[3]}));
  float* to = result.data<float>();
  for (const std::int64_t o : kept.filters) {
    for (const std::int64_t c : kept.inputs)
      to = std::copy_n(weights.data<float>() + (o * shape[1] + c) * taps, taps, to);
  }
  return result;
}

class Remover {
 public:
  Remover(const Graph& graph, const Channels& channels, const std::vector<bool>& gone)
      : graph_(graph), channels_(channels), gone_(gone) {}

  Result<Graph> run() {
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Op op = graph_.nodes[n].op;
      if (op == Op::kConv) SAKER_TRY(shrink_conv(n));
      if (op == Op::kSplit) SAKER_TRY(shrink_split(n));
      if (op == Op::kResize) SAKER_TRY(shrink_resize(n));
    }
    for (Node& node : graph_.nodes) {
      for (const ValueId id : node.outputs) {
        if (id != kNoValue) graph_.value(id).shape.reset();
      }
    }
    SAKER_TRY(infer_and_fold(graph_));
    SAKER_TRY(remove_dead(graph_));
    return std::move(graph_);
  }

 private:
  std::vector<std::int64_t> kept(ValueId id) const {
    return kept_channels(channels_, gone_, id, (*graph_.value(id).shape)[1]);
  }
  bool is_followed(ValueId id) const { return channels_.of.contains(id); }

  Status shrink_conv(std::size_t n) {
    const Node node = graph_.nodes[n];  // a copy: constants are added
    if (!is_followed(node.outputs[0])) return {};
    const Tensor weights = weights_of(graph_, n);
    auto attrs = node.as<ConvAttrs>();
    Kept own{kept(node.outputs[0]), {0}};
    if (attrs.group == 1) {
      own.inputs = kept_channels(channels_, gone_, node.inputs[0], weights.shape()[1]);
    } else {
      attrs.group = static_cast<std::int64_t>(own.filters.size());
      graph_.nodes[n].attrs = attrs;
    }
    SAKER_ASSIGN(Tensor smaller, picked(weights, own));
    replace_constant(graph_, n, 1, std::move(smaller));
    if (!node.has_input(2)) return {};
    std::vector<double> bias;
    const std::vector<double> all = bias_of(graph_, n, weights.shape()[0]);
    for (const std::int64_t o : own.filters) bias.push_back(all[static_cast<std::size_t>(o)]);
    return set_bias(graph_, n, bias);
  }

  Status shrink_split(std::size_t n) {
    const Node node = graph_.nodes[n];
    if (!is_followed(node.outputs[0]) || !is_channel_axis(node.as<SplitAttrs>().axis, 4)) return {};
    std::vector<std::int64_t> sizes;
    for (const ValueId id : node.outputs) sizes.push_back(static_cast<std::int64_t>(kept(id).size()));
    return set_integers(n, 1, sizes);
  }

  // Sizes name the channels too.
  Status shrink_resize(std::size_t n) {
    const Node node = graph_.nodes[n];
    if (!is_followed(node.outputs[0]) || !node.has_input(3) || !node.as<ResizeAttrs>().axes.empty()) return {};
    const Tensor& old = *graph_.value(node.inputs[3]).constant;
    std::vector<std::int64_t> sizes(old.data<std::int64_t>(), old.data<std::int64_t>() + old.elements());
    sizes[1] = static_cast<std::int64_t>(kept(node.outputs[0]).size());
    return set_integers(n, 3, sizes);
  }

  Status set_integers(std::size_t n, std::size_t input, const std::vector<std::int64_t>& values) {
    SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kInt64, {static_cast<std::int64_t>(values.size())}));
    std::ranges::copy(values, tensor.data<std::int64_t>());
    const ValueId id = graph_.add_constant(graph_.nodes[n].name + ".smaller", std::move(tensor));
    graph_.nodes[n].inputs.resize(std::max(graph_.nodes[n].inputs.size(), input + 1), kNoValue);
    graph_.nodes[n].inputs[input] = id;
    return {};
  }

  Graph graph_;
  const Channels& channels_;
  const std::vector<bool>& gone_;
};

}  // namespace

Channels find_channels(const Graph& graph) {
  return Finder(graph).run();
}

Result<Graph> mask_channels(const Graph& graph, const Channels& channels, const std::vector<bool>& gone) {
  Graph masked = graph;
  std::map<std::size_t, std::vector<std::int64_t>> filters;  // by node
  for (std::size_t s = 0; s < channels.sets.size(); ++s) {
    if (!gone[s]) continue;
    for (const ConvChannel& made : channels.sets[s].made) filters[made.node].push_back(made.channel);
  }
  for (const auto& [node, own] : filters) {
    SAKER_ASSIGN(Tensor weights, to_dense(view_of(weights_of(masked, node))));
    const std::int64_t size = weights.elements() / weights.shape()[0];
    std::vector<double> bias = bias_of(masked, node, weights.shape()[0]);
    for (const std::int64_t o : own) {
      std::fill_n(weights.data<float>() + o * size, size, 0.0F);
      bias[static_cast<std::size_t>(o)] = 0;
    }
    replace_constant(masked, node, 1, std::move(weights));
    SAKER_TRY(set_bias(masked, node, bias));
  }
  return masked;
}

Result<Graph> remove_channels(const Graph& graph, const Channels& channels, const std::vector<bool>& gone) {
  return Remover(graph, channels, gone).run();
}

}  // namespace saker::sparsify
