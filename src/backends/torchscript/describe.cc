#include "backends/torchscript/describe.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/try.h"

namespace saker::torchscript {
namespace {

constexpr std::array kTypes = {
    std::pair{DType::kFloat32, c10::ScalarType::Float},     std::pair{DType::kFloat16, c10::ScalarType::Half},
    std::pair{DType::kBFloat16, c10::ScalarType::BFloat16}, std::pair{DType::kFloat64, c10::ScalarType::Double},
    std::pair{DType::kInt8, c10::ScalarType::Char},         std::pair{DType::kUint8, c10::ScalarType::Byte},
    std::pair{DType::kInt16, c10::ScalarType::Short},       std::pair{DType::kInt32, c10::ScalarType::Int},
    std::pair{DType::kInt64, c10::ScalarType::Long},        std::pair{DType::kBool, c10::ScalarType::Bool},
};

// Of the weights: half-precision exports take half-precision pictures.
DType weight_type(const torch::jit::Module& module) {
  for (const at::Tensor& weight : module.parameters()) {
    if (!weight.is_floating_point()) continue;
    const auto type = from_torch(weight.scalar_type());
    if (type.ok()) return *type;
  }
  return DType::kFloat32;
}

Result<TensorInfo> describe_input(const torch::jit::Module& module) {
  const auto method = module.find_method("forward");
  if (!method) return Error{ErrorCode::kUnsupported, "the module has no forward()"};
  std::vector<std::string> required;
  for (const c10::Argument& argument : method->function().getSchema().arguments()) {
    if (argument.name() != "self" && !argument.default_value()) required.push_back(argument.name());
  }
  if (required.size() != 1) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("forward() takes {} arguments: only models of one input are run", required.size())};
  }
  return TensorInfo{required[0], weight_type(module), {-1, 3, -1, -1}, {"batch", "", "height", "width"}, true};
}

// As far as the type tells: how many tensors a list has is known after a run.
int count_outputs(const c10::Type& type) {
  if (const auto* tuple = type.castRaw<c10::TupleType>()) {
    int count = 0;
    for (const auto& element : tuple->elements()) count += count_outputs(*element);
    return count;
  }
  return 1;
}

// Class names as other exports write them: {0: "person", 1: "bicycle"}.
std::string names_of(const nlohmann::json& json) {
  if (!json.contains("names")) return "";
  std::string text;
  for (const auto& [key, name] : json["names"].items()) {
    if (!name.is_string()) return "";
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, name.dump());
  }
  return text.empty() ? "" : "{" + text + "}";
}

// "[480, 640]": "imgsz", or the end of "shape" where that is not open; else empty.
std::string size_of(const nlohmann::json& json) {
  const auto is_size = [](const nlohmann::json& side) { return side.is_number_integer() && side > 0; };
  for (const char* key : {"imgsz", "shape"}) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_array() || found->size() < 2) continue;
    const auto &height = (*found)[found->size() - 2], &width = found->back();
    if (is_size(height) && is_size(width)) return fmt::format("[{}, {}]", height.dump(), width.dump());
  }
  return "";
}

}  // namespace

Result<DType> from_torch(c10::ScalarType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  return Error{ErrorCode::kUnsupported, fmt::format("a tensor of LibTorch's type {}", c10::toString(type))};
}

c10::ScalarType to_torch(DType dtype) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == dtype) return theirs;
  }
  return c10::ScalarType::Undefined;
}

Result<ModelDescription> describe(const torch::jit::Module& module, const std::string& config) {
  ModelDescription out;
  SAKER_ASSIGN(TensorInfo input, describe_input(module));
  out.inputs.push_back(std::move(input));
  const auto& returns = module.get_method("forward").function().getSchema().returns();
  const int outputs = returns.empty() ? 0 : count_outputs(*returns[0].type());
  for (int i = 0; i < outputs; ++i) {
    out.outputs.push_back({fmt::format("output{}", i), out.inputs[0].dtype, {}, {}, false});
  }
  if (!config.empty()) {
    out.metadata["config.txt"] = config;
    const auto json = nlohmann::json::parse(config, nullptr, false);
    if (!json.is_object()) return out;
    if (std::string names = names_of(json); !names.empty()) out.metadata["names"] = std::move(names);
    if (std::string size = size_of(json); !size.empty()) out.metadata["imgsz"] = std::move(size);
  }
  return out;
}

}  // namespace saker::torchscript
