// Model (include/saker/model.h).
#include <saker/model.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "api/bytes_on_disk.h"
#include "api/engine_file.h"
#include "api/guarded.h"
#include "backends/registry.h"
#include "backends/trial.h"
#include "base/try.h"
#include "graph/op_def.h"
#include "graph/verifier.h"
#include "model/read.h"

namespace saker {

struct Model::State {
  std::string path, backend = "saker", note;
  std::size_t file_bytes = 0;
  std::vector<TensorInfo> inputs, outputs;
  std::map<std::string, std::string> metadata;
  std::map<std::string, int> operators;
  std::shared_ptr<const Graph> graph;           // saker
  std::shared_ptr<BackendModel> backend_model;  // another engine

  Status adopt(ReadModel read);
  void describe(const ImportedModel& imported);
  Status load_saker(const ModelOptions& options);
  Result<bool> describe_foreign(const FileKind& kind, const ModelOptions& options);
  Status load_into(const std::string& name, bool described);
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

// What engines know files of this kind by: their bytes decide, else their name.
std::string extension_of(const FileKind& kind, const std::string& path) {
  switch (kind.format) {
    case Format::kOnnx:
      return ".onnx";
    case Format::kOpenVinoIr:
      return ".xml";
    case Format::kPyTorch:
      return ".torchscript";
    case Format::kOther:
    case Format::kUnknown:
      break;
  }
  return std::filesystem::path(path).extension().string();
}

bool takes(const KnownBackend& known, const std::string& extension) {
  return std::ranges::any_of(known.extensions, [&](const char* one) { return extension == one; });
}

// ONNX is what our own reader can check, whoever runs it. What nobody knows is read as ONNX, to say what is wrong.
bool is_onnx(const FileKind& kind, const std::string& path) {
  if (kind.format != Format::kUnknown) return kind.format == Format::kOnnx;
  const std::string extension = extension_of(kind, path);
  return std::ranges::none_of(known_backends(), [&](const KnownBackend& known) { return takes(known, extension); });
}

bool is_ours(const FileKind& kind, const std::string& path) {
  return kind.format == Format::kOpenVinoIr || kind.format == Format::kPyTorch || is_onnx(kind, path);
}

Result<std::size_t> size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return Error{ErrorCode::kNotFound, fmt::format("{}: {}", path, error.message())};
  return static_cast<std::size_t>(size);
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

// The graph as what saker runs.
Status Model::State::adopt(ReadModel read) {
  if (const auto sound = verify(read.imported.graph); !sound.ok()) return sound.error().with_context(path);
  file_bytes = read.file_bytes;
  describe(read.imported);
  for (const Node& node : read.imported.graph.nodes) ++operators[op_def(node.op).name];
  graph = std::make_shared<const Graph>(std::move(read.imported.graph));
  return {};
}

Status Model::State::load_saker(const ModelOptions& options) {
  SAKER_ASSIGN(ReadModel read, read_model(path, {.max_file_bytes = options.max_file_bytes}));
  SAKER_TRY(adopt(std::move(read)));
  // With the weights beside it. A pipe has no size but what was read.
  if (const auto whole = bytes_on_disk(path); whole > 0) file_bytes = static_cast<std::size_t>(whole);
  return {};
}

// What our own reader says of a file for another engine; false: nothing. Errors: what is wrong with it, whoever runs
// it.
Result<bool> Model::State::describe_foreign(const FileKind& kind, const ModelOptions& options) {
  if (!is_onnx(kind, path)) return false;
  auto read = read_model(path, {options.max_file_bytes, onnx::Unknown::kAccept});
  if (!read.ok() && read.error().code != ErrorCode::kUnsupported) return read.error();
  if (!read.ok()) return false;
  describe(read->imported);
  operators = std::move(read->imported.operators);
  return true;
}

// Hands the file to that engine, in this process.
Status Model::State::load_into(const std::string& name, bool described) {
  SAKER_ASSIGN(Backend * engine, find_backend(name));
  SAKER_ASSIGN(file_bytes, size_of(path));
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
  return std::filesystem::path(path).extension() == ".xml" ? complete_ir_metadata(path, metadata) : Status();
}

Status Model::State::load_foreign(const std::string& name, const ModelOptions& options) {
  SAKER_TRY(find_plugin(name));
  SAKER_ASSIGN(const std::string file, engine_file(path, name));
  if (file != path) note = fmt::format("{} runs {}, exported from {}", name, file, path);
  path = file;
  SAKER_ASSIGN(const FileKind kind, recognise_file(path));
  SAKER_ASSIGN(const bool described, describe_foreign(kind, options));
  return load_into(name, described);
}

// saker, or the first installed engine that takes what saker lacks. What is wrong whoever runs it goes to none; nor
// does a file, to another, that one of them did not survive.
Status Model::State::load_auto(const ModelOptions& options) {
  SAKER_ASSIGN(const FileKind kind, recognise_file(path));
  std::string why = path + ": saker reads ONNX, OpenVINO IR and PyTorch checkpoints";
  if (is_ours(kind, path)) {
    const auto own = load_saker(options);
    if (own.ok() || own.error().code != ErrorCode::kUnsupported) return own;
    why = own.error().message;
    why = why.substr(0, why.find("\nWhat to do"));  // what to do has been done
  }
  SAKER_ASSIGN(const bool described, describe_foreign(kind, options));
  std::string tried;
  for (const KnownBackend& known : known_backends()) {
    if (!takes(known, extension_of(kind, path))) continue;
    State other = *this;
    auto status = options.trial ? try_out(known.name, path, trial_ms(bytes_on_disk(path))) : Status();
    if (!status.ok() && status.error().code == ErrorCode::kInvalid)
      return Error{ErrorCode::kInvalid, fmt::format("{}\n{}", why, status.error().message), status.error().setting};
    if (status.ok()) status = other.load_into(known.name, described);
    if (status.ok() && described) {
      if (auto taken = other.backend_model->describe(); !taken.ok()) status = taken.error();
    }
    if (status.ok()) {
      other.note = fmt::format("{} runs it: {}", known.name, why);
      *this = std::move(other);
      return {};
    }
    // The next may take it where this one does not, is not installed, or is broken.
    constexpr std::array kNext = {ErrorCode::kUnsupported, ErrorCode::kNotFound, ErrorCode::kInternal};
    if (std::ranges::find(kNext, status.error().code) == kNext.end()) return status.error();
    tried += fmt::format("\n{}: {}", known.name, status.error().message);
  }
  if (tried.empty() && kind.format == Format::kOther) return not_ours(kind).with_context(path);
  return Error{ErrorCode::kUnsupported, fmt::format("{}\nNo other engine takes it either.{}", why, tried)};
}

Result<Model> Model::load(const std::string& path, const ModelOptions& options) {
  return guarded(path, [&]() -> Result<Model> {
    auto state = std::make_shared<State>();
    SAKER_ASSIGN(state->path, model_file(path));
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
    if (options.backend != "saker" && options.backend != "auto") {
      return Error{
          ErrorCode::kUnsupported,
          fmt::format("{}: the `backend` {} reads files only: load the model by its path", name, options.backend),
          "backend"};
    }
    if (bytes.size() > options.max_file_bytes) {
      return Error{ErrorCode::kLimit,
                   fmt::format("{}: longer than the limit of {} bytes", name, options.max_file_bytes)};
    }
    SAKER_ASSIGN(Tensor copy, Tensor::make(DType::kUint8, {static_cast<std::int64_t>(bytes.size())}));
    std::copy(bytes.begin(), bytes.end(), copy.data<std::byte>());
    auto owner = std::make_shared<Tensor>(copy);
    auto state = std::make_shared<State>();
    state->path = name;
    SAKER_ASSIGN(ReadModel read, read_model({{owner, owner->data<std::byte>()}, bytes.size()}, name,
                                            {.max_file_bytes = options.max_file_bytes}));
    SAKER_TRY(state->adopt(std::move(read)));
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
const std::shared_ptr<const Graph>& graph_of(const Model& model) {
  return model.state().graph;
}
const std::shared_ptr<BackendModel>& backend_model_of(const Model& model) {
  return model.state().backend_model;
}

}  // namespace saker
