#include "backends/plugin.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/try.h"
#include "base/usable_cpus.h"

namespace saker {

std::string engine_message(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  constexpr std::size_t kLongest = 2000;
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return "the engine failed without a message";
  text = text.substr(first, text.find_last_not_of(kSpaces) + 1 - first);
  return text.size() <= kLongest ? std::string(text) : std::string(text.substr(0, kLongest)) + " ...";
}

namespace {

Status check_shape(const TensorInfo& input, const Shape& shape) {
  const std::string context = fmt::format("input '{}'", input.name);
  if (input.has_shape && shape.size() != input.shape.size()) {
    return Error{ErrorCode::kInvalid, fmt::format("{} has {} dimensions, the shape {} has {}", context,
                                                  input.shape.size(), to_string(shape), shape.size())};
  }
  for (std::size_t k = 0; k < shape.size(); ++k) {
    const std::int64_t declared = input.has_shape ? input.shape[k] : -1;
    if (shape[k] < 0) {
      return Error{ErrorCode::kInvalid, fmt::format("{}: dimension {} is dynamic: give it a size", context, k)};
    }
    if (declared >= 0 && declared != shape[k]) {
      return Error{ErrorCode::kInvalid, fmt::format("{}: dimension {} is fixed at {} in the file, {} was asked",
                                                    context, k, declared, shape[k])};
    }
  }
  if (const auto count = element_count(shape); !count.ok()) return count.error().with_context(context);
  return {};
}

}  // namespace

Result<std::vector<Shape>> choose_shapes(const std::vector<TensorInfo>& inputs, const std::vector<Shape>& wanted) {
  if (!wanted.empty() && wanted.size() != inputs.size()) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the model has {} inputs, {} shapes were given", inputs.size(), wanted.size())};
  }
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (wanted.empty() && !inputs[i].has_shape) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("input '{}' has no shape in the file: give it one", inputs[i].name)};
    }
    shapes.push_back(wanted.empty() ? inputs[i].shape : wanted[i]);
    SAKER_TRY(check_shape(inputs[i], shapes.back()));
  }
  return shapes;
}

Status require_f32(const std::string& precision, std::string_view engine) {
  if (precision.empty() || precision == "f32" || precision == "auto") return {};
  return Error{ErrorCode::kUnsupported,
               fmt::format("precision {}: {} computes float models in f32 only", precision, engine)};
}

void PluginRequest::name_outputs(std::vector<std::string> names) {
  names_ = std::move(names);
  views_.assign(names_.size(), {});
}

Result<Tensor> PluginRequest::add_input(DType dtype, const Shape& shape) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, shape));
  if (tensor.bytes() != 0) std::memset(tensor.raw(), 0, tensor.bytes());
  inputs_.push_back(tensor);
  return tensor;
}

void PluginRequest::forget_outputs() {
  std::ranges::fill(views_, TensorView());
}

int request_threads(const SessionOptions& options) {
  return options.threads > 0 ? options.threads : usable_cpus();
}

Result<int> total_threads(const SessionOptions& options) {
  constexpr std::int64_t kMost = 4096;
  const std::int64_t total = std::int64_t{request_threads(options)} * std::max(1, options.streams);
  if (total <= kMost) return static_cast<int>(total);
  return Error{ErrorCode::kInvalid, fmt::format("{} streams of {} threads: at most {} threads are possible",
                                                options.streams, request_threads(options), kMost)};
}

}  // namespace saker
