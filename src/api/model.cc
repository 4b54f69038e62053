// Model (include/saker/model.h).
#include <saker/model.h>

#include <filesystem>

#include "base/files.h"
#include "base/try.h"
#include "graph/op_def.h"
#include "graph/verifier.h"
#include "model/onnx/importer.h"

namespace saker {

struct Model::State {
  std::string path;
  std::size_t file_bytes = 0;
  std::shared_ptr<const Graph> graph;
  std::vector<TensorInfo> inputs, outputs;
};

namespace {

TensorInfo describe(std::string name, DType dtype, bool has_shape, const std::vector<DeclaredDim>& dims) {
  TensorInfo info;
  info.name = std::move(name);
  info.dtype = dtype;
  info.has_shape = has_shape;
  for (const DeclaredDim& dim : dims) {
    info.shape.push_back(dim.size);
    info.symbols.push_back(dim.symbol);
  }
  return info;
}

}  // namespace

// Memory the library cannot have ends as an error, like every other failure.
template <typename F>
static auto guarded(const std::string& name, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, name + ": out of memory"};
  } catch (const std::exception& e) {
    return Error{ErrorCode::kInternal, name + ": " + e.what()};
  }
}

static Result<std::shared_ptr<Graph>> import(const FileBytes& file, const std::string& folder,
                                             std::vector<TensorInfo>& inputs, std::vector<TensorInfo>& outputs) {
  SAKER_ASSIGN(onnx::ImportedModel imported, onnx::import_model(file, folder));
  SAKER_TRY(verify(imported.graph));
  const Graph& graph = imported.graph;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const Value& value = graph.value(graph.inputs[i]);
    inputs.push_back(describe(value.name, value.dtype, true, graph.declared_inputs[i]));
  }
  for (const onnx::DeclaredOutput& output : imported.outputs)
    outputs.push_back(describe(output.name, output.dtype, output.has_shape, output.dims));
  return std::make_shared<Graph>(std::move(imported.graph));
}

Result<Model> Model::load(const std::string& path, const ModelOptions& options) {
  return guarded(path, [&]() -> Result<Model> {
    SAKER_ASSIGN(const FileBytes file, read_file(path, options.max_file_bytes));
    auto state = std::make_shared<State>();
    state->path = path;
    state->file_bytes = file.size;
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    auto graph = import(file, parent.empty() ? "." : parent.string(), state->inputs, state->outputs);
    if (!graph.ok()) return graph.error().with_context(path);
    state->graph = std::move(*graph);
    return Model(std::move(state));
  });
}

Result<Model> Model::parse(std::span<const std::byte> bytes, const std::string& name, const ModelOptions& options) {
  return guarded(name, [&]() -> Result<Model> {
    if (bytes.size() > options.max_file_bytes) return Error{ErrorCode::kLimit, name + ": larger than the limit"};
    SAKER_ASSIGN(Tensor copy, Tensor::make(DType::kUint8, {static_cast<std::int64_t>(bytes.size())}));
    std::copy(bytes.begin(), bytes.end(), copy.data<std::byte>());
    auto owner = std::make_shared<Tensor>(copy);
    const FileBytes file{{owner, owner->data<std::byte>()}, bytes.size()};
    auto state = std::make_shared<State>();
    state->path = name;
    state->file_bytes = file.size;
    auto graph = import(file, "", state->inputs, state->outputs);
    if (!graph.ok()) return graph.error().with_context(name);
    state->graph = std::move(*graph);
    return Model(std::move(state));
  });
}

const std::string& Model::path() const {
  return state_->path;
}
const std::vector<TensorInfo>& Model::inputs() const {
  return state_->inputs;
}
const std::vector<TensorInfo>& Model::outputs() const {
  return state_->outputs;
}
const std::map<std::string, std::string>& Model::metadata() const {
  return state_->graph->metadata;
}
std::size_t Model::file_bytes() const {
  return state_->file_bytes;
}
const std::shared_ptr<const Graph>& Model::graph() const {
  return state_->graph;
}

std::map<std::string, int> Model::operators() const {
  std::map<std::string, int> counts;
  for (const Node& node : state_->graph->nodes) ++counts[op_def(node.op).name];
  return counts;
}

}  // namespace saker
