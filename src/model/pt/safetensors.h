// Weights as the library safetensors keeps them: eight bytes that say how long the JSON is which follows, in it each
// tensor's type, shape and place, then the numbers. Format: https://github.com/huggingface/safetensors
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"
#include "model/budget.h"
#include "model/pt/import.h"

namespace saker::pt {

// Whether the first bytes say so, of a file of `size` bytes.
bool is_safetensors(std::span<const std::byte> first, std::size_t size);

constexpr std::size_t kMaxHeader = std::size_t{4} << 20;  // of YOLOX-X: 150 KB

using TextMap = std::map<std::string, std::string, std::less<>>;

struct Safetensors {
  Weights weights;
  TextMap metadata;  // its texts
};

// Tensors lie where the file does. Errors: kInvalid (no such JSON; a tensor outside the file, on another one's bytes,
// or of another size than its shape; the tensor is named), kUnsupported (an element type), kLimit.
Result<Safetensors> read_safetensors(const FileBytes& file, Budget& budget);

// The same bytes for the same input. Wide elements come first, so that each lies at a multiple of its size. Error
// kLimit: a header of more than kMaxHeader.
Result<std::vector<std::byte>> safetensors_bytes(const Weights& weights, const TextMap& metadata);

}  // namespace saker::pt
