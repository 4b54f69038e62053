#include "model/openvino_ir/importer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/try.h"
#include "model/openvino_ir/layer_importer.h"
#include "model/producer_order.h"

namespace saker::openvino_ir {
namespace {

constexpr std::size_t kMaxListed = 20;  // unknown layers in a message

bool is_root(const Layer& layer) {
  return layer.type == "Const" || layer.type == "Parameter";
}
bool is_known(const Layer& layer) {
  return is_root(layer) || layer.type == "Result" || find_importer(layer) != nullptr;
}

// All unknown types at once, each with the first layer that has it.
Status check_types(const Network& network) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::string list;
  for (const Layer& layer : network.layers) {
    if (is_known(layer) || !seen.emplace(layer.type, layer.version).second) continue;
    if (seen.size() <= kMaxListed)
      list += fmt::format("\n  {} (first at {}, {})", printable_name(layer.type), display_name(layer),
                          layer.version.empty() ? "no version" : printable_name(layer.version));
  }
  if (seen.size() > kMaxListed) list += fmt::format("\n  and {} more", seen.size() - kMaxListed);
  if (list.empty()) return {};
  return Error{ErrorCode::kUnsupported,
               fmt::format("the model uses layers that saker does not have:{}\n"
                           "What to do: run it with `backend` openvino; or export it without post-processing layers. "
                           "Supported: {}",
                           list, supported_layers()),
               "backend"};
}

// Producer order; the file's own where it is valid already.
Result<std::vector<std::size_t>> topological_order(const Network& network) {
  std::vector<std::size_t> missing(network.layers.size(), 0);
  std::vector<std::vector<std::size_t>> users(network.layers.size());
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    missing[i] = network.layers[i].inputs.size();
    for (const Source& source : network.layers[i].inputs) users[source.layer].push_back(i);
  }
  std::vector<std::size_t> order = producer_order(missing, users);
  if (order.size() == network.layers.size()) return order;
  const auto stuck = std::ranges::find_if(missing, [](std::size_t m) { return m != 0; });
  return Error{ErrorCode::kInvalid,
               fmt::format("{}: it depends on its own output, or on a layer that does (a cycle)",
                           display_name(network.layers[static_cast<std::size_t>(stuck - missing.begin())]))};
}

std::string_view attribute(const Layer& layer, std::string_view name) {
  const auto found = std::ranges::find(layer.attributes, name, &std::pair<std::string_view, std::string_view>::first);
  return found == layer.attributes.end() ? std::string_view() : found->second;
}

std::vector<DeclaredDim> declared(const Shape& dims) {
  std::vector<DeclaredDim> out;
  for (const std::int64_t extent : dims) out.push_back({extent, ""});
  return out;
}

class Importer {
 public:
  Importer(const Network& network, const FileBytes& bin) : network_(network), work_(network, bin) {}

  Status run() {
    SAKER_ASSIGN(const std::vector<std::size_t> order, topological_order(network_));
    for (const std::size_t i : order) {
      if (auto status = import(i); !status.ok()) return status.error().with_context(display_name(network_.layers[i]));
    }
    if (results_.empty()) return Error{ErrorCode::kInvalid, "the file has no Result layers: no outputs"};
    // In the file's order, whatever the order of the walk.
    std::ranges::sort(results_);
    std::ranges::sort(parameters_);
    for (const std::size_t i : parameters_) declare_input(i);
    for (const std::size_t i : results_) declare_output(i);
    drop_unused();
    return {};
  }

  ImportedModel take() {
    model_.graph = std::move(work_.graph);
    model_.graph.name = network_.name;
    model_.graph.metadata = network_.metadata;
    for (const Layer& layer : network_.layers) ++model_.operators[printable_name(layer.type)];
    return std::move(model_);
  }

