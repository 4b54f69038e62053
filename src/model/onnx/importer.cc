#include "model/onnx/importer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/try.h"
#include "graph/op_def.h"
#include "model/onnx/node_importer.h"
#include "model/producer_order.h"

namespace saker::onnx {
namespace {

constexpr std::int64_t kMinOpset = 1, kMaxOpset = 23;
constexpr std::int64_t kMostOpset = 1000;  // far beyond what any domain will have: engines count up to it
constexpr std::int64_t kMinIr = 3, kMaxIr = 13;
constexpr std::size_t kMaxListed = 20;  // unknown operators in a message

bool is_default_domain(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx";
}

ImportFn importer_of(const NodeProto& node) {
  return find_importer(is_default_domain(node.domain) ? std::string_view() : node.domain, node.op_type);
}

std::string display_name(const NodeProto& node, std::size_t index) {
  return fmt::format("node '{}' ({})", node.name.empty() ? fmt::format("#{}", index) : printable_name(node.name),
                     printable_name(node.op_type));
}

Error unsupported_opset(std::int64_t version, ErrorCode code = ErrorCode::kUnsupported) {
  return {code, fmt::format("opset {} is not supported ({} to {} are): export the model again with, say, opset 17",
                            version, kMinOpset, kMaxOpset)};
}

// For another engine: versions that may exist.
Status check_plausible(const ModelProto& model) {
  for (const auto& [domain, version] : model.opsets) {
    if (version < 1 || version > kMostOpset) return unsupported_opset(version, ErrorCode::kInvalid);
  }
  return {};
}

Result<std::int64_t> check_versions(const ModelProto& model, Unknown unknown) {
  const bool any = unknown == Unknown::kAccept;
  if (any) SAKER_TRY(check_plausible(model));
  if (!any && (model.ir_version < kMinIr || model.ir_version > kMaxIr)) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("ONNX IR version {} is not supported ({} to {} are)", model.ir_version, kMinIr, kMaxIr)};
  }
  for (const auto& [domain, version] : model.opsets) {
    if (!is_default_domain(domain)) continue;
    if (any || (version >= kMinOpset && version <= kMaxOpset)) return version;
    return unsupported_opset(version);
  }
  return Error{ErrorCode::kInvalid, "the file names no ONNX opset"};
}

// All unknown operators at once, each with the first node that uses it.
Status check_operators(const GraphProto& graph, std::int64_t opset) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  std::string list;
  const NodeProto* plugin = nullptr;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const NodeProto& node = graph.nodes[i];
    for (const AttributeProto& attribute : node.attributes) {
      if (attribute.has_graph) {
        return Error{ErrorCode::kUnsupported,
                     fmt::format("{} holds a subgraph: export the model without control flow", display_name(node, i))};
      }
    }
    if (importer_of(node) != nullptr) continue;
    if (!seen.emplace(node.domain, node.op_type).second) continue;
    if (node.op_type.ends_with("_TRT")) plugin = &node;
    if (seen.size() > kMaxListed) continue;
    list += fmt::format("\n  {}{}{} (first at {}, opset {})", printable_name(node.domain),
                        is_default_domain(node.domain) ? "" : ".", printable_name(node.op_type), display_name(node, i),
                        opset);
  }
  if (seen.size() > kMaxListed) list += fmt::format("\n  and {} more", seen.size() - kMaxListed);
  if (list.empty()) return {};
  if (plugin != nullptr) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("the model uses operators of TensorRT's plug-ins, which no other engine has:{}\n"
                             "What to do: export it again without them: without NMS inside the model, or with ONNX's "
                             "NonMaxSuppression",
                             list)};
  }
  return Error{
      ErrorCode::kUnsupported,
      fmt::format("the model uses operators that saker does not have:{}\n"
                  "What to do: simplify the model (onnxslim or onnxsim) so that shape arithmetic is folded away; "
                  "export it without "
                  "post-processing operators; or cut the graph before these nodes. Supported: {}",
                  list, supported_operators())};
}

