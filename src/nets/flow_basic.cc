// What all families are made of: a convolution with its normalization and activation, containers, single layers.
#include <array>

#include "nets/flow.h"

namespace saker::nets {
namespace {

Var convolution(Builder& b, const Module& m, Var x) {
  return b.conv(m, x);
}
Var transposed(Builder& b, const Module& m, Var x) {
  return b.conv_transpose(m, x);
}
Var normalization(Builder& b, const Module& m, Var x) {
  return b.batch_norm(m, x);
}
Var activation(Builder& b, const Module& m, Var x) {
  return b.activation(m, x);
}
Var identity(Builder& /*b*/, const Module& /*m*/, Var x) {
  return x;
}

Var sequence(Builder& b, const Module& m, Var x) {
  for (const Module& child : m.children) x = run(b, child, x);
  return x;
}

// A part that may be missing: fused files have no normalization, old ones no activation of their own.
Var run_if_there(Builder& b, const Module& m, std::string_view child, Var x) {
  return m.child(child) == nullptr ? x : run(b, m, child, x);
}

Var conv_bn_act(Builder& b, const Module& m, Var x) {
  return run_if_there(b, m, "act", run_if_there(b, m, "bn", run(b, m, "conv", x)));
}

// YOLOX: a convolution of each channel, then one across them.
Var depthwise_separable(Builder& b, const Module& m, Var x) {
  if (m.child("dconv") == nullptr) return conv_bn_act(b, m, x);  // DWConv of YOLOv5: a Conv in groups
  return run(b, m, "pconv", run(b, m, "dconv", x));
}

// Sums of convolutions side by side (RepVGG, Ding et al. 2021); fused files have one of them left.
Var rep_conv(Builder& b, const Module& m, Var x) {
  if (m.child("conv") != nullptr) return run_if_there(b, m, "act", run(b, m, "conv", x));
  Var sum = b.add(run(b, m, "conv1", x), run(b, m, "conv2", x));
  if (m.child("bn") != nullptr) sum = b.add(sum, run(b, m, "bn", x));
  return run_if_there(b, m, "act", sum);
}

Var rep_vgg_depthwise(Builder& b, const Module& m, Var x) {
  Var sum = run(b, m, "conv", x);
  if (m.child("conv1") != nullptr) sum = b.add(sum, run(b, m, "conv1", x));
  return run_if_there(b, m, "act", sum);
}

// The rows and columns of a picture apart: top left, bottom left, top right, bottom right.
Var focus(Builder& b, const Module& m, Var x) {
  const std::vector<Var> parts = {b.every_second(x, 0, 0), b.every_second(x, 1, 0), b.every_second(x, 0, 1),
                                  b.every_second(x, 1, 1)};
  return run(b, m, "conv", b.concat(parts, 1));
}

constexpr auto kFlows = std::to_array<FlowEntry>({
    {"BaseConv", conv_bn_act},
    {"BatchNorm2d", normalization},
    {"Conv", conv_bn_act},
    {"Conv2d", convolution},
    {"ConvTranspose2d", transposed},
    {"DWConv", depthwise_separable},
    {"DWConvTranspose2d", transposed},
    {"Dropout", identity},
    {"Focus", focus},
    {"Hardswish", activation},
    {"Identity", identity},
    {"LeakyReLU", activation},
    {"ReLU", activation},
    {"ReLU6", activation},
    {"RepConv", rep_conv},
    {"RepVGGDW", rep_vgg_depthwise},
    {"Sequential", sequence},
    {"SiLU", activation},
    {"Sigmoid", activation},
    {"Silence", identity},
});

}  // namespace

std::span<const FlowEntry> basic_flows() {
  return kFlows;
}

}  // namespace saker::nets
