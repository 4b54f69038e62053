// YOLOv3 to v5: for each cell and anchor a box, its objectness, and a score for each class.
#include <fmt/format.h>

#include "nets/heads.h"

namespace saker::nets {
namespace {

struct Anchors {
  std::int64_t each = 0;      // of a level
  std::vector<float> pixels;  // width and height of each, level by level
};

// Empty: they do not fit.
Anchors anchors_of(const Network& network, std::size_t levels) {
  const Shape& shape = network.layers.back().module.weight("anchors")->shape();
  if (shape.size() != 3 || shape[0] != static_cast<std::int64_t>(levels) || shape[1] < 1 || shape[2] != 2) return {};
  if (network.strides.size() != levels) return {};
  Anchors anchors = {shape[1], anchors_in_pixels(network)};
  return anchors.pixels.empty() ? Anchors{} : anchors;
}

// [batch, anchors * values, height, width] as [batch, anchors, height, width, values].
Var by_anchor(GraphBuilder& b, Var map, std::int64_t anchors, std::int64_t values) {
  NetworkBuilder& g = b.graph();
  const Var parts = g.ints({anchors, values});
  const Var shape = g.concat({b.extents(map, 0, 1), parts, b.extents(map, 2, 4)}, 0);
  return b.transpose(g.add(Op::kReshape, {map, shape}, ReshapeAttrs{}), {0, 1, 3, 4, 2});
}

// x and y of each cell minus 1/2, [1, 1, height, width, 2].
Var corner_points(GraphBuilder& b, Var map) {
  NetworkBuilder& g = b.graph();
  const Var ones = g.ints({1, 1}), two = g.ints({2});
  const Var shape = g.concat({ones, b.extents(map, 2, 4), two}, 0);
  return g.add(Op::kReshape, {b.transpose(cell_points(b, map, -0.5F), {0, 2, 1}), shape}, ReshapeAttrs{});
}

// xy = (2 s - 1/2 + cell) stride, wh = (2 s)^2 anchor, for s = sigmoid(x) (YOLOv5, 2020).
Var decoded(GraphBuilder& b, Var map, const float* anchors, std::int64_t each, double stride, std::int64_t values) {
  NetworkBuilder& g = b.graph();
  const Var all = g.add(Op::kSigmoid, {by_anchor(b, map, each, values)});
  const std::vector<Var> parts = b.split(all, {2, 2, values - 4}, 4);
  const Var xy = b.scale(b.add(b.scale(parts[0], 2), corner_points(b, map)), stride);
  const Var twice = b.scale(parts[1], 2);
  const Var sizes = g.floats({1, each, 1, 1, 2}, std::vector<float>(anchors, anchors + 2 * each));
  const Var wh = b.multiply(b.multiply(twice, twice), sizes);
  return b.reshape(b.concat({xy, wh, parts[2]}, 4), {0, -1, values});
}

}  // namespace

std::vector<float> anchors_in_pixels(const Network& network) {
  const Tensor* cells = network.layers.back().module.weight("anchors");
  if (cells == nullptr || network.strides.empty()) return {};
  std::vector<float> pixels = numbers_of(*cells);
  const std::size_t of_level = pixels.size() / network.strides.size();
  if (of_level * network.strides.size() != pixels.size()) return {};
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] *= static_cast<float>(network.strides[i / of_level]);
  return pixels;
}

void add_anchor_head(GraphBuilder& b, const Network& network, std::span<const Var> levels,
                     const GraphOptions& options) {
  const Module& head = network.layers.back().module;
  const Anchors anchors = anchors_of(network, levels.size());
  if (anchors.each == 0) {
    b.fail(head, fmt::format("its anchors do not fit its {} inputs", levels.size()));
    return;
  }
  if (!has_levels(b, head, levels.size(), "")) return;
  if (options.head == HeadForm::kEndToEnd) {
    b.fail(head, "it has no one-to-one head");
    return;
  }
  const std::int64_t values = network.classes + 5;
  std::vector<Var> boxes;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::vector<Var> maps = level_maps(b, head, i, levels[i], "");
    output_maps(b, i, maps, options);
    const Var map = maps[0];
    if (options.head == HeadForm::kRaw) {
      const Var apart = by_anchor(b, map, anchors.each, values);
      b.graph().named(fmt::format("output{}", i)).output(apart);
      continue;
    }
    const float* sizes = anchors.pixels.data() + 2 * anchors.each * static_cast<std::int64_t>(i);
    boxes.push_back(decoded(b, map, sizes, anchors.each, network.strides[i], values));
  }
  if (options.head == HeadForm::kRaw) return;
  const Var all = b.concat(std::move(boxes), 1);
  if (options.head == HeadForm::kSuppressed) {
    const std::vector<Var> parts = b.split(all, {4, 1, network.classes}, 2);
    return add_suppressed_rows(b, as_corners(b, parts[0]), b.multiply(parts[1], parts[2]), options);
  }
  b.graph().named("output0").output(all);
}

}  // namespace saker::nets
