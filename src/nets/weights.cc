// The weights of a network as one list, and from one network to another.
#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "graph/ops/common.h"
#include "graph/ops/convert.h"
#include "nets/families.h"

namespace saker::nets {
namespace {

constexpr std::string_view kCount = "num_batches_tracked";  // nothing depends on it

std::string full_name(const Module& module, const std::string& weight) {
  return module.path.empty() ? weight : module.path + "." + weight;
}

void list_weights(Module& module, std::vector<NamedWeight>& list) {
  for (const auto& [name, tensor] : module.weights) list.push_back({full_name(module, name), &module, name});
  for (Module& child : module.children) list_weights(child, list);
}

using ByName = std::map<std::string, const Tensor*, std::less<>>;

void index_weights(const Module& module, ByName& index) {
  for (const auto& [name, tensor] : module.weights) index.emplace(full_name(module, name), &tensor);
  for (const Module& child : module.children) index_weights(child, index);
}

// A copy in memory of its own, in the type of `own`; false: it cannot be had.
bool replace(Tensor& own, const Tensor& from) {
  if (own.dtype() != from.dtype() && (own.dtype() != DType::kFloat32 || !ops::contains(ops::kFloatTypes, from.dtype())))
    return false;
  auto copy = own.dtype() == from.dtype() ? to_dense(view_of(from)) : ops::converted(from, own.dtype());
  if (copy.ok()) own = std::move(*copy);
  return copy.ok();
}

}  // namespace

std::vector<NamedWeight> named_weights(Network& network) {
  std::vector<NamedWeight> list;
  for (Layer& layer : network.layers) list_weights(layer.module, list);
  return list;
}

Transfer take_weights(Network& into, const Network& from) {
  Transfer transfer;
  ByName there;
  const bool same_family = into.family == from.family;
  if (same_family) {
    for (const Layer& layer : from.layers) index_weights(layer.module, there);
  } else {
    transfer.left.push_back(fmt::format("they are of a network of {}, not of {}", from.family, into.family));
  }
  for (const NamedWeight& weight : named_weights(into)) {
    Tensor& own = weight.module->weights.at(weight.of_module);
    const bool counts = weight.of_module != kCount;
    if (counts) ++transfer.of;
    if (!same_family) continue;
    const auto found = there.find(weight.name);
    if (found == there.end()) {
      if (counts) transfer.left.push_back(weight.name + ": not there");
    } else if (found->second->shape() != own.shape()) {
      transfer.left.push_back(fmt::format("{}: {} there, {} here", printable_name(weight.name),
                                          to_string(found->second->shape()), to_string(own.shape())));
    } else if (!replace(own, *found->second)) {
      transfer.left.push_back(fmt::format("{}: {} there, {} here", printable_name(weight.name),
                                          dtype_name(found->second->dtype()), dtype_name(own.dtype())));
    } else if (counts) {
      ++transfer.taken;
    }
  }
  return transfer;
}

}  // namespace saker::nets
