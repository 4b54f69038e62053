#include "model/onnx/exporter.h"

#include <fmt/format.h>

#include <set>

#include "base/try.h"
#include "graph/op_def.h"
#include "model/onnx/export_node.h"
#include "model/onnx/export_opset.h"
#include "model/onnx/export_qlinear.h"

namespace saker::onnx {
namespace {

constexpr std::size_t kMaxBytes = (std::size_t{2} << 30) - (std::size_t{1} << 20);

WireWriter value_info(const std::string& name, DType dtype, const std::vector<DeclaredDim>* dims) {
  WireWriter shape;
  for (std::size_t i = 0; dims != nullptr && i < dims->size(); ++i) {
    WireWriter dim;
    if ((*dims)[i].size >= 0) {
      dim.integer(1, (*dims)[i].size);
    } else if (!(*dims)[i].symbol.empty()) {
      dim.bytes(2, (*dims)[i].symbol);
    }
    shape.message(1, dim);
  }
  WireWriter tensor, type, info;
  tensor.integer(1, onnx_type(dtype));
  if (dims != nullptr) tensor.message(2, shape);
  type.message(1, tensor);
  info.bytes(1, name);
  info.message(2, type);
  return info;
}

// The IR version that came with the opset (https://github.com/onnx/onnx/blob/main/docs/Versioning.md).
std::int64_t ir_version(std::int64_t opset) {
  if (opset < 12) return 6;
  if (opset < 15) return 7;
  return opset < 19 ? 8 : 9;
}

class Exporter {
 public:
  // `forms`: parallel to the nodes, or empty.
  Exporter(const Graph& graph, const std::vector<QLinearForm>& forms, std::int64_t opset)
      : graph_(graph), forms_(forms), opset_(opset), names_(graph.values.size()) {
    // Inputs and outputs keep their names, the others get those that are still free.
    for (const ValueId id : graph.inputs) name(id);
    for (const ValueId id : graph.outputs) name(id);
  }

