// Networks to checkpoints: files that the frameworks open as their own, and safetensors with the network's description.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nets/network.h"

namespace saker::pt {

// What a training knows beside the weights.
struct TrainingFacts {
  std::string date;                                            // ISO 8601
  std::int64_t epoch = -1;                                     // -1: ended
  std::vector<std::pair<std::string, std::string>> arguments;  // train_args / opt; values as YAML writes them
};

// A .pt that Ultralytics (v8, 11), YOLOv5, or YOLOX (a state dictionary) opens; weights in float16 as theirs, but
// YOLOX's float32.
Result<std::vector<std::byte>> write_checkpoint(const nets::Network& network, const TrainingFacts& facts);

// safetensors: the weights by their names, in "__metadata__" the description that read_network makes the network of
// again, and `metadata`. `more`: further tensors, which read_network passes over.
Result<std::vector<std::byte>> write_safetensors(const nets::Network& network,
                                                 const std::map<std::string, std::string>& metadata,
                                                 const std::map<std::string, Tensor>& more = {});

}  // namespace saker::pt
