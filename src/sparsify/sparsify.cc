#include "sparsify/sparsify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/try.h"
#include "quantize/observed_run.h"
#include "quantize/quantize.h"
#include "sparsify/budget.h"
#include "sparsify/channels.h"
#include "sparsify/choose_channels.h"
#include "sparsify/filter_inputs.h"
#include "sparsify/layers.h"
#include "sparsify/obs.h"

namespace saker::sparsify {
namespace {

// Positions that a covariance is made of: as many for each input, and at least so many.
constexpr std::int64_t kPositionsPerInput = 8, kLeastPositions = 16384;
constexpr double kMostWanted = 256e6;       // numbers that all layers compute there: 1 GB; larger models see fewer
constexpr std::int64_t kMostInputs = 6144;  // of a filter: three matrices of 300 MB
constexpr std::int64_t kMostProducts = 64L << 20;  // of the layers that are looked at in one run

class Sparsifier {
 public:
  Sparsifier(const Graph& graph, const SparsifyOptions& options, const PictureFeed* pictures)
      : dense_(graph), graph_(graph), options_(options), pictures_(pictures), pool_(options.threads) {}

  Result<Sparsified> run() {
    SAKER_TRY(check());
    // Where channels go, layers need not be made of blocks.
    found_ =
        find_layers(dense_, removes_channels() ? SparsePattern::kUnstructured : options_.pattern, options_.keep_dense);
    if (found_.layers.empty()) return Error{ErrorCode::kInvalid, nothing_to_prune()};
    const auto groups = groups_of_layers();
    if (pictures_ != nullptr) {
      const std::size_t passes = 1 + (options_.method == Method::kObs ? groups.size() : 0);
      total_ = passes * pictures_->count + found_.layers.size();
      SAKER_TRY(observe_dense());
      const SparsePattern tried = removes_channels() ? SparsePattern::kBlock4 : options_.pattern;
      SAKER_ASSIGN(effects_, measure_effects(dense_, found_, tried, options_.sparsity, means_, *pictures_,
                                             options_.threads, [this] { advance(); }));
    }
    if (removes_channels()) {
      SAKER_TRY(mask());
    } else {
      SAKER_ASSIGN(shares_, share_out(dense_, found_, options_.pattern, options_.sparsity,
                                      options_.uniform ? std::vector<double>() : effects_));
    }
    result_.layers.resize(found_.layers.size());
    if (options_.method == Method::kObs) {
      for (const auto& group : groups) SAKER_TRY(prune_group(group));
    } else {
      for (std::size_t i = 0; i < found_.layers.size(); ++i) SAKER_TRY(prune_smallest(i));
    }
    if (removes_channels()) {
      SAKER_ASSIGN(result_.graph, remove_channels(graph_, channels_, gone_));
    } else {
      result_.graph = std::move(graph_);
    }
    result_.left_dense = std::move(found_.left_dense);
    result_.notes.insert(result_.notes.begin(), found_.notes.begin(), found_.notes.end());
    return std::move(result_);
  }

 private:
  Status check() const {
    SAKER_TRY(check_float(dense_));
    if (!(options_.sparsity >= 0 && options_.sparsity <= 1))
      return Error{ErrorCode::kInvalid, fmt::format("sparsity {:g} is outside 0..1", options_.sparsity), "sparsity"};
    if (pictures_ == nullptr) {
      if (options_.method == Method::kMagnitude) return {};
      return Error{ErrorCode::kInvalid, "pictures are needed to see what the weights do to them"};
    }
    if (dense_.inputs.size() != pictures_->others.size() + 1)
      return Error{ErrorCode::kInvalid, fmt::format("the model has {} inputs, {} are filled", dense_.inputs.size(),
                                                    pictures_->others.size() + 1)};
    if (pictures_->count == 0) return Error{ErrorCode::kInvalid, "there are no pictures to look at"};
    return {};
  }

  std::string nothing_to_prune() const {
    std::string text = "no layer can be pruned:";
    for (const auto& [name, why] : found_.left_dense) text += fmt::format("\n{}: {}", name, why);
    return text;
  }

  bool removes_channels() const { return options_.pattern == SparsePattern::kChannel; }

