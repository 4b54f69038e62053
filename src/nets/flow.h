// How a picture flows through the modules of the YOLO families: each class once, whatever the builder. The flows are
// those of the classes of YOLOv5, Ultralytics and YOLOX by the names that checkpoints hold; structure (how many blocks,
// which kernels, which activation) is read off the modules, never assumed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nets/builder.h"

namespace saker::nets {

// Of one input. Unknown classes fail with their name and place, and the list of what is known.
Var run(Builder& b, const Module& module, Var x);
// Of its child of that name, which must be there.
Var run(Builder& b, const Module& module, std::string_view child, Var x);

// Layers that several others feed, or whose outputs others pick from: Concat, CBLinear, CBFuse, and all of run().
std::vector<Var> run_layer(Builder& b, const Module& module, std::span<const std::vector<Var>> inputs);

std::string known_modules();  // "A2C2f, AConv, ..."

// By the class of the module, one file a group: null where it has none of that name.
using FlowFn = Var (*)(Builder&, const Module&, Var);
struct FlowEntry {
  std::string_view type;
  FlowFn flow;
};
std::span<const FlowEntry> basic_flows();      // convolution with normalization and activation, containers, pools
std::span<const FlowEntry> csp_flows();        // bottlenecks and the blocks that split channels around them
std::span<const FlowEntry> pool_flows();       // SPP and what changes the size of a picture
std::span<const FlowEntry> attention_flows();  // PSA, area attention

}  // namespace saker::nets