// Producer order; the file's own where it is valid already.
Result<std::vector<std::size_t>> topological_order(const GraphProto& graph, const ImportNames& names) {
  std::unordered_map<std::string_view, std::size_t> producer;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string_view output : graph.nodes[i].outputs) {
      if (output.empty()) continue;
      if (!producer.emplace(output, i).second || names.ids.contains(output)) {
        return Error{ErrorCode::kInvalid, fmt::format("{}: its output '{}' is already defined elsewhere",
                                                      display_name(graph.nodes[i], i), printable_name(output))};
      }
    }
  }
  std::vector<std::size_t> missing(graph.nodes.size(), 0);
  std::vector<std::vector<std::size_t>> users(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string_view input : graph.nodes[i].inputs) {
      const auto found = producer.find(input);
      if (found == producer.end()) continue;
      ++missing[i];
      users[found->second].push_back(i);
    }
  }
  std::vector<std::size_t> order = producer_order(missing, users);
  if (order.size() == graph.nodes.size()) return order;
  const auto stuck = std::ranges::find_if(missing, [](std::size_t m) { return m != 0; });
  const auto index = static_cast<std::size_t>(stuck - missing.begin());
  return Error{ErrorCode::kInvalid, fmt::format("{}: it depends on its own output, or on a node that does (a cycle)",
                                                display_name(graph.nodes[index], index))};
}

Result<DeclaredDim> declared_dim(const DimProto& dim) {
  if (dim.value >= 0) return DeclaredDim{dim.value, ""};
  if (dim.value < -1) return Error{ErrorCode::kInvalid, fmt::format("a dimension is {}", dim.value)};
  return DeclaredDim{-1, std::string(dim.param)};
}

Result<std::vector<DeclaredDim>> declared_dims(const ValueInfoProto& info) {
  std::vector<DeclaredDim> dims;
  for (const DimProto& dim : info.dims) {
    SAKER_ASSIGN(dims.emplace_back(), declared_dim(dim));
  }
  return dims;
}

Status import_inputs(const GraphProto& proto, ImportedModel& out, ImportNames& names) {
  for (const ValueInfoProto& info : proto.inputs) {
    const auto known = names.ids.find(info.name);
    if (known != names.ids.end()) {
      if (out.graph.value(known->second).constant) continue;  // an initialiser: before IR 4 these were inputs too
      return Error{ErrorCode::kInvalid, fmt::format("the input '{}' is declared twice", printable_name(info.name))};
    }
    const auto context = fmt::format("input '{}'", printable_name(info.name));
    if (!info.is_tensor)
      return Error{ErrorCode::kUnsupported, context + " is not a tensor but a sequence, a map or an optional"};
    auto dtype = dtype_of(info.elem_type);
    if (!dtype.ok()) return dtype.error().with_context(context);
    if (!info.has_shape) return Error{ErrorCode::kUnsupported, context + " has no declared shape"};
    auto dims = declared_dims(info);
    if (!dims.ok()) return dims.error().with_context(context);
    const ValueId id = out.graph.add_value(std::string(info.name), *dtype);
    out.graph.inputs.push_back(id);
    out.graph.declared_inputs.push_back(std::move(*dims));
    names.ids[info.name] = id;
    if (is_four_bit(info.elem_type)) names.four_bit[id] = *dtype;
  }
  return {};
}

// Walks the nodes in producer order.
class NodeWalk {
 public:
  NodeWalk(const GraphProto& proto, std::int64_t opset, Unknown unknown, TensorSource& source, Graph& graph,
           ImportNames& names)
      : proto_(proto), opset_(opset), unknown_(unknown), source_(source), graph_(graph), names_(names) {}

  Status run() {
    SAKER_ASSIGN(const std::vector<std::size_t> order, topological_order(proto_, names_));
    for (const std::size_t i : order) {
      if (auto status = import(i); !status.ok()) return status.error().with_context(display_name(proto_.nodes[i], i));
    }
    return {};
  }

