// Triton's binary tensor extension: raw little-endian tensors after a body's JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/api/oip_tensor.h"

namespace saker::serve {

struct BodyParts {
  std::string_view json;
  std::string_view binary;
  bool raw = false;  // there is no JSON: all of the body is the one input
};

// `header_length`: the value of Inference-Header-Content-Length, if there is one. Error kInvalid.
Result<BodyParts> split_body(std::string_view body, const std::optional<std::string>& header_length);

// Copies. Error kInvalid: another size than shape and type have; it does not name the input.
Result<Tensor> read_binary_numbers(std::string_view bytes, DType dtype, const Shape& shape);

// BYTES: each element its length in 4 bytes, then itself. They stay where they are. At most `most`.
Result<std::vector<std::string_view>> read_binary_texts(std::string_view bytes, const Shape& shape, std::size_t most);

std::size_t binary_size(const OipTensor& tensor);
void append_binary(const OipTensor& tensor, std::string& out);

}  // namespace saker::serve
