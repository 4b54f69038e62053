// A network of a few hundred weights, for tests of what surrounds networks.
#pragma once

#include "nets/families.h"

namespace saker::train {

inline nets::Network tiny_network() {
  nets::FamilyOptions options;
  options.names = {"cat", "dog"};
  constexpr const char* kYaml = R"(
nc: 2
backbone:
  - [-1, 1, Conv, [8, 3, 2]]
  - [-1, 1, Conv, [8, 3, 2]]
  - [-1, 1, Conv, [8, 3, 2]]
  - [-1, 1, Conv, [8, 3, 2]]
  - [-1, 1, Conv, [8, 3, 2]]
head:
  - [[2, 3, 4], 1, Detect, [nc]]
)";
  return std::move(*nets::network_from_yaml(kYaml, "tiny.yaml", options));
}

}  // namespace saker::train
