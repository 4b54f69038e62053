// Networks to checkpoints: files that the frameworks open as their own, and safetensors with the network's description.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
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

// Before the names of `more` in a file of write_safetensors, and before the keys of `metadata` that are arguments of
// the training.
inline constexpr std::string_view kMorePrefix = "state.", kArgumentPrefix = "args.";

// safetensors: the weights by their names ("model.0.conv.weight") and of their types, in "__metadata__" the description
// that read_network makes the network of again, and `metadata`, of which checkpoint_facts shows "date", "version",
// "epoch" (a whole number) and the arguments. `more`: further tensors, which read_network passes over; read_safetensors
// gives them and the metadata again. Errors: kInvalid (two weights of one name), kLimit.
Result<std::vector<std::byte>> write_safetensors(const nets::Network& network,
                                                 const std::map<std::string, std::string>& metadata,
                                                 const std::map<std::string, Tensor>& more = {});

}  // namespace saker::pt
