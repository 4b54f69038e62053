// YOLOX: for each cell a box as offsets from the cell and logarithms of sizes, its objectness, and a score for each
// class; its exporter leaves the boxes undecoded.
#include <fmt/format.h>

#include "nets/heads.h"

namespace saker::nets {
namespace {

// [batch, 5 + classes, height, width]: box, objectness, classes; the last two as probabilities unless they are wanted
// raw.
Var level_map(GraphBuilder& b, const Module& head, std::size_t level, Var x, const GraphOptions& options) {
  const bool raw = options.head == HeadForm::kRaw;
  const auto probability = [&](Var v) { return raw ? v : b.graph().add(Op::kSigmoid, {v}); };
  const std::vector<Var> maps = level_maps(b, head, level, x, "");
  output_maps(b, level, maps, options);
  return b.concat({maps[0], probability(maps[1]), probability(maps[2])}, 1);
}

// Boxes [batch, cells, 4] as corners: centre = (x + cell) stride, size = exp(x) stride (Ge et al. 2021).
Var decoded(GraphBuilder& b, const Network& network, std::span<const Var> levels, Var boxes) {
  std::vector<Var> points, strides;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    points.push_back(cell_points(b, levels[i], 0));
    strides.push_back(for_each_cell(b, levels[i], static_cast<float>(network.strides[i])));
  }
  const Var cell = b.transpose(b.concat(std::move(points), 2), {0, 2, 1}),
            stride = b.transpose(b.concat(std::move(strides), 2), {0, 2, 1});
  const std::vector<Var> parts = b.split(boxes, {2, 2}, 2);
  const Var centre_and_size = b.concat({b.add(parts[0], cell), b.graph().add(Op::kExp, {parts[1]})}, 2);
  return as_corners(b, b.multiply(centre_and_size, stride));
}

}  // namespace

void add_yolox_head(GraphBuilder& b, const Network& network, std::span<const Var> levels, const GraphOptions& options) {
  const Module& head = network.layers.back().module;
  if (!has_levels(b, head, levels.size(), "")) return;
  if (options.head == HeadForm::kEndToEnd) {
    b.fail(head, "it has no one-to-one head");
    return;
  }
  const bool raw = options.head == HeadForm::kRaw;
  std::vector<Var> cells;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Var map = level_map(b, head, i, levels[i], options);
    if (raw) b.graph().named(fmt::format("output{}", i)).output(map);
    cells.push_back(raw ? kNothing : b.reshape(map, {0, network.classes + 5, -1}));
  }
  if (raw) return;
  const Var rows = b.transpose(b.concat(std::move(cells), 2), {0, 2, 1});
  if (options.head == HeadForm::kSuppressed) {
    const std::vector<Var> parts = b.split(rows, {4, 1, network.classes}, 2);
    return add_suppressed_rows(b, decoded(b, network, levels, parts[0]), b.multiply(parts[1], parts[2]), options);
  }
  b.graph().named("output").output(rows);
}

}  // namespace saker::nets
