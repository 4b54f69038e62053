// Modules of a network out of what a pickle made of torch.nn's objects.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/pt/pickle.h"
#include "model/pt/tensors.h"
#include "nets/module.h"

namespace saker::pt {

// Whether the value is an object with parts or parameters, as torch.nn.Module keeps them.
bool is_module(const Value& value);

// The module and all its parts. Errors of its tensors; kLimit: too many modules, or too deep (objects may contain each
// other in a circle).
Result<nets::Module> read_module(const Pickle& pickle, const Value& value, TensorReader& tensors);

// Numbers that training changes, of the module and its parts: no buffers.
std::int64_t parameters_of(const nets::Module& module);
// What is kept beside the parameters and not trained: running means, anchors.
bool is_buffer(std::string_view weight);

// A plain value of the state of an object; null: none of that name.
const Value* attribute_of(const Value& object, std::string_view name);
// Names of classes, from a list or from a dictionary of numbers; empty: it is neither.
std::vector<std::string> names_of(const Value& value);
// Numbers of a list or tuple; empty: there is something else in it.
std::vector<double> numbers_of(const Value& value);

}  // namespace saker::pt
