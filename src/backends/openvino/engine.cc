// OpenVINO behind saker's interface. Runs on its CPU plug-in.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <openvino/openvino.hpp>
#include <string>
#include <utility>

#include "backends/openvino/describe.h"
#include "backends/openvino/fold_weights.h"
#include "backends/plugin.h"
#include "base/cpu.h"
#include "base/try.h"

namespace saker::openvino {
namespace {

// What a session and its clones share.
struct Compiled {
  mutable ov::CompiledModel model;
  std::vector<TensorInfo> inputs;  // with the shapes compiled for
  std::vector<std::string> output_names;
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
    return engine_guarded(ErrorCode::kInternal, [&] { return create(compiled_); });
  }

  Status run() override {
    return engine_guarded(ErrorCode::kInternal, [&]() -> Status {
      forget_outputs();
      request_.infer();
      for (std::size_t i = 0; i < output_count(); ++i) SAKER_TRY(view(i));
      return {};
    });
  }

 private:
  explicit Request(std::shared_ptr<const Compiled> compiled)
      : PluginRequest(compiled->streams),
        compiled_(std::move(compiled)),
        request_(compiled_->model.create_infer_request()) {
    name_outputs(compiled_->output_names);
  }

  // OpenVINO reads these in place.
  Status make_inputs() {
    for (std::size_t i = 0; i < compiled_->inputs.size(); ++i) {
      const TensorInfo& info = compiled_->inputs[i];
      SAKER_ASSIGN(Tensor tensor, add_input(info.dtype, info.shape));
      request_.set_input_tensor(i, {to_openvino(info.dtype), {info.shape.begin(), info.shape.end()}, tensor.raw()});
    }
    return {};
  }

  Status view(std::size_t i) {
    const ov::Tensor tensor = request_.get_output_tensor(i);
    SAKER_ASSIGN(const DType dtype, from_openvino(tensor.get_element_type()));
    const ov::Shape extents = tensor.get_shape();
    Shape strides;
    for (const std::size_t bytes : tensor.get_strides()) {
      strides.push_back(static_cast<std::int64_t>(bytes / dtype_size(dtype)));
    }
    set_output(i, {tensor.data(), dtype, {extents.begin(), extents.end()}, std::move(strides)});
    return {};
  }

  std::shared_ptr<const Compiled> compiled_;
  ov::InferRequest request_;
};

Result<ov::AnyMap> properties(const SessionOptions& options) {
  SAKER_ASSIGN(const int threads, total_threads(options));
  ov::AnyMap out = {ov::hint::performance_mode(options.throughput ? ov::hint::PerformanceMode::THROUGHPUT
                                                                  : ov::hint::PerformanceMode::LATENCY),
                    ov::hint::enable_cpu_pinning(false), ov::inference_num_threads(threads)};
  if (options.streams > 0) out.insert(ov::num_streams(options.streams));
  if (options.precision.empty() || options.precision == "f32") {
    out.insert(ov::hint::inference_precision(ov::element::f32));
  } else if (options.precision == "bf16") {
    out.insert(ov::hint::inference_precision(ov::element::bf16));
  } else if (options.precision == "f16") {
    out.insert(ov::hint::inference_precision(ov::element::f16));
  } else if (options.precision != "auto") {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("precision {}: OpenVINO has f32, bf16, f16 and auto", options.precision)};
  }
  return out;
}

// OpenVINO falls back in silence where the CPU lacks an arithmetic.
Status check_precision(const ov::CompiledModel& model, const std::string& wanted) {
  if (wanted.empty() || wanted == "auto") return {};
  const std::string got = model.get_property(ov::hint::inference_precision).get_type_name();
  if (got == wanted) return {};
  return Error{ErrorCode::kUnsupported,
               fmt::format("precision {}: OpenVINO computes in {} on this CPU ({})", wanted, got, cpu_model_name())};
}

class OpenVinoModel final : public BackendModel {
 public:
  OpenVinoModel(ov::Core& core, std::shared_ptr<ov::Model> model) : core_(core), model_(std::move(model)) {}

  Result<ModelDescription> describe() override {
    return engine_guarded(ErrorCode::kUnsupported, [&] { return openvino::describe(*model_); });
  }

  Result<std::unique_ptr<BackendSession>> compile(const SessionOptions& options) override {
    return engine_guarded(ErrorCode::kUnsupported, [&]() -> Result<std::unique_ptr<BackendSession>> {
      SAKER_ASSIGN(auto compiled, compile_shared(options));
      return Request::create(std::move(compiled));
    });
  }

 private:
  // The model at these shapes; a copy, for others may be compiled at other shapes.
  std::shared_ptr<ov::Model> at_shapes(const std::vector<Shape>& shapes) const {
    std::vector<ov::PartialShape> wanted;
    bool same = true;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      wanted.emplace_back(std::vector<ov::Dimension>(shapes[i].begin(), shapes[i].end()));
      same = same && model_->input(i).get_partial_shape() == wanted[i];
    }
    if (same) return model_;
    const std::shared_ptr<ov::Model> copy = model_->clone();
    std::map<ov::Output<ov::Node>, ov::PartialShape> ports;
    for (std::size_t i = 0; i < wanted.size(); ++i) ports.emplace(copy->input(i), wanted[i]);
    copy->reshape(ports);
    return copy;
  }

  Result<std::shared_ptr<const Compiled>> compile_shared(const SessionOptions& options) const {
    SAKER_ASSIGN(const ov::AnyMap wanted, properties(options));
    SAKER_ASSIGN(ModelDescription about, openvino::describe(*model_));
    SAKER_ASSIGN(std::vector<Shape> shapes, choose_shapes(about.inputs, options.input_shapes));
    auto out = std::make_shared<Compiled>();
    out->model = core_.compile_model(at_shapes(shapes), "CPU", wanted);
    SAKER_TRY(check_precision(out->model, options.precision));
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      out->inputs.push_back(about.inputs[i]);
      out->inputs[i].shape = std::move(shapes[i]);
    }
    for (TensorInfo& output : about.outputs) out->output_names.push_back(std::move(output.name));
    out->streams = options.streams > 0
                       ? options.streams
                       : static_cast<int>(out->model.get_property(ov::optimal_number_of_infer_requests));
    return std::shared_ptr<const Compiled>(std::move(out));
  }

  ov::Core& core_;
  std::shared_ptr<ov::Model> model_;
};

class Engine final : public Backend {
 public:
  std::string version() const override {
    const std::string build = ov::get_openvino_version().buildNumber;  // 2026.4.1-22982-0123abc
    return build.substr(0, build.find('-'));
  }

  Result<std::shared_ptr<BackendModel>> load(const std::string& path) override {
    return engine_guarded(ErrorCode::kUnsupported, [&]() -> Result<std::shared_ptr<BackendModel>> {
      std::error_code error;
      if (!std::filesystem::exists(path, error)) return Error{ErrorCode::kNotFound, "no such file"};
      std::shared_ptr<ov::Model> model = core_.read_model(path);
      fold_weight_products(model);
      return std::shared_ptr<BackendModel>(std::make_shared<OpenVinoModel>(core_, std::move(model)));
    });
  }

 private:
  ov::Core core_;
};

}  // namespace
}  // namespace saker::openvino

SAKER_PLUGIN_EXPORT const char* saker_backend_abi() {
  return saker::kPluginAbi;
}

SAKER_PLUGIN_EXPORT saker::Backend* saker_backend() {
  try {
    static auto* const engine = new saker::openvino::Engine;  // never destroyed, as the plug-in is never unloaded
    return engine;
  } catch (...) {
    return nullptr;
  }
}
