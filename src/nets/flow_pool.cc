// Pools of several sizes side by side (SPP, He et al. 2014), and layers that change the size of a picture.
#include <array>

#include "nets/flow.h"

namespace saker::nets {
namespace {

Var max_pool(Builder& b, const Module& m, Var x) {
  PoolWindow window;
  window.kernel = m.integer("kernel_size", 0);
  window.stride = m.integer("stride", window.kernel);
  window.pad = m.integer("padding", 0);
  window.dilation = m.integer("dilation", 1);
  window.ceil_mode = m.flag("ceil_mode", false);
  if (window.kernel < 1) return b.fail(m, "its kernel size is missing");
  return b.max_pool(x, window);
}

Var upsample(Builder& b, const Module& m, Var x) {
  const double factor = m.number("scale_factor", 0);
  const std::string mode = m.text("mode");
  if (factor <= 0 || (!mode.empty() && mode != "nearest"))
    return b.fail(m, "only enlarging by a factor to the nearest neighbour is known");
  return b.upsample(x, factor);
}

Var zero_pad(Builder& b, const Module& m, Var x) {
  const std::vector<std::int64_t> pads = m.integers("padding");
  if (pads.size() != 4) return b.fail(m, "its padding is not four numbers");
  return b.pad(x, {pads[0], pads[2], pads[1], pads[3]});  // torch: left, right, top, bottom
}

// Pools of different sizes of the same values. YOLOX: SPPBottleneck.
Var spp(Builder& b, const Module& m, Var x) {
  const bool yolox = m.child("cv1") == nullptr;
  std::vector<Var> parts = {run(b, m, yolox ? "conv1" : "cv1", x)};
  const Module* pools = m.child("m");
  if (pools == nullptr) return b.fail(m, "it has no part 'm'");
  for (const Module& pool : pools->children) parts.push_back(run(b, pool, parts.front()));
  return run(b, m, yolox ? "conv2" : "cv2", b.concat(parts, 1));
}

// The same pool again and again, which comes to the same sizes.
Var sppf(Builder& b, const Module& m, Var x) {
  std::vector<Var> parts = {run(b, m, "cv1", x)};
  const std::int64_t times = m.integer("n", 3);
  if (times < 1 || times > 16) return b.fail(m, "an unlikely number of pools");
  for (std::int64_t i = 0; i < times; ++i) parts.push_back(run(b, m, "m", parts.back()));
  const Var y = run(b, m, "cv2", b.concat(parts, 1));
  return m.flag("add", false) ? b.add(x, y) : y;
}

Var spp_elan(Builder& b, const Module& m, Var x) {
  std::vector<Var> parts = {run(b, m, "cv1", x)};
  for (const char* pool : {"cv2", "cv3", "cv4"}) parts.push_back(run(b, m, pool, parts.back()));
  return run(b, m, "cv5", b.concat(parts, 1));
}

constexpr PoolWindow kSmooth = {.kernel = 2, .stride = 1};

Var a_conv(Builder& b, const Module& m, Var x) {
  return run(b, m, "cv1", b.average_pool(x, kSmooth));
}

Var a_down(Builder& b, const Module& m, Var x) {
  const std::vector<Var> halves = b.chunk(b.average_pool(x, kSmooth), 2);
  const Var pooled = b.max_pool(halves.back(), {.kernel = 3, .stride = 2, .pad = 1});
  return b.concat({run(b, m, "cv1", halves.front()), run(b, m, "cv2", pooled)}, 1);
}

Var sc_down(Builder& b, const Module& m, Var x) {
  return run(b, m, "cv2", run(b, m, "cv1", x));
}

constexpr auto kFlows = std::to_array<FlowEntry>({
    {"AConv", a_conv},
    {"ADown", a_down},
    {"MaxPool2d", max_pool},
    {"SCDown", sc_down},
    {"SPP", spp},
    {"SPPBottleneck", spp},
    {"SPPELAN", spp_elan},
    {"SPPF", sppf},
    {"Upsample", upsample},
    {"ZeroPad2d", zero_pad},
});

}  // namespace

std::span<const FlowEntry> pool_flows() {
  return kFlows;
}

}  // namespace saker::nets
