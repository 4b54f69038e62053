// Tensors in JSON: `data` of an input, nested as the shape or flat, and numbers as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/api/oip_tensor.h"

namespace saker::serve {

// `json` was checked by read_infer_head, which found the value that begins at `at`. Reads it without anything in
// between. Errors kInvalid: another number of elements than the shape has, another nesting, elements that the type
// cannot hold; they do not name the input.
Result<Tensor> read_json_numbers(std::string_view json, std::size_t at, DType dtype, const Shape& shape);

// BYTES: texts as they are, in UTF-8; at most `most`.
Result<std::vector<std::string>> read_json_texts(std::string_view json, std::size_t at, const Shape& shape,
                                                 std::size_t most);

// A flat list. Numbers are the shortest that give the same value when they are read as of the type; NaN and infinities,
// which JSON does not have, are null.
void append_json_numbers(const Tensor& tensor, std::string& out);
void append_json_texts(const std::vector<std::string>& texts, std::string& out);
// With the quotes; bytes that are no UTF-8 become U+FFFD.
void append_json_text(std::string_view text, std::string& out);

}  // namespace saker::serve