  // The channels that go, as zeros for now.
  Status mask() {
    channels_ = find_channels(dense_);
    gone_ = choose_channels(dense_, channels_, found_, options_.uniform ? std::vector<double>() : effects_,
                            options_.sparsity);
    SAKER_ASSIGN(graph_, mask_channels(dense_, channels_, gone_));
    for (std::size_t i = 0; i < found_.layers.size(); ++i) kept_.emplace_back(found_.layers[i].dims.size(), 1);
    std::map<std::size_t, std::size_t> layer_of;  // by node
    for (std::size_t i = 0; i < found_.layers.size(); ++i) layer_of[found_.layers[i].node] = i;
    for (std::size_t s = 0; s < gone_.size(); ++s) {
      if (!gone_[s]) continue;
      for (const ConvChannel& filter : channels_.sets[s].made) {
        if (const auto at = layer_of.find(filter.node); at != layer_of.end()) take_filter(at->second, filter.channel);
      }
      for (const ConvChannel& input : channels_.sets[s].read) take_input(layer_of.at(input.node), input.channel);
    }
    return {};
  }
  void take_filter(std::size_t i, std::int64_t filter) {  // kept_: [out_c][taps][in_c]
    const std::int64_t size = found_.layers[i].dims.in_c * found_.layers[i].dims.taps;
    std::fill_n(kept_[i].begin() + filter * size, size, std::uint8_t{0});
  }
  void take_input(std::size_t i, std::int64_t input) {
    const std::int64_t step = found_.layers[i].dims.in_c;
    for (std::int64_t k = input; k < found_.layers[i].dims.size(); k += step) kept_[i][static_cast<std::size_t>(k)] = 0;
  }

  void advance() {
    ++done_;
    if (options_.progress) options_.progress(done_, total_);
  }

  const Shape& output_shape(const PrunableLayer& layer) const {
    return *dense_.value(dense_.nodes[layer.node].outputs[0]).shape;
  }
  static double positions_wanted(const PrunableLayer& layer) {
    return static_cast<double>(std::max(kLeastPositions, kPositionsPerInput * layer.dims.in_c * layer.dims.taps));
  }
  std::vector<Position> positions(const PrunableLayer& layer, std::size_t picture) const {
    const double all = positions_wanted(layer) * positions_share_;
    const auto each = static_cast<std::size_t>(std::ceil(all / static_cast<double>(pictures_->count)));
    const Shape& shape = output_shape(layer);
    return sample_positions(picture, shape[2], shape[3], each);
  }

  // Layers between which nothing flows, in the order of the graph: one run of the model shows all of a group.
  std::vector<std::vector<std::size_t>> groups_of_layers() const {
    std::vector<std::size_t> depth(dense_.values.size(), 0);  // prunable layers before a value
    std::vector<std::vector<std::size_t>> by_depth;
    std::size_t next = 0;
    for (std::size_t n = 0; n < dense_.nodes.size(); ++n) {
      std::size_t own = 0;
      for (const ValueId id : dense_.nodes[n].inputs) own = std::max(own, id == kNoValue ? 0 : depth[as_index(id)]);
      if (next < found_.layers.size() && found_.layers[next].node == n) {
        by_depth.resize(std::max(by_depth.size(), own + 1));
        by_depth[own++].push_back(next++);
      }
      for (const ValueId id : dense_.nodes[n].outputs) {
        if (id != kNoValue) depth[as_index(id)] = own;
      }
    }
    std::vector<std::vector<std::size_t>> groups;
    for (const auto& layers : by_depth) {
      std::int64_t products = kMostProducts + 1;
      for (const std::size_t i : layers) {
        const std::int64_t inputs = found_.layers[i].dims.in_c * found_.layers[i].dims.taps;
        if (products + inputs * inputs > kMostProducts) {
          groups.emplace_back();
          products = 0;
        }
        groups.back().push_back(i);
        products += inputs * inputs;
      }
    }
    return groups;
  }
  static std::size_t as_index(ValueId id) { return static_cast<std::size_t>(id); }

