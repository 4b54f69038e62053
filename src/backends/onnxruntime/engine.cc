// ONNX Runtime behind saker's interface. Runs on its CPU provider.
#include "backends/plugin.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "backends/onnxruntime/ort.h"
#include "base/try.h"

namespace saker::ort {
namespace {

// What a session and its clones share.
struct Compiled {
  SessionPtr session;
  MemoryInfoPtr memory;
  ModelDescription about;
  std::vector<Shape> shapes;  // of the inputs
  std::vector<const char*> input_names, output_names;
  int streams = 1;
};

class Request final : public PluginRequest {
 public:
  static Result<std::unique_ptr<BackendSession>> create(std::shared_ptr<const Compiled> compiled) {
    std::unique_ptr<Request> request(new Request(std::move(compiled)));
    SAKER_TRY(request->make_inputs());
    return std::unique_ptr<BackendSession>(std::move(request));
  }

  Result<std::unique_ptr<BackendSession>> clone() const override {
    return guarded(ErrorCode::kInternal, [&] { return create(compiled_); });
  }

  Status run() override {
    return guarded(ErrorCode::kInternal, [&] { return run_once(); });
  }

 private:
  explicit Request(std::shared_ptr<const Compiled> compiled)
      : PluginRequest(compiled->streams), compiled_(std::move(compiled)), outputs_(compiled_->output_names.size()) {
    name_outputs({compiled_->output_names.begin(), compiled_->output_names.end()});
  }

  Status make_inputs() {
    for (std::size_t i = 0; i < compiled_->shapes.size(); ++i) {
      const Shape& shape = compiled_->shapes[i];
      const DType dtype = compiled_->about.inputs[i].dtype;
      SAKER_ASSIGN(Tensor tensor, add_input(dtype, shape));
      OrtValue* value = nullptr;
      SAKER_TRY(check(api()->CreateTensorWithDataAsOrtValue(compiled_->memory.get(), tensor.raw(), tensor.bytes(),
                                                            shape.data(), shape.size(), to_ort(dtype), &value)));
      values_.emplace_back(value);
      raw_values_.push_back(value);
    }
    return {};
  }

  Status run_once() {
    // Given back first, so that ONNX Runtime's allocator hands out the same memory again.
    forget_outputs();
    for (ValuePtr& output : outputs_) output.reset();
    std::vector<OrtValue*> results(outputs_.size(), nullptr);
    OrtStatus* const status =
        api()->Run(compiled_->session.get(), nullptr, compiled_->input_names.data(), raw_values_.data(),
                   raw_values_.size(), compiled_->output_names.data(), results.size(), results.data());
    for (std::size_t i = 0; i < results.size(); ++i) outputs_[i].reset(results[i]);
    SAKER_TRY(check(status));
    for (std::size_t i = 0; i < results.size(); ++i) SAKER_TRY(view(i));
    return {};
  }

  Status view(std::size_t i) {
    int is_tensor = 0;
    if (outputs_[i] != nullptr) SAKER_TRY(check(api()->IsTensor(outputs_[i].get(), &is_tensor)));
    if (is_tensor == 0) return Error{ErrorCode::kUnsupported, "output '" + output_name(i) + "' is not a tensor"};
    OrtTensorTypeAndShapeInfo* info = nullptr;
    SAKER_TRY(check(api()->GetTensorTypeAndShape(outputs_[i].get(), &info)));
    const TensorTypeAndShapeInfoPtr owner(info);
    SAKER_ASSIGN(TensorType type, tensor_type(info));
    void* data = nullptr;
    SAKER_TRY(check(api()->GetTensorMutableData(outputs_[i].get(), &data)));
    Shape strides = dense_strides(type.shape);
    set_output(i, {data, type.dtype, std::move(type.shape), std::move(strides)});
    return {};
  }

  std::shared_ptr<const Compiled> compiled_;
  std::vector<ValuePtr> values_;  // the inputs as ONNX Runtime sees them
  std::vector<const OrtValue*> raw_values_;
  std::vector<ValuePtr> outputs_;
};

Result<SessionOptionsPtr> make_options() {
  OrtSessionOptions* options = nullptr;
  SAKER_TRY(check(api()->CreateSessionOptions(&options)));
  return SessionOptionsPtr(options);
}

// All requests share one pool, and the thread that calls Run works too: with N threads asked for, the pool has N - 1.
// S requests of T threads each on average therefore ask for S * (T - 1) + 1.
Status set_threads(OrtSessionOptions* to, const SessionOptions& options) {
  SAKER_ASSIGN(const int total, total_threads(options));
  SAKER_TRY(check(api()->SetIntraOpNumThreads(to, total - std::max(1, options.streams) + 1)));
  if (options.inter_threads > 1) {
    SAKER_TRY(check(api()->SetSessionExecutionMode(to, ORT_PARALLEL)));
    SAKER_TRY(check(api()->SetInterOpNumThreads(to, options.inter_threads)));
  }
  return {};
}

class OrtModel final : public BackendModel {
 public:
  OrtModel(const OrtEnv* env, std::string path) : env_(env), path_(std::move(path)) {}

