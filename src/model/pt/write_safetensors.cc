#include <fmt/format.h>

#include "base/text.h"
#include "base/try.h"
#include "model/pt/description.h"
#include "model/pt/safetensors.h"
#include "model/pt/write.h"

namespace saker::pt {
namespace {

Status add_weight(std::string name, const Tensor& tensor, Weights& weights) {
  const auto [at, added] = weights.emplace(std::move(name), tensor);
  if (added) return {};
  return Error{ErrorCode::kInvalid, fmt::format("two weights are called '{}'", printable_name(at->first))};
}

Status add_weights(const nets::Module& module, Weights& weights) {
  for (const auto& [name, tensor] : module.weights) SAKER_TRY(add_weight(weight_name(module, name), tensor, weights));
  for (const nets::Module& child : module.children) SAKER_TRY(add_weights(child, weights));
  return {};
}

}  // namespace

Result<std::vector<std::byte>> write_safetensors(const nets::Network& network,
                                                 const std::map<std::string, std::string>& metadata,
                                                 const std::map<std::string, Tensor>& more) {
  TextMap texts(metadata.begin(), metadata.end());
  texts.emplace("format", "pt");  // whose tensors they are: a convention of the library
  SAKER_ASSIGN(texts[std::string(kDescriptionKey)], describe_network(network));
  Weights weights;
  for (const nets::Layer& layer : network.layers) SAKER_TRY(add_weights(layer.module, weights));
  if (network.observed) {
    for (const auto& [name, tensor] : network.observed->of_values)
      SAKER_TRY(add_weight(std::string(kRangesPrefix) + name, tensor, weights));
  }
  for (const auto& [name, tensor] : more) SAKER_TRY(add_weight(std::string(kMorePrefix) + name, tensor, weights));
  return safetensors_bytes(weights, texts);
}

}  // namespace saker::pt