  // The means of what each layer sees and computes in the dense model.
  Status observe_dense() {
    std::vector<ValueId> values;
    std::vector<FilterInputs> inputs;
    double numbers = 0;
    for (const PrunableLayer& layer : found_.layers)
      numbers += positions_wanted(layer) * static_cast<double>(layer.dims.out_c);
    positions_share_ = std::min(1.0, kMostWanted / numbers);
    for (const PrunableLayer& layer : found_.layers) {
      values.push_back(dense_.nodes[layer.node].inputs[0]);
      values.push_back(dense_.nodes[layer.node].outputs[0]);
      SAKER_ASSIGN(FilterInputs own, FilterInputs::create(patches_of(dense_, layer.node), 0, options_.threads));
      inputs.push_back(std::move(own));
      means_.push_back({{}, std::vector<double>(static_cast<std::size_t>(layer.dims.out_c), 0)});
    }
    wanted_.resize(found_.layers.size());
    std::vector<std::size_t> counts(found_.layers.size(), 0);
    SAKER_ASSIGN(const std::unique_ptr<Executor> executor, observe(dense_, values, options_.threads));
    for (std::size_t p = 0; p < pictures_->count; ++p) {
      SAKER_TRY(pictures_->show(p, *executor));
      SAKER_TRY(executor->run());
      for (std::size_t i = 0; i < found_.layers.size(); ++i) {
        const std::vector<Position> at = positions(found_.layers[i], p);
        SAKER_TRY(inputs[i].add(executor->output(2 * i), at, {}, executor->pool()));
        read_outputs(executor->output(2 * i + 1), at, i);
        counts[i] += at.size();
      }
      advance();
    }
    for (std::size_t i = 0; i < found_.layers.size(); ++i) {
      SAKER_TRY(inputs[i].finish());
      means_[i].inputs = inputs[i].means();
      for (double& mean : means_[i].outputs) mean /= static_cast<double>(std::max<std::size_t>(counts[i], 1));
    }
    return {};
  }

  // For the sums, and to be aimed at once the layers before have changed.
  void read_outputs(const TensorView& view, const std::vector<Position>& at, std::size_t i) {
    std::vector<double>& sums = means_[i].outputs;
    for (const Position& position : at) {
      const float* from = view.as<float>() + position.row * view.strides[2] + position.column * view.strides[3];
      for (std::size_t o = 0; o < sums.size(); ++o) {
        const float value = from[static_cast<std::int64_t>(o) * view.strides[1]];
        sums[o] += static_cast<double>(value);
        if (options_.method == Method::kObs) wanted_[i].push_back(value);
      }
    }
  }

  // The sparse weights, and a bias with which the layer's mean outputs are the dense model's.
  Status put(std::size_t i, const Tensor& weights, const std::vector<double>* inputs) {
    const PrunableLayer& layer = found_.layers[i];
    if (inputs != nullptr) {
      std::vector<double> bias = means_[i].outputs;
      const std::vector<double> own = mean_products(weights, layer.dims, *inputs);
      for (std::size_t o = 0; o < bias.size(); ++o) bias[o] = is_gone(i, o) ? 0 : bias[o] - own[o];
      SAKER_TRY(set_bias(graph_, layer.node, bias));
    }
    SparseLayer& done = result_.layers[i];
    done.node = layer.node;
    done.name = layer.name;
    done.dims = layer.dims;
    const float* numbers = weights.data<float>();
    done.sparsity = static_cast<double>(std::count(numbers, numbers + weights.elements(), 0.0F)) /
                    static_cast<double>(std::max<std::int64_t>(weights.elements(), 1));
    if (!effects_.empty()) done.effect = effects_[i] * lost_squares(weights_of(dense_, layer.node), weights);
    replace_constant(graph_, layer.node, 1, weights);
    return {};
  }

  // A filter whose channel goes.
  bool is_gone(std::size_t i, std::size_t filter) const {
    if (kept_.empty()) return false;
    const auto size = static_cast<std::size_t>(found_.layers[i].dims.in_c * found_.layers[i].dims.taps);
    const auto first = kept_[i].begin() + static_cast<std::ptrdiff_t>(filter * size);
    return std::all_of(first, first + static_cast<std::ptrdiff_t>(size), [](std::uint8_t kept) { return kept == 0; });
  }

  Error at_layer(std::size_t i, const Error& error) const {
    return error.with_context(fmt::format("node '{}' (Conv)", found_.layers[i].name));
  }

  Result<Tensor> smallest_gone(std::size_t i) const {
    const PrunableLayer& layer = found_.layers[i];
    const Tensor& dense = weights_of(dense_, layer.node);
    if (!removes_channels()) return prune_by_magnitude(dense, layer.dims, options_.pattern, shares_[i]);
    std::vector<double> weights = channels_last(dense, layer.dims);
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = kept_[i][k] == 0 ? 0 : weights[k];
    return channels_first(weights, layer.dims, dense.shape());
  }

  Status prune_smallest(std::size_t i) {
    const auto pruned = smallest_gone(i);
    if (!pruned.ok()) return at_layer(i, pruned.error());
    const Status status = put(i, *pruned, pictures_ == nullptr ? nullptr : &means_[i].inputs);
    return status.ok() ? status : Status(at_layer(i, status.error()));
  }

