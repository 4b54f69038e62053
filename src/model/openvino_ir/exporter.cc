#include "model/openvino_ir/exporter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "base/try.h"
#include "graph/op_def.h"
#include "model/openvino_ir/element_types.h"
#include "model/openvino_ir/node_exporter.h"

namespace saker::openvino_ir {
namespace {

// Inputs and outputs keep their names, the others get those that are still free.
std::vector<std::string> names_of(const Graph& graph) {
  std::vector<std::string> names(graph.values.size());
  std::set<std::string> taken;
  const auto take = [&](ValueId id) {
    std::string& name = names[static_cast<std::size_t>(id)];
    if (!name.empty()) return;
    const std::string& wanted = graph.value(id).name;
    name = wanted.empty() ? "value" : wanted;
    for (int i = 1; !taken.insert(name).second; ++i) name = fmt::format("{}.{}", wanted, i);
  };
  for (const ValueId id : graph.inputs) take(id);
  for (const ValueId id : graph.outputs) take(id);
  for (std::size_t i = 0; i < names.size(); ++i) take(static_cast<ValueId>(i));
  return names;
}

// "?,3,640,640"
std::string shape_text(const std::vector<DeclaredDim>& dims) {
  std::string text;
  for (const DeclaredDim& dim : dims)
    text += (text.empty() ? "" : ",") + (dim.size < 0 ? std::string("?") : std::to_string(dim.size));
  return text;
}

Shape extents(const std::vector<DeclaredDim>& dims) {
  Shape shape;
  for (const DeclaredDim& dim : dims) shape.push_back(dim.size);
  return shape;
}

void add_parameter(ExportWorkspace& work, std::size_t i) {
  const auto id = static_cast<std::size_t>(work.graph.inputs[i]);
  const DType dtype = work.graph.values[id].dtype;
  const auto& dims = work.graph.declared_inputs[i];
  work.sources[id] = work.network.add({"Parameter",
                                       "opset1",
                                       work.names[id],
                                       {{"shape", shape_text(dims)}, {"element_type", element_name(dtype)}},
                                       {},
                                       {{dtype, extents(dims), work.names[id]}}});
}

}  // namespace

ExportWorkspace::ExportWorkspace(const Graph& from, const ExportOptions& how)
    : graph(from),
      options(how),
      network(from.name.empty() ? "saker" : from.name, how.half),
      sources(from.values.size()),
      producers(saker::producers(from)),
      readers(from.values.size()),
      names(names_of(from)) {
  for (const Node& node : from.nodes) {
    for (const ValueId id : node.inputs) {
      if (id != kNoValue) readers[static_cast<std::size_t>(id)].push_back(&node);
    }
  }
}

Result<IrFiles> export_model(const Graph& graph, const ExportOptions& options) {
  ExportWorkspace work(graph, options);
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) add_parameter(work, i);
  for (const Node& node : graph.nodes) {
    if (is_part_of_readers(work, node)) continue;
    NodeExporter exporter(work, node);
    if (const Status status = export_node(exporter); !status.ok()) return status.error().with_context(describe(node));
  }
  for (const ValueId id : graph.outputs) {
    work.network.add(
        {"Result", "opset1", work.names[static_cast<std::size_t>(id)] + "/sink_port_0", {}, {work.source_of(id)}, {}});
  }
  std::string xml = work.network.xml(graph.metadata);
  return IrFiles{std::move(xml), work.network.take_bin()};
}

}  // namespace saker::openvino_ir
