#include "base/sparse_pattern.h"

#include <array>
#include <utility>

namespace saker {
namespace {

constexpr std::array<std::pair<SparsePattern, std::string_view>, 6> kNames = {{
    {SparsePattern::kUnstructured, "unstructured"},
    {SparsePattern::kBlock4, "block4"},
    {SparsePattern::k2x4, "2x4"},
    {SparsePattern::k4x4, "4x4"},
    {SparsePattern::kTwoOfFour, "2:4"},
    {SparsePattern::kChannel, "channel"},
}};

std::int64_t ceil_of(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

std::string_view name_of(SparsePattern pattern) {
  for (const auto& [named, name] : kNames) {
    if (named == pattern) return name;
  }
  return "";
}

std::optional<SparsePattern> sparse_pattern(std::string_view name) {
  for (const auto& [pattern, named] : kNames) {
    if (named == name) return pattern;
  }
  return std::nullopt;
}

std::optional<BlockSize> block_size(SparsePattern pattern) {
  switch (pattern) {
    case SparsePattern::kUnstructured:
      return BlockSize{1, 1};
    case SparsePattern::kBlock4:
      return BlockSize{1, 4};
    case SparsePattern::k2x4:
      return BlockSize{2, 4};
    case SparsePattern::k4x4:
      return BlockSize{4, 4};
    default:
      return std::nullopt;
  }
}

std::int64_t count_blocks(const WeightDims& dims, const BlockSize& block) {
  return ceil_of(dims.out_c, block.outputs) * ceil_of(dims.in_c, block.inputs) * dims.taps;
}

}  // namespace saker