  // One run over the pictures for the inputs of all of the group, then layer by layer.
  Status prune_group(const std::vector<std::size_t>& group) {
    std::vector<ValueId> values;
    std::vector<FilterInputs> inputs;
    std::vector<std::size_t> shown(group.size(), 0);  // of wanted_
    for (const std::size_t i : group) {
      const PrunableLayer& layer = found_.layers[i];
      values.push_back(dense_.nodes[layer.node].inputs[0]);
      const PatchReader patches = patches_of(dense_, layer.node);
      const std::int64_t filters = patches.size() <= kMostInputs ? layer.dims.out_c : 0;
      SAKER_ASSIGN(FilterInputs own, FilterInputs::create(patches, filters, options_.threads));
      inputs.push_back(std::move(own));
    }
    {
      SAKER_ASSIGN(const std::unique_ptr<Executor> executor, observe(graph_, values, options_.threads));
      for (std::size_t p = 0; p < pictures_->count; ++p) {
        SAKER_TRY(pictures_->show(p, *executor));
        SAKER_TRY(executor->run());
        for (std::size_t k = 0; k < group.size(); ++k) {
          const std::vector<Position> at = positions(found_.layers[group[k]], p);
          const std::size_t count = at.size() * means_[group[k]].outputs.size();
          const auto wanted = std::span(wanted_[group[k]]).subspan(shown[k], inputs[k].aims() ? count : 0);
          SAKER_TRY(inputs[k].add(executor->output(k), at, wanted, executor->pool()));
          shown[k] += count;
        }
        advance();
      }
    }
    for (std::size_t k = 0; k < group.size(); ++k) {
      SAKER_TRY(inputs[k].finish());
      if (const Status status = prune_best(group[k], inputs[k]); !status.ok())
        return at_layer(group[k], status.error());
      std::vector<float>().swap(wanted_[group[k]]);
    }
    return {};
  }

  Status prune_best(std::size_t i, const FilterInputs& inputs) {
    const PrunableLayer& layer = found_.layers[i];
    const Tensor& dense = weights_of(dense_, layer.node);
    const std::vector<double> means = inputs.means();
    if (layer.dims.in_c * layer.dims.taps > kMostInputs) {
      result_.notes.push_back(fmt::format("{}: more than {} inputs: pruned by magnitude", layer.name, kMostInputs));
      SAKER_ASSIGN(const Tensor pruned, smallest_gone(i));
      return put(i, pruned, &means);
    }
    const ObsLayer problem{layer.dims, channels_last(dense, layer.dims), inputs.covariance(), inputs.goal(),
                           inputs.damping()};
    ObsResult solved;
    if (removes_channels()) {
      solved = solve_kept(problem, kept_[i], pool_);
    } else {
      SAKER_ASSIGN(solved, prune_by_obs(problem, options_.pattern, shares_[i], pool_));
    }
    SAKER_ASSIGN(const Tensor pruned, channels_first(solved.weights, layer.dims, dense.shape()));
    result_.layers[i].error = solved.error;
    return put(i, pruned, &means);
  }

  const Graph& dense_;
  Graph graph_;  // what has become of it so far
  const SparsifyOptions& options_;
  const PictureFeed* pictures_;
  ThreadPool pool_;
  PrunableLayers found_;
  double positions_share_ = 1;              // of the positions that are wanted
  std::vector<LayerMeans> means_;           // of the dense model
  std::vector<std::vector<float>> wanted_;  // what each layer computes there, at the positions, one after the other
  std::vector<double> effects_;             // per square that goes
  std::vector<double> shares_;
  // Where channels go: which they are, and what stays of each layer.
  Channels channels_;
  std::vector<bool> gone_;
  std::vector<std::vector<std::uint8_t>> kept_;
  Sparsified result_;
  std::size_t done_ = 0, total_ = 0;
};

}  // namespace

Result<Sparsified> sparsify(const Graph& graph, const SparsifyOptions& options, const PictureFeed* pictures) {
  return Sparsifier(graph, options, pictures).run();
}

Graph with_dense_layers(const Sparsified& sparse, const Graph& dense, const std::vector<bool>& flags) {
  Graph graph = sparse.graph;
  for (std::size_t i = 0; i < sparse.layers.size(); ++i) {
    if (!flags[i]) continue;
    const std::size_t node = sparse.layers[i].node;
    replace_constant(graph, node, 1, weights_of(dense, node));
    if (dense.nodes[node].has_input(2)) {
      replace_constant(graph, node, 2, *dense.value(dense.nodes[node].inputs[2]).constant);
    } else {
      graph.nodes[node].inputs.resize(2);
    }
  }
  return graph;
}

}  // namespace saker::sparsify
