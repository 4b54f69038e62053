// Bottlenecks, and the blocks that send a part of the channels around them (CSPNet, Wang et al. 2019; ELAN, Wang et al.
// 2022).
#include <array>

#include "nets/flow.h"

namespace saker::nets {
namespace {

// The parts of YOLOX's blocks are called conv1, conv2, ... where the others say cv1, cv2, ...
std::string part(const Module& m, int i) {
  const std::string name = "cv" + std::to_string(i);
  return m.child(name) == nullptr ? "conv" + std::to_string(i) : name;
}

bool has_shortcut(const Module& m) {
  return m.flag("add", m.flag("use_add", false));
}

Var bottleneck(Builder& b, const Module& m, Var x) {
  const Var y = run(b, m, part(m, 2), run(b, m, part(m, 1), x));
  return has_shortcut(m) ? b.add(x, y) : y;
}

// C3, C3k, C3x, RepCSP, YOLOX's CSPLayer.
Var csp3(Builder& b, const Module& m, Var x) {
  const Var inner = run(b, m, "m", run(b, m, part(m, 1), x));
  return run(b, m, part(m, 3), b.concat({inner, run(b, m, part(m, 2), x)}, 1));
}

// YOLOv5 until 3.1: the normalization stands behind the concatenation.
Var bottleneck_csp(Builder& b, const Module& m, Var x) {
  const Var inner = run(b, m, "cv3", run(b, m, "m", run(b, m, "cv1", x)));
  const Var all = run(b, m, "bn", b.concat({inner, run(b, m, "cv2", x)}, 1));
  return run(b, m, "cv4", run(b, m, "act", all));
}

// Each of the blocks in `m` continues the one before it, from parts[last]; all are kept.
std::vector<Var> continued(Builder& b, const Module& m, std::vector<Var> parts) {
  const Module* blocks = m.child("m");
  if (blocks == nullptr) return {b.fail(m, "it has no part 'm'")};
  for (const Module& block : blocks->children) parts.push_back(run(b, block, parts.back()));
  return parts;
}

// C2f, C3k2, C2fCIB.
Var csp2(Builder& b, const Module& m, Var x) {
  return run(b, m, "cv2", b.concat(continued(b, m, b.chunk(run(b, m, "cv1", x), 2)), 1));
}

Var cib(Builder& b, const Module& m, Var x) {
  const Var y = run(b, m, "cv1", x);
  return has_shortcut(m) ? b.add(x, y) : y;
}

// ELAN1, RepNCSPELAN4.
Var elan(Builder& b, const Module& m, Var x) {
  const std::vector<Var> halves = b.chunk(run(b, m, "cv1", x), 2);
  const Var c = run(b, m, "cv2", halves.back());
  const Var d = run(b, m, "cv3", c);
  return run(b, m, "cv4", b.concat({halves.front(), halves.back(), c, d}, 1));
}

// Blocks of area attention, or of bottlenecks; with its own share of the input where there is a gamma.
Var a2c2f(Builder& b, const Module& m, Var x) {
  const Var y = run(b, m, "cv2", b.concat(continued(b, m, {run(b, m, "cv1", x)}), 1));
  const Tensor* gamma = m.weight("gamma");
  if (gamma == nullptr) return y;
  return b.add(x, b.multiply(b.parameter(m, "gamma", {1, gamma->elements(), 1, 1}), y));
}

constexpr auto kFlows = std::to_array<FlowEntry>({
    {"A2C2f", a2c2f},
    {"Bottleneck", bottleneck},
    {"BottleneckCSP", bottleneck_csp},
    {"C2f", csp2},
    {"C2fCIB", csp2},
    {"C3", csp3},
    {"C3k", csp3},
    {"C3k2", csp2},
    {"C3x", csp3},
    {"CIB", cib},
    {"CSPLayer", csp3},
    {"CrossConv", bottleneck},
    {"ELAN1", elan},
    {"RepBottleneck", bottleneck},
    {"RepCSP", csp3},
    {"RepNCSPELAN4", elan},
});

}  // namespace

std::span<const FlowEntry> csp_flows() {
  return kFlows;
}

}  // namespace saker::nets
