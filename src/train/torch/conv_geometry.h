// Attributes of convolutions as LibTorch's functions take them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "nets/module.h"

namespace saker::train {

// One number for both axes, or one for each.
inline std::vector<std::int64_t> pair_of(const nets::Module& of, std::string_view attribute, std::int64_t fallback) {
  std::vector<std::int64_t> list = of.integers(attribute);
  if (list.empty()) list = {fallback};
  if (list.size() == 1) list.push_back(list[0]);
  return list;
}

}  // namespace saker::train
