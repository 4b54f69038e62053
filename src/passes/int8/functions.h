// Float arithmetic between 8-bit tensors: functions of one of them, and sums.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "passes/int8/quantization.h"

namespace saker {

// Q(f(x)) of one uint8 tensor x: 256 results. `why_not`, where f is arithmetic but no such function, says what it is.
struct ByteFunction {
  ValueId x = kNoValue;
  std::vector<std::uint8_t> table;
};
std::optional<ByteFunction> find_byte_function(const Graph& graph, const std::vector<std::int32_t>& producer,
                                               const Node& quantize, std::string& why_not);

// Q(f(x) + g(y) + ...) where f, g, ... are activations of values that have a form, as form_of says (null: none).
struct ByteSum {
  std::vector<ValueId> inputs;
  SumInt8Attrs attrs;
};
std::optional<ByteSum> find_byte_sum(const Graph& graph, const std::vector<std::int32_t>& producer,
                                     const Node& quantize, const std::function<const Form*(ValueId)>& form_of);

}  // namespace saker