 private:
  Status import(std::size_t i) {
    const Layer& layer = network_.layers[i];
    SAKER_TRY(check_inputs(layer));
    if (layer.type == "Result") {
      if (layer.inputs.size() != 1)
        return Error{ErrorCode::kInvalid, fmt::format("it has {} inputs", layer.inputs.size())};
      results_.push_back(i);
      return {};
    }
    if (is_root(layer)) return import_root(i);
    const ImportEntry& entry = *find_importer(layer);
    if (layer.inputs.size() < entry.min_inputs || layer.inputs.size() > entry.max_inputs)
      return Error{ErrorCode::kInvalid, fmt::format("it has {} inputs", layer.inputs.size())};
    if (layer.outputs.empty()) return Error{ErrorCode::kInvalid, "it has no outputs"};
    LayerImporter importer(work_, i);
    return entry.import(importer);
  }

  Status check_inputs(const Layer& layer) const {
    for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
      const Source& source = layer.inputs[k];
      if (work_.values[source.layer][source.port] == kNoValue)
        return Error{ErrorCode::kInvalid, fmt::format("nothing computes its input {}, output {} of {}", k, source.port,
                                                      display_name(network_.layers[source.layer]))};
    }
    return {};
  }

  Status import_root(std::size_t i) {
    const Layer& layer = network_.layers[i];
    if (!layer.inputs.empty() || layer.outputs.size() != 1) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("it has {} inputs and {} outputs", layer.inputs.size(), layer.outputs.size())};
    }
    if (layer.type == "Const") {
      SAKER_ASSIGN(Tensor tensor, work_.constants.read(layer));
      work_.values[i] = {work_.graph.add_constant(output_name(layer, 0), std::move(tensor))};
      return {};
    }
    SAKER_ASSIGN(const DType dtype, element_type(attribute(layer, "element_type")));
    SAKER_ASSIGN(const Shape shape, parse_list(attribute(layer, "shape"), true));
    if (std::ranges::any_of(shape, [](std::int64_t extent) { return extent < -1; }))
      return Error{ErrorCode::kInvalid, fmt::format("its shape is {}", to_string(shape))};
    work_.values[i] = {work_.graph.add_value(output_name(layer, 0), dtype)};
    parameters_.push_back(i);
    return {};
  }

  void declare_input(std::size_t i) {
    const auto shape = parse_list(attribute(network_.layers[i], "shape"), true);
    work_.graph.inputs.push_back(work_.values[i][0]);
    work_.graph.declared_inputs.push_back(declared(*shape));
  }

  void declare_output(std::size_t i) {
    const Source& source = network_.layers[i].inputs[0];
    const Layer& producer = network_.layers[source.layer];
    const Port& port = producer.outputs[source.port];
    work_.graph.outputs.push_back(work_.values[source.layer][source.port]);
    model_.outputs.push_back(
        {output_name(producer, source.port), port.dtype.value_or(DType::kFloat32), true, declared(port.dims)});
  }

  // What layers that became part of others have left behind.
  void drop_unused() {
    Graph& graph = work_.graph;
    std::vector<bool> used(graph.values.size(), false);
    const auto use = [&](ValueId id) {
      if (id != kNoValue) used[static_cast<std::size_t>(id)] = true;
    };
    for (const ValueId id : graph.outputs) use(id);
    std::vector<Node> kept;
    for (std::size_t n = graph.nodes.size(); n-- > 0;) {
      Node& node = graph.nodes[n];
      const bool wanted = std::ranges::any_of(
          node.outputs, [&](ValueId id) { return id != kNoValue && used[static_cast<std::size_t>(id)]; });
      if (!wanted) continue;
      for (const ValueId id : node.inputs) use(id);
      kept.push_back(std::move(node));
    }
    std::ranges::reverse(kept);
    graph.nodes = std::move(kept);
    for (std::size_t i = 0; i < graph.values.size(); ++i) {
      // A value must stay where it is, but need not hold the numbers.
      if (!used[i] && graph.values[i].constant) graph.values[i] = {graph.values[i].name, graph.values[i].dtype, {}, {}};
    }
  }

  const Network& network_;
  Workspace work_;
  ImportedModel model_;
  std::vector<std::size_t> parameters_, results_;  // layers
};

}  // namespace

Result<ImportedModel> import_model(const FileBytes& xml, const FileBytes& bin) {
  SAKER_ASSIGN(const Network network, parse_network(xml.span()));
  SAKER_TRY(check_types(network));
  Importer importer(network, bin);
  SAKER_TRY(importer.run());
  return importer.take();
}

}  // namespace saker::openvino_ir