  // Neither optimised nor with threads: a fraction of a compilation.
  Result<ModelDescription> describe() override {
    return guarded(ErrorCode::kUnsupported, [&]() -> Result<ModelDescription> {
      SAKER_ASSIGN(const SessionOptionsPtr options, make_options());
      SAKER_TRY(check(api()->SetSessionGraphOptimizationLevel(options.get(), ORT_DISABLE_ALL)));
      SAKER_TRY(check(api()->SetIntraOpNumThreads(options.get(), 1)));
      SAKER_ASSIGN(const SessionPtr session, open(options.get()));
      return ort::describe(session.get());
    });
  }

  Result<std::unique_ptr<BackendSession>> compile(const SessionOptions& options) override {
    return guarded(ErrorCode::kUnsupported, [&]() -> Result<std::unique_ptr<BackendSession>> {
      SAKER_ASSIGN(auto compiled, compile_shared(options));
      return Request::create(std::move(compiled));
    });
  }

 private:
  Result<SessionPtr> open(const OrtSessionOptions* options) const {
    OrtSession* session = nullptr;
    SAKER_TRY(check(api()->CreateSession(env_, path_.c_str(), options, &session), ErrorCode::kUnsupported));
    return SessionPtr(session);
  }

  Result<std::shared_ptr<const Compiled>> compile_shared(const SessionOptions& wanted) const {
    SAKER_TRY(require_f32(wanted.precision, "ONNX Runtime"));
    SAKER_ASSIGN(const SessionOptionsPtr options, make_options());
    SAKER_TRY(check(api()->SetSessionGraphOptimizationLevel(options.get(), ORT_ENABLE_ALL)));
    SAKER_TRY(set_threads(options.get(), wanted));
    auto out = std::make_shared<Compiled>();
    SAKER_ASSIGN(out->session, open(options.get()));
    SAKER_ASSIGN(out->about, ort::describe(out->session.get()));
    SAKER_ASSIGN(out->shapes, choose_shapes(out->about.inputs, wanted.input_shapes));
    OrtMemoryInfo* memory = nullptr;
    SAKER_TRY(check(api()->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory)));
    out->memory.reset(memory);
    for (const TensorInfo& input : out->about.inputs) out->input_names.push_back(input.name.c_str());
    for (const TensorInfo& output : out->about.outputs) out->output_names.push_back(output.name.c_str());
    out->streams = std::max(1, wanted.streams);
    return std::shared_ptr<const Compiled>(std::move(out));
  }

  const OrtEnv* env_;
  std::string path_;
};

class Engine final : public Backend {
 public:
  static Engine* create() {
    if (api() == nullptr) return nullptr;
    // Fatal messages only: everything else also comes back as a status, and files with warnings have hundreds.
    OrtEnv* env = nullptr;
    if (!check(api()->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "saker", &env)).ok()) return nullptr;
    (void)check(api()->DisableTelemetryEvents(env));
    return new Engine(env);
  }

  std::string version() const override { return OrtGetApiBase()->GetVersionString(); }

  // Reading is a part of making a session, which needs to know the threads: left to compile().
  Result<std::shared_ptr<BackendModel>> load(const std::string& path) override {
    return guarded(ErrorCode::kInternal, [&]() -> Result<std::shared_ptr<BackendModel>> {
      std::error_code error;
      if (!std::filesystem::exists(path, error)) return Error{ErrorCode::kNotFound, "no such file"};
      return std::shared_ptr<BackendModel>(std::make_shared<OrtModel>(env_, path));
    });
  }

 private:
  explicit Engine(const OrtEnv* env) : env_(env) {}
  const OrtEnv* env_;  // never released, as the plug-in is never unloaded
};

}  // namespace
}  // namespace saker::ort

SAKER_PLUGIN_EXPORT const char* saker_backend_abi() {
  return saker::kPluginAbi;
}

SAKER_PLUGIN_EXPORT saker::Backend* saker_backend() {
  static saker::Backend* const engine = saker::ort::Engine::create();
  return engine;
}
