// LibTorch's TorchScript behind saker's interface. Runs modules as they are: neither frozen nor fused further.
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "backends/plugin.h"
#include "backends/torchscript/describe.h"
#include "base/try.h"

namespace saker::torchscript {
namespace {

// LibTorch keeps the count for each thread that calls it.
void set_threads(int threads) {
  thread_local int current = 0;
  if (current == threads) return;
  at::set_num_threads(threads);
  current = threads;
}

// The pool for operators that a script forks can be sized once in a process. 1 leaves it as LibTorch has it: only a
// script that asks for it forks anything.
Status set_inter_threads(int threads) {
  static std::mutex mutex;
  static int current = 0;
  if (threads <= 1) return {};
  const std::lock_guard lock(mutex);
  if (current == 0) {
    at::set_num_interop_threads(threads);
    current = threads;
  }
  if (current == threads) return {};
  return Error{ErrorCode::kUnsupported,
               fmt::format("{} operators at a time: LibTorch was set to {} in this process and cannot be changed",
                           threads, current)};
}

// Tensors of tuples and lists of any depth, in their order. None is left out.
Status flatten(const c10::IValue& value, std::vector<at::Tensor>& out) {
  if (value.isTensor()) {
    out.push_back(value.toTensor());
  } else if (value.isTuple()) {
    for (const c10::IValue& element : value.toTupleRef().elements()) SAKER_TRY(flatten(element, out));
  } else if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) SAKER_TRY(flatten(element, out));
  } else if (!value.isNone()) {
    return Error{ErrorCode::kUnsupported, fmt::format("the model gives a {}, not tensors", value.tagKind())};
  }
  return {};
}

Result<TensorView> view_of(const at::Tensor& tensor) {
  if (tensor.layout() != c10::kStrided || !tensor.device().is_cpu()) {
    return Error{ErrorCode::kUnsupported, "an output is not an ordinary tensor in memory"};
  }
  SAKER_ASSIGN(const DType dtype, from_torch(tensor.scalar_type()));
  return TensorView{tensor.data_ptr(), dtype, tensor.sizes().vec(), tensor.strides().vec()};
}

struct Compiled {
  mutable torch::jit::Module module;  // forward() is not const, but may be called from several threads
  DType dtype = DType::kFloat32;
  Shape shape;
  int threads = 1, streams = 1;
};

class Request final : public PluginRequest {
 public:
  // Runs once to learn what the outputs are.
  static Result<std::unique_ptr<BackendSession>> create(std::shared_ptr<const Compiled> compiled) {
    SAKER_ASSIGN(auto request, prepare(std::move(compiled)));
    SAKER_TRY(request->forward());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < request->outputs_.size(); ++i) names.push_back(fmt::format("output{}", i));
    request->name_outputs(std::move(names));
    SAKER_TRY(request->show_outputs());
    return std::unique_ptr<BackendSession>(std::move(request));
  }

  Result<std::unique_ptr<BackendSession>> clone() const override {
    return engine_guarded(ErrorCode::kInternal, [&]() -> Result<std::unique_ptr<BackendSession>> {
      SAKER_ASSIGN(auto copy, prepare(compiled_));
      copy->name_outputs(output_names());
      return std::unique_ptr<BackendSession>(std::move(copy));
    });
  }

  Status run() override {
    return engine_guarded(ErrorCode::kInternal, [&]() -> Status {
      SAKER_TRY(forward());
      if (outputs_.size() == output_count()) return show_outputs();
      return Error{ErrorCode::kUnsupported,
                   fmt::format("the model gave {} tensors, and {} before", outputs_.size(), output_count())};
    });
  }

 private:
  explicit Request(std::shared_ptr<const Compiled> compiled)
      : PluginRequest(compiled->streams), compiled_(std::move(compiled)) {}

  static Result<std::unique_ptr<Request>> prepare(std::shared_ptr<const Compiled> compiled) {
    std::unique_ptr<Request> request(new Request(std::move(compiled)));
    const Compiled& of = *request->compiled_;
    SAKER_ASSIGN(Tensor input, request->add_input(of.dtype, of.shape));
    request->arguments_ = {torch::from_blob(input.raw(), of.shape, to_torch(of.dtype))};
    return request;
  }

  Status forward() {
    const c10::InferenceMode inference;
    set_threads(compiled_->threads);
    forget_outputs();
    outputs_.clear();
    return flatten(compiled_->module.forward(arguments_), outputs_);
  }

  Status show_outputs() {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      SAKER_ASSIGN(TensorView view, view_of(outputs_[i]));
      set_output(i, std::move(view));
    }
    return {};
  }

  std::shared_ptr<const Compiled> compiled_;
  std::vector<c10::IValue> arguments_;  // the input as LibTorch sees it
  std::vector<at::Tensor> outputs_;
};

class TorchModel final : public BackendModel {
 public:
  TorchModel(torch::jit::Module module, std::string config) : module_(std::move(module)), config_(std::move(config)) {}

  Result<ModelDescription> describe() override {
    return engine_guarded(ErrorCode::kUnsupported, [&] { return torchscript::describe(module_, config_); });
  }

  Result<std::unique_ptr<BackendSession>> compile(const SessionOptions& options) override {
    return engine_guarded(ErrorCode::kUnsupported, [&]() -> Result<std::unique_ptr<BackendSession>> {
      SAKER_TRY(require_f32(options.precision, "LibTorch"));
      SAKER_ASSIGN(const ModelDescription about, torchscript::describe(module_, config_));
      SAKER_ASSIGN(std::vector<Shape> shapes, choose_shapes(about.inputs, options.input_shapes));
      SAKER_TRY(set_inter_threads(options.inter_threads));
      auto compiled = std::make_shared<Compiled>();
      compiled->module = module_;
      compiled->dtype = about.inputs[0].dtype;
      compiled->shape = std::move(shapes[0]);
      compiled->threads = request_threads(options);
      compiled->streams = std::max(1, options.streams);
      return Request::create(std::move(compiled));
    });
  }

 private:
  torch::jit::Module module_;
  std::string config_;
};

class Engine final : public Backend {
 public:
  std::string version() const override { return TORCH_VERSION; }

  Result<std::shared_ptr<BackendModel>> load(const std::string& path) override {
    auto model = engine_guarded(ErrorCode::kUnsupported, [&]() -> Result<std::shared_ptr<BackendModel>> {
      std::error_code error;
      if (!std::filesystem::exists(path, error)) return Error{ErrorCode::kNotFound, "no such file"};
      torch::jit::ExtraFilesMap extra = {{"config.txt", ""}};
      torch::jit::Module module = torch::jit::load(path, c10::kCPU, extra);
      module.eval();
      return std::shared_ptr<BackendModel>(std::make_shared<TorchModel>(std::move(module), extra["config.txt"]));
    });
    if (model.ok() || model.error().code == ErrorCode::kNotFound) return model;
    return Error{model.error().code, model.error().message +
                                         "\nnot a TorchScript file? Checkpoints of a trainer have to be exported "
                                         "first: to ONNX, or to TorchScript"};
  }
};

}  // namespace
}  // namespace saker::torchscript

SAKER_PLUGIN_EXPORT const char* saker_backend_abi() {
  return saker::kPluginAbi;
}

SAKER_PLUGIN_EXPORT saker::Backend* saker_backend() {
  static auto* const engine = new saker::torchscript::Engine;
  return engine;
}
