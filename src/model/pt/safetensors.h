// Weights as the library safetensors keeps them: eight bytes that say how long the JSON is which follows, in it each
// tensor's type, shape and place, then the numbers. Format: https://github.com/huggingface/safetensors
#pragma once

#include <saker/result.h>

#include "base/files.h"
#include "model/budget.h"
#include "model/pt/import.h"

namespace saker::pt {

// Whether the first bytes say so, of a file of `size` bytes.
bool is_safetensors(std::span<const std::byte> first, std::size_t size);

// Tensors lie where the file does. Errors: kInvalid (no such JSON; a tensor outside the file, on another one's bytes,
// or of another size than its shape; the tensor is named), kUnsupported (an element type), kLimit.
Result<Weights> read_safetensors(const FileBytes& file, Budget& budget);

}  // namespace saker::pt
