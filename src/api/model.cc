// Model (include/saker/model.h).
#include <saker/model.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "api/guarded.h"
#include "backends/registry.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/try.h"
#include "graph/op_def.h"
#include "graph/verifier.h"
#include "model/onnx/importer.h"
#include "model/openvino_ir/importer.h"

namespace saker {

// The last user gives the memory back to the system: the graph has the whole file.
static std::shared_ptr<const Graph> share_graph(Graph graph) {
  return {new Graph(std::move(graph)), [](const Graph* last) {
            delete last;
            release_free_heap();
          }};
}

struct Model::State {
  std::string path, backend = "saker", note;
  std::size_t file_bytes = 0;
  std::vector<TensorInfo> inputs, outputs;
  std::map<std::string, std::string> metadata;
  std::map<std::string, int> operators;
  std::shared_ptr<const Graph> graph;           // saker
  std::shared_ptr<BackendModel> backend_model;  // another engine

  Status import(const FileBytes& file, const std::string& folder, onnx::Unknown unknown);
  void describe(const ImportedModel& imported);
  Status adopt(Graph read);
  Status import_ir(const ModelOptions& options);
  Status load_saker(const ModelOptions& options);
  Status load_foreign(const std::string& name, const ModelOptions& options);
  Status load_auto(const ModelOptions& options);
};

namespace {

TensorInfo tensor_info(std::string name, DType dtype, bool has_shape, const std::vector<DeclaredDim>& dims) {
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

std::string folder_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

bool has_extension(const std::string& path, std::span<const char* const> extensions) {
  return std::ranges::any_of(extensions, [&](const char* extension) { return path.ends_with(extension); });
}

bool is_ir(const std::string& path) {
  return path.ends_with(".xml");
}

// ONNX is what our own reader can check, whoever runs it.
bool is_onnx(const std::string& path) {
  return path.ends_with(".onnx") || std::ranges::none_of(known_backends(), [&](const KnownBackend& known) {
           return has_extension(path, known.extensions);
         });
}

}  // namespace

// What the file says of inputs and outputs.
void Model::State::describe(const ImportedModel& imported) {
  const Graph& read = imported.graph;
  for (std::size_t i = 0; i < read.inputs.size(); ++i) {
    const Value& value = read.value(read.inputs[i]);
    inputs.push_back(tensor_info(value.name, value.dtype, true, read.declared_inputs[i]));
  }
  for (const DeclaredOutput& output : imported.outputs)
    outputs.push_back(tensor_info(output.name, output.dtype, output.has_shape, output.dims));
  metadata = read.metadata;
}

Status Model::State::import(const FileBytes& file, const std::string& folder, onnx::Unknown unknown) {
  file_bytes = file.size;
  SAKER_ASSIGN(ImportedModel imported, onnx::import_model(file, folder, unknown));
  describe(imported);
  if (unknown == onnx::Unknown::kAccept) {
    operators = std::move(imported.operators);
    return {};
  }
  return adopt(std::move(imported.graph));
}

// The graph as what saker runs.
Status Model::State::adopt(Graph read) {
  SAKER_TRY(verify(read));
  for (const Node& node : read.nodes) ++operators[op_def(node.op).name];
  graph = share_graph(std::move(read));
  return {};
}

// The numbers are in the .bin beside the .xml.
Status Model::State::import_ir(const ModelOptions& options) {
  SAKER_ASSIGN(const FileBytes xml, read_file(path, options.max_file_bytes));
  const std::string bin_path = std::filesystem::path(path).replace_extension(".bin").string();
  auto bin = read_file(bin_path, options.max_file_bytes);
  if (!bin.ok() && bin.error().code != ErrorCode::kNotFound) return bin.error();
  const bool alone = !bin.ok();
  auto imported = openvino_ir::import_model(xml, alone ? FileBytes{} : *bin);
  if (!imported.ok()) {
    Error error = imported.error().with_context(path);
    if (alone && error.code == ErrorCode::kInvalid)
      error.message += fmt::format("\nThere is no {} beside it", bin_path);
    return error;
  }
  file_bytes = xml.size;
  describe(*imported);
  return adopt(std::move(imported->graph));
}

Status Model::State::load_saker(const ModelOptions& options) {
  if (is_ir(path)) return import_ir(options);
  SAKER_ASSIGN(const FileBytes file, read_file(path, options.max_file_bytes));
  auto imported = import(file, folder_of(path), onnx::Unknown::kRefuse);
  if (!imported.ok()) return imported.error().with_context(path);
  return {};
}

Status Model::State::load_foreign(const std::string& name, const ModelOptions& options) {
  SAKER_ASSIGN(Backend * engine, find_backend(name));
  bool described = false;
  if (is_onnx(path)) {
    SAKER_ASSIGN(const FileBytes file, read_file(path, options.max_file_bytes));
    const auto read = import(file, folder_of(path), onnx::Unknown::kAccept);
    described = read.ok();
    if (!described && read.error().code != ErrorCode::kUnsupported) return read.error().with_context(path);
  } else {
    std::error_code error;
    file_bytes = std::filesystem::file_size(path, error);
    if (error) return Error{ErrorCode::kNotFound, fmt::format("{}: {}", path, error.message())};
  }
  auto loaded = engine->load(path);
  if (!loaded.ok()) return loaded.error().with_context(fmt::format("{} ({})", path, name));
  backend = name;
  backend_model = std::move(*loaded);
  if (described) return {};
  auto description = backend_model->describe();
  if (!description.ok()) return description.error().with_context(fmt::format("{} ({})", path, name));
  inputs = std::move(description->inputs);
  outputs = std::move(description->outputs);
  metadata = std::move(description->metadata);
  return {};
}

// Files of training frameworks look like TorchScript by their names.
static Error with_export_hint(Error error, const std::string& path) {
  if (path.ends_with(".pt") || path.ends_with(".pth")) {
    error.message += fmt::format(
        "\nTraining weights have to be exported first, by the framework that made them (Ultralytics: yolo export "
        "model={} format=onnx)",
        path);
  }
  return error;
}

// saker, or the first installed engine that takes what saker lacks.
Status Model::State::load_auto(const ModelOptions& options) {
  std::string why = path + ": saker reads ONNX and OpenVINO IR files";
  if (is_onnx(path) || is_ir(path)) {
    const auto own = load_saker(options);
    if (own.ok() || own.error().code != ErrorCode::kUnsupported) return own;
    why = own.error().message;
    why = why.substr(0, why.find("\nWhat to do"));  // what to do has been done
  }
  std::string tried;
  for (const KnownBackend& known : known_backends()) {
    if (!has_extension(path, known.extensions)) continue;
    State other;
    other.path = path;
    auto status = other.load_foreign(known.name, options);
    if (status.ok() && is_onnx(path)) {
      if (auto taken = other.backend_model->describe(); !taken.ok()) status = taken.error();
    }
    if (status.ok()) {
      other.note = fmt::format("{} runs it: {}", known.name, why);
      *this = std::move(other);
      return {};
    }
    // The next may take it where this one does not, is not installed, or is broken.
    constexpr std::array kNext = {ErrorCode::kUnsupported, ErrorCode::kNotFound, ErrorCode::kInternal};
    if (std::ranges::find(kNext, status.error().code) == kNext.end()) return with_export_hint(status.error(), path);
    tried += fmt::format("\n{}: {}", known.name, status.error().message);
  }
  return with_export_hint({ErrorCode::kUnsupported, fmt::format("{}\nNo other engine takes it either.{}", why, tried)},
                          path);
}

Result<Model> Model::load(const std::string& path, const ModelOptions& options) {
  return guarded(path, [&]() -> Result<Model> {
    auto state = std::make_shared<State>();
    state->path = path;
    if (options.backend == "saker") {
      SAKER_TRY(state->load_saker(options));
    } else if (options.backend == "auto") {
      SAKER_TRY(state->load_auto(options));
    } else {
      SAKER_TRY(state->load_foreign(options.backend, options));
    }
    return Model(std::move(state));
  });
}

Result<Model> Model::parse(std::span<const std::byte> bytes, const std::string& name, const ModelOptions& options) {
  return guarded(name, [&]() -> Result<Model> {
    if (bytes.size() > options.max_file_bytes) return Error{ErrorCode::kLimit, name + ": larger than the limit"};
    SAKER_ASSIGN(Tensor copy, Tensor::make(DType::kUint8, {static_cast<std::int64_t>(bytes.size())}));
    std::copy(bytes.begin(), bytes.end(), copy.data<std::byte>());
    auto owner = std::make_shared<Tensor>(copy);
    auto state = std::make_shared<State>();
    state->path = name;
    auto imported = state->import({{owner, owner->data<std::byte>()}, bytes.size()}, "", onnx::Unknown::kRefuse);
    if (!imported.ok()) return imported.error().with_context(name);
    return Model(std::move(state));
  });
}

const std::string& Model::path() const {
  return state_->path;
}
const std::string& Model::backend() const {
  return state_->backend;
}
const std::string& Model::backend_note() const {
  return state_->note;
}
const std::vector<TensorInfo>& Model::inputs() const {
  return state_->inputs;
}
const std::vector<TensorInfo>& Model::outputs() const {
  return state_->outputs;
}
const std::map<std::string, std::string>& Model::metadata() const {
  return state_->metadata;
}
std::map<std::string, int> Model::operators() const {
  return state_->operators;
}
std::size_t Model::file_bytes() const {
  return state_->file_bytes;
}
const std::shared_ptr<const Graph>& Model::graph() const {
  return state_->graph;
}
const std::shared_ptr<BackendModel>& Model::backend_model() const {
  return state_->backend_model;
}

}  // namespace saker
