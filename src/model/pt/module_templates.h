// What objects of torch.nn's classes and of the frameworks' have in every file, whether or not a module says it.
#pragma once

#include <span>
#include <string_view>

#include "model/pt/pickle_writer.h"
#include "nets/module.h"

namespace saker::pt {

// Keys and values of the attributes: those of the module's class, derived or by default where the module lacks them,
// and what else the module has, but those of the names in `elsewhere`.
void put_attributes(PickleWriter& out, const nets::Module& module, std::span<const std::string_view> elsewhere);

void put(PickleWriter& out, const nets::Attribute& attribute);

// Parameters and buffers of the class, in the order of the files; empty: a class that has none of its own.
struct TensorNames {
  std::string_view type;
  std::span<const std::string_view> parameters, buffers;
};
TensorNames tensors_of(std::string_view type);

}  // namespace saker::pt
