// What a training for 8 bits has observed of a network: the ranges of the values that are stored in 8 bits, and which
// convolutions read them. quantize/trained.h makes the 8-bit graph of it.
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace saker {

enum class StoredScales : std::uint8_t {
  kChannel,     // one for each channel of what convolutions read
  kTensor,      // one for each tensor of it
  kEverywhere,  // one a tensor, also of what goes in and out of the activations and sums between
};

struct ObservedRanges {
  StoredScales scales = StoredScales::kChannel;
  bool symmetric = false;          // zero points in the middle
  std::vector<std::string> convs;  // names of nodes
  std::map<std::string, Tensor, std::less<>>
      of_values{};  // by name (point_names): float32 [2, channels], lowest and highest
};

}  // namespace saker
