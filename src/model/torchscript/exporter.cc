#include "model/torchscript/exporter.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/try.h"
#include "graph/op_def.h"
#include "model/pt/pickle_writer.h"
#include "model/pt/tensors.h"
#include "model/pt/zip_writer.h"
#include "model/torchscript/config.h"
#include "model/torchscript/export_ops.h"

namespace saker::torchscript {
namespace {

constexpr std::string_view kModule = "__torch__.saker", kClass = "Net";
// Operators have the arguments that they had in this version: gelu has `approximate` since it, and 1.12 reads it.
constexpr std::string_view kVersion = "10\n";
constexpr std::string_view kNoConstants = "\x80\x02).";  // the pickle of an empty tuple

bool is_parameter(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat64;
}

class Exporter {
 public:
  explicit Exporter(const Graph& graph) : graph_(graph), names_(graph.values.size()) {}

  Result<std::string> run() {
    std::string arguments, body;
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      std::string& name = names_[static_cast<std::size_t>(graph_.inputs[i])];
      name = graph_.inputs.size() == 1 ? "x" : fmt::format("x{}", i);
      arguments += fmt::format(", {}: Tensor", name);
    }
    for (const Node& node : graph_.nodes) {
      if (auto status = add_node(node, body); !status.ok()) return status.error().with_context(describe(node));
    }
    std::vector<std::string> results;
    for (const ValueId id : graph_.outputs) results.push_back(expression(id));
    const bool one = results.size() == 1;
    std::string types = "Tensor";
    for (std::size_t i = 1; i < results.size(); ++i) types += ", Tensor";
    body += fmt::format(fmt::runtime(one ? "    return {}\n" : "    return ({},)\n"), fmt::join(results, ", "));
    std::string code = class_head();
    code += fmt::format(fmt::runtime(one ? "  def forward(self: {0}.{1}{2}) -> {3}:\n"
                                         : "  def forward(self: {0}.{1}{2}) -> Tuple[{3}]:\n"),
                        kModule, kClass, arguments, types);
    return archive(code + body);
  }

 private:
  // The attributes, in the order of their values in data.pkl.
  std::string class_head() const {
    std::string parameters, buffers, fields;
    for (const ValueId id : weights_) {
      const std::string& name = attribute(id);
      (is_parameter(graph_.value(id).dtype) ? parameters : buffers) += fmt::format("\"{}\", ", name);
      fields += fmt::format("  {} : Tensor\n", name);
    }
    return fmt::format("class {}(Module):\n  __parameters__ = [{}]\n  __buffers__ = [{}]\n{}  training : bool\n",
                       kClass, parameters, buffers, fields);
  }

  const std::string& attribute(ValueId id) const { return names_[static_cast<std::size_t>(id)]; }

  // What reads the value in forward(). Constants become attributes when they are first read.
  std::string expression(ValueId id) {
    const Value& value = graph_.value(id);
    std::string& name = names_[static_cast<std::size_t>(id)];
    if (!value.constant) return name;
    if (name.empty()) {
      name = attributes_.make(value.name);
      weights_.push_back(id);
    }
    return "self." + name;
  }

  Status check_types(const Node& node) const {
    for (const auto* ids : {&node.inputs, &node.outputs}) {
      for (const ValueId id : *ids) {
        if (id != kNoValue && !scalar_type(graph_.value(id).dtype))
          return unsupported(fmt::format("values of {}", dtype_name(graph_.value(id).dtype)));
      }
    }
    return {};
  }

  Status add_node(const Node& node, std::string& body) {
    SAKER_TRY(check_types(node));
    std::vector<std::string> outputs;
    for (const ValueId id : node.outputs) {
      std::string& name = outputs.emplace_back();
      if (id == kNoValue) continue;
      name = variables_.make(graph_.value(id).name);
      names_[static_cast<std::size_t>(id)] = name;
    }
    ScriptNode script(
        graph_, node, [this](ValueId id) { return expression(id); }, std::move(outputs), variables_);
    SAKER_TRY(export_node(script));
    for (const std::string& statement : script.statements()) body += fmt::format("    {}\n", statement);
    return {};
  }

  Result<std::string> archive(const std::string& code) const {
    pt::ZipWriter zip;
    pt::PickleWriter data(false);
    data.begin_object(fmt::format("{}.{}", kModule, kClass));
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const Value& value = graph_.value(weights_[i]);
      const std::string_view storage = pt::storage_of(value.dtype);
      if (storage.empty())
        return unsupported(fmt::format("'{}' is of {}", printable_name(value.name), dtype_name(value.dtype)));
      data.put(attribute(weights_[i]));
      data.put_tensor(*value.constant, storage, std::to_string(i));
    }
    data.put("training");
    data.put(false);
    data.end_object();
    SAKER_TRY(zip.add("saker/data.pkl", std::move(data).finish()));
    SAKER_TRY(zip.add("saker/byteorder", "little"));
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const Tensor& value = *graph_.value(weights_[i]).constant;
      SAKER_TRY(zip.add(fmt::format("saker/data/{}", i), {static_cast<const char*>(value.raw()), value.bytes()}));
    }
    SAKER_TRY(zip.add("saker/code/__torch__/saker.py", code));
    SAKER_TRY(zip.add("saker/extra/config.txt", config_text(graph_)));
    SAKER_TRY(zip.add("saker/constants.pkl", kNoConstants));
    SAKER_TRY(zip.add("saker/version", kVersion));
    return std::move(zip).finish();
  }

  const Graph& graph_;
  std::vector<std::string> names_;  // of values: variables and attributes
  Identifiers variables_{"v_"}, attributes_{"w_"};
  std::vector<ValueId> weights_;  // that the code reads
};

}  // namespace

Result<std::string> export_model(const Graph& graph) {
  return Exporter(graph).run();
}

}  // namespace saker::torchscript
