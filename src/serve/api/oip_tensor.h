// Tensors as the Open Inference Protocol names and carries them.
#pragma once

#include <saker/tensor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker::serve {

constexpr std::size_t kMostDimensions = 32;

const char* oip_name(DType dtype);                           // "FP32", "BOOL", ...
std::optional<DType> dtype_from_oip(std::string_view name);  // nothing: none of saker's, such as BYTES

// Of an answer: numbers, or BYTES, whose elements are texts.
struct OipTensor {
  std::string name = {};
  Tensor numbers = {};
  bool is_bytes = false;
  Shape shape = {};  // of BYTES
  std::vector<std::string> texts = {};
  bool binary = false;  // after the JSON rather than in it

  const Shape& extents() const { return is_bytes ? shape : numbers.shape(); }
};

// How many elements a shape has that a client has sent. Error kInvalid: negative, too many.
Result<std::int64_t> checked_count(const Shape& shape);

}  // namespace saker::serve
