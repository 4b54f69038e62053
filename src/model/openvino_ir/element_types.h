// Element types by the names that IR has for them.
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <optional>
#include <string_view>

namespace saker::openvino_ir {

// Of an attribute ("f32", "boolean"). Error kUnsupported: one that saker lacks.
Result<DType> element_type(std::string_view name);
// Of a port ("FP32"). Empty: one that saker lacks.
std::optional<DType> port_precision(std::string_view name);

const char* element_name(DType dtype);
const char* precision_name(DType dtype);

}  // namespace saker::openvino_ir