 private:
  Status import(std::size_t i) {
    const NodeProto& node = proto_.nodes[i];
    NodeImporter importer(graph_, names_, node, opset_, source_, i);
    SAKER_TRY(importer.resolve());
    if (unknown_ == Unknown::kRefuse) return importer_of(node)(importer);
    // One of ours is checked wherever it stands: importers look at no data, so they need not know what it is given.
    const bool known = opset_ >= kMinOpset && opset_ <= kMaxOpset && importer_of(node) != nullptr;
    if (known) {
      const auto status = importer_of(node)(importer);
      if (status.ok() || status.error().code != ErrorCode::kUnsupported) return status;
    }
    importer.emit_nothing();
    return {};
  }

  const GraphProto& proto_;
  std::int64_t opset_;
  Unknown unknown_;
  TensorSource& source_;
  Graph& graph_;
  ImportNames& names_;
};

// Of a type that saker lacks only where `unknown` accepts them: they are values without data then.
Status import_initializers(const GraphProto& proto, TensorSource& source, Unknown unknown, Graph& graph,
                           ImportNames& names) {
  for (const Bytes& initializer : proto.initializers) {
    auto named = parse_tensor(initializer, source);
    if (!named.ok() && (unknown == Unknown::kRefuse || named.error().code != ErrorCode::kUnsupported))
      return named.error();
    SAKER_ASSIGN(const std::string_view name, named.ok() ? named->name : tensor_name(initializer));
    if (name.empty() || names.ids.contains(name)) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("the initialiser '{}' has no name of its own", printable_name(name))};
    }
    const ValueId id = named.ok() ? graph.add_constant(std::string(name), std::move(named->tensor))
                                  : graph.add_value(std::string(name), DType::kFloat32);
    names.ids[name] = id;
    if (named.ok() && named->four_bit) names.four_bit[id] = graph.value(id).dtype;
  }
  return {};
}

Status import_outputs(const GraphProto& proto, ImportedModel& out, const ImportNames& names) {
  if (proto.outputs.empty()) return Error{ErrorCode::kInvalid, "the graph has no outputs"};
  for (const ValueInfoProto& info : proto.outputs) {
    const auto found = names.ids.find(info.name);
    if (found == names.ids.end())
      return Error{ErrorCode::kInvalid, fmt::format("nothing produces the output '{}'", printable_name(info.name))};
    out.graph.outputs.push_back(found->second);
    DeclaredOutput declared{std::string(info.name), DType::kFloat32, info.has_shape, {}};
    if (info.elem_type != 0) {
      SAKER_ASSIGN(declared.dtype, dtype_of(info.elem_type));
    }
    SAKER_ASSIGN(declared.dims, declared_dims(info));
    out.outputs.push_back(std::move(declared));
  }
  return {};
}

}  // namespace

Result<ImportedModel> import_model(const FileBytes& file, const ImportOptions& options) {
  const Unknown unknown = options.unknown;
  if (file.size == 0) return Error{ErrorCode::kInvalid, "the file is empty"};
  SAKER_ASSIGN(const ModelProto model, parse_model(file.span()));
  if (!model.graph)
    return Error{ErrorCode::kInvalid, "not an ONNX file: it holds no graph (truncated, or another format?)"};
  SAKER_ASSIGN(const std::int64_t opset, check_versions(model, unknown));
  const GraphProto& proto = *model.graph;
  if (proto.has_sparse) return Error{ErrorCode::kUnsupported, "sparse initialisers"};
  if (unknown == Unknown::kRefuse) {
    if (model.has_functions)
      return Error{ErrorCode::kUnsupported, "model-local functions: export the model with functions inlined"};
    SAKER_TRY(check_operators(proto, opset));
  }

  ImportedModel out;
  out.graph.name = proto.name;
  for (const auto& [key, value] : model.metadata) out.graph.metadata.emplace(key, value);
  for (const NodeProto& node : proto.nodes) ++out.operators[printable_name(node.op_type)];
  TensorSource source(file, options.folders, options.max_external_bytes);
  ImportNames names;
  SAKER_TRY(import_initializers(proto, source, unknown, out.graph, names));
  SAKER_TRY(import_inputs(proto, out, names));
  SAKER_TRY(NodeWalk(proto, opset, unknown, source, out.graph, names).run());
  SAKER_TRY(import_outputs(proto, out, names));
  return out;
}

}  // namespace saker::onnx
