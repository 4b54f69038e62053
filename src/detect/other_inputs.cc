#include "detect/other_inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/half.h"
#include "base/text.h"
#include "base/try.h"

namespace saker {
namespace {

constexpr std::int64_t kMaxElements = 1 << 20;

struct KnownInput {
  std::string_view name;
  std::array<int, 2> values;
  const char* meaning;
};

std::optional<KnownInput> known_input(const TensorInfo& info, int height, int width) {
  const std::array kKnown = {
      KnownInput{"orig_target_sizes", {width, height}, "width and height of the input"},
      KnownInput{"im_shape", {height, width}, "height and width of the input"},
      KnownInput{"scale_factor", {1, 1}, "a picture of the input's size"},
  };
  const auto* const found = std::ranges::find(kKnown, info.name, &KnownInput::name);
  const bool is_pair = info.shape.size() == 2 && info.shape[1] == 2;
  return found == kKnown.end() || !is_pair ? std::nullopt : std::optional(*found);
}

// What the file leaves open: the batch in front; anywhere else what the number of values comes to, once.
Result<Shape> shape_of(const TensorInfo& info, int batch, std::size_t values) {
  Shape shape = info.shape;
  if (!shape.empty() && shape[0] < 0) shape[0] = batch;
  std::int64_t known = 1;
  std::int64_t* open = nullptr;
  for (std::int64_t& extent : shape) {
    if (extent >= 0) {
      known *= extent;
    } else if (open == nullptr) {
      open = &extent;
    } else {
      return Error{ErrorCode::kUnsupported, fmt::format("the input \"{}\" {} leaves more than its batch open",
                                                        printable_name(info.name), to_string(info.shape))};
    }
    if (known > kMaxElements)
      return Error{ErrorCode::kLimit, fmt::format("the input \"{}\" {} is no picture and has more than {} elements",
                                                  printable_name(info.name), to_string(info.shape), kMaxElements)};
  }
  if (open != nullptr) *open = known == 0 ? 0 : std::max<std::int64_t>(static_cast<std::int64_t>(values) / known, 1);
  return shape;
}

template <typename T>
Status store(double value, Tensor& tensor, std::int64_t at) {
  if constexpr (std::is_integral_v<T>) {
    // The largest of 64 bits is no double.
    const bool fits = value >= static_cast<double>(std::numeric_limits<T>::min()) &&
                      value < static_cast<double>(std::numeric_limits<T>::max()) + 1;
    if (!fits || value != static_cast<double>(static_cast<T>(value)))
      return Error{ErrorCode::kInvalid, fmt::format("{} is no {}", value, dtype_name(tensor.dtype()))};
  }
  tensor.data<T>()[at] = static_cast<T>(value);
  return {};
}

Status store_as(DType dtype, double value, Tensor& tensor, std::int64_t at) {
  switch (dtype) {
    case DType::kFloat32:
      return store<float>(value, tensor, at);
    case DType::kFloat64:
      return store<double>(value, tensor, at);
    case DType::kFloat16:
      tensor.data<std::uint16_t>()[at] = float_to_half(static_cast<float>(value));
      return {};
    case DType::kInt64:
      return store<std::int64_t>(value, tensor, at);
    case DType::kInt32:
      return store<std::int32_t>(value, tensor, at);
    case DType::kUint8:
      return store<std::uint8_t>(value, tensor, at);
    case DType::kBool:
      tensor.data<std::uint8_t>()[at] = value != 0 ? 1 : 0;
      return {};
    default:
      return Error{ErrorCode::kUnsupported, fmt::format("values of {} cannot be given", dtype_name(dtype))};
  }
}

// One value for all, those of one picture, or all.
Result<Tensor> tensor_of(const TensorInfo& info, const std::vector<double>& values, int batch) {
  SAKER_ASSIGN(const Shape shape, shape_of(info, batch, values.size()));
  SAKER_ASSIGN(Tensor tensor, Tensor::make(info.dtype, shape));
  const std::int64_t count = tensor.elements();
  const auto given = static_cast<std::int64_t>(values.size());
  const bool of_one = batch > 0 && !shape.empty() && shape[0] == batch && given * batch == count;
  if (given == 0 || (given != 1 && given != count && !of_one)) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the input \"{}\" {} takes {} values, {} are given", printable_name(info.name),
                             to_string(shape), count, given),
                 "inputs"};
  }
  for (std::int64_t i = 0; i < count; ++i) {
    auto stored = store_as(info.dtype, values[static_cast<std::size_t>(i % given)], tensor, i);
    if (!stored.ok()) return stored.error().with_context(fmt::format("the input \"{}\"", printable_name(info.name)));
  }
  return tensor;
}

Result<OtherInput> choose_one(const TensorInfo& info, std::size_t index, int batch, int height, int width,
                              const SpecOptions& options) {
  OtherInput other;
  other.index = index;
  std::vector<double> values;
  if (const auto given = options.inputs.find(info.name); given != options.inputs.end()) {
    values = given->second;
  } else if (const auto known = known_input(info, height, width)) {
    values.assign(known->values.begin(), known->values.end());
    other.note = fmt::format("the input {} gets {}: {}", info.name, fmt::join(known->values, ", "), known->meaning);
  } else {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("the input \"{}\" ({} {}) is no picture, and what it means is not known: give its values "
                             "(`inputs`)",
                             printable_name(info.name), dtype_name(info.dtype), to_string(info.shape)),
                 "inputs"};
  }
  SAKER_ASSIGN(other.values, tensor_of(info, values, batch));
  return other;
}

}  // namespace

Result<std::vector<OtherInput>> choose_other_inputs(const Model& model, std::size_t picture, int batch, int height,
                                                    int width, const SpecOptions& options) {
  const std::vector<TensorInfo>& inputs = model.inputs();
  for (const auto& [name, values] : options.inputs) {
    if (std::ranges::find(inputs, name, &TensorInfo::name) != inputs.end()) continue;
    std::string names;
    for (const TensorInfo& info : inputs) names += (names.empty() ? "" : ", ") + printable_name(info.name);
    return Error{ErrorCode::kInvalid,
                 fmt::format("`inputs` has values of \"{}\", which is none of the model's inputs: {}",
                             printable_name(name), names),
                 "inputs"};
  }
  std::vector<OtherInput> others;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (i == picture) continue;
    SAKER_ASSIGN(others.emplace_back(), choose_one(inputs[i], i, batch, height, width, options));
  }
  return others;
}

}  // namespace saker