  Result<std::string> run() {
    WireWriter own;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      const QLinearForm form = forms_.empty() ? QLinearForm() : forms_[i];
      if (auto status = add_node(node, form, own); !status.ok()) return status.error().with_context(describe(node));
    }
    for (const ValueId id : graph_.outputs) {
      if (graph_.value(id).constant) constants_.insert(id);
    }
    own.bytes(2, graph_.name.empty() ? "saker" : graph_.name);
    std::size_t total = own.text().size();
    for (const ValueId id : constants_) total += graph_.value(id).constant->bytes() + 64;
    if (total > kMaxBytes) return Error{ErrorCode::kLimit, "the model is larger than an ONNX file may be (2 GB)"};
    for (const ValueId id : constants_) own.message(5, tensor(*graph_.value(id).constant, name(id)));
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      const ValueId id = graph_.inputs[i];
      own.message(11, value_info(name(id), graph_.value(id).dtype, &graph_.declared_inputs[i]));
    }
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const Value& value = graph_.value(graph_.outputs[i]);
      std::vector<DeclaredDim> dims;
      for (const std::int64_t extent : value.shape.value_or(Shape{})) dims.push_back({extent, ""});
      if (!graph_.declared_outputs.empty()) dims = graph_.declared_outputs[i];
      own.message(12, value_info(name(graph_.outputs[i]), value.dtype, dims.empty() && !value.shape ? nullptr : &dims));
    }
    return model(own);
  }

 private:
  std::string model(const WireWriter& own) const {
    const auto opset = [](std::string_view domain, std::int64_t version) {
      WireWriter id;
      id.bytes(1, domain);
      id.integer(2, version);
      return id;
    };
    WireWriter file;
    file.integer(1, ir_version(opset_));
    file.bytes(2, "saker");
    file.message(7, own);
    file.message(8, opset("", opset_));
    std::set<std::string_view> domains;
    for (const QLinearForm& form : forms_) domains.insert(form.domain);
    for (const std::string_view domain : domains) {
      if (!domain.empty()) file.message(8, opset(domain, 1));
    }
    for (const auto& [key, value] : graph_.metadata) {
      WireWriter entry;
      entry.bytes(1, key);
      entry.bytes(2, value);
      file.message(14, entry);
    }
    return file.take();
  }

  static WireWriter tensor(const Tensor& value, const std::string& name) {
    WireWriter out;
    for (const std::int64_t extent : value.shape()) out.integer(1, extent);
    out.integer(2, onnx_type(value.dtype()));
    if (!name.empty()) out.bytes(8, name);
    out.bytes(9, {static_cast<const char*>(value.raw()), value.bytes()});
    return out;
  }

  const std::string& name(ValueId id) {
    std::string& own = names_[static_cast<std::size_t>(id)];
    if (own.empty()) own = free_name(graph_.value(id).name);
    return own;
  }

  std::string free_name(const std::string& wanted) {
    std::string name = wanted.empty() ? "value" : wanted;
    for (int i = 1; !taken_.insert(name).second; ++i) name = fmt::format("{}.{}", wanted, i);
    return name;
  }

  Status add_node(const Node& node, const QLinearForm& form, WireWriter& own) {
    if (node.op == Op::kSilu) return add_silu(node, own);
    SAKER_ASSIGN(const ExportedNode exported, export_node(graph_, node, opset_));
    WireWriter out;
    std::vector<ValueId> inputs = form.op == nullptr ? node.inputs : form.inputs;
    if (inputs.size() > exported.inputs) inputs.resize(exported.inputs);
    for (const ValueId id : inputs) {
      if (id != kNoValue && graph_.value(id).constant) constants_.insert(id);
      out.bytes(1, id == kNoValue ? std::string() : name(id));
    }
    for (const ValueId id : node.outputs) out.bytes(2, id == kNoValue ? std::string() : name(id));
    out.bytes(3, node.name);
    out.bytes(4, form.op == nullptr ? op_def(node.op).name : form.op);
    if (form.domain[0] != 0) out.bytes(7, form.domain);
    for (const WireWriter& attribute : exported.attributes) out.message(5, attribute);
    if (const auto* filled = std::get_if<ConstantOfShapeAttrs>(&node.attrs)) {
      WireWriter attribute;
      attribute.bytes(1, "value");
      attribute.message(5, tensor(filled->value.reshaped({1}), ""));
      attribute.integer(20, 4);
      out.message(5, attribute);
    }
    own.message(1, out);
    return {};
  }

  // x * Sigmoid(x)
  Status add_silu(const Node& node, WireWriter& own) {
    if (graph_.value(node.inputs[0]).constant) constants_.insert(node.inputs[0]);
    const std::string gate = free_name(name(node.outputs[0]) + ".sigmoid");
    WireWriter sigmoid, product;
    sigmoid.bytes(1, name(node.inputs[0]));
    sigmoid.bytes(2, gate);
    sigmoid.bytes(3, node.name + ".sigmoid");
    sigmoid.bytes(4, "Sigmoid");
    product.bytes(1, name(node.inputs[0]));
    product.bytes(1, gate);
    product.bytes(2, name(node.outputs[0]));
    product.bytes(3, node.name);
    product.bytes(4, "Mul");
    own.message(1, sigmoid);
    own.message(1, product);
    return {};
  }

  const Graph& graph_;
  const std::vector<QLinearForm>& forms_;
  std::int64_t opset_;
  std::vector<std::string> names_;
  std::set<std::string> taken_;
  std::set<ValueId> constants_;  // that nodes and outputs read: what became an attribute is not among them
};

}  // namespace

Result<std::string> export_model(const Graph& graph, ExportForm form, std::int64_t opset) {
  SAKER_ASSIGN(const Graph basic, for_opset(graph, opset));
  if (form == ExportForm::kQdq) return Exporter(basic, {}, opset).run();
  const QLinearGraph written = to_qlinear(basic);
  return Exporter(written.graph, written.forms, opset).run();
}

}  // namespace saker::onnx
