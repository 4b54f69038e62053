// Ultralytics' head since YOLOv8: for each cell the distances to the four sides of a box, plain (reg_max 1) or as a
// distribution over reg_max lengths (Li et al. 2020), and a score for each class.
#include <fmt/format.h>

#include "nets/heads.h"

namespace saker::nets {
namespace {

struct Maps {
  std::vector<Var> boxes, scores;  // one for each level
};

// Which of the two heads: "" or "one2one_".
Maps maps_of(GraphBuilder& b, const Module& head, std::span<const Var> levels, const std::string& which,
             const GraphOptions& options) {
  Maps maps;
  if (!has_levels(b, head, levels.size(), which)) return maps;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::vector<Var> of_level = level_maps(b, head, i, levels[i], which);
    output_maps(b, i, of_level, options);
    maps.boxes.push_back(of_level[0]);
    maps.scores.push_back(of_level[1]);
  }
  return maps;
}

// The cells of all levels behind one another, [batch, channels, cells].
Var all_cells(GraphBuilder& b, const std::vector<Var>& maps, std::int64_t channels) {
  std::vector<Var> flat;
  for (const Var map : maps) flat.push_back(b.reshape(map, {0, channels, -1}));
  return b.concat(std::move(flat), 2);
}

// [batch, 4 * reg_max, cells] to [batch, 4, cells]: what the distributions say on average.
Var expected(GraphBuilder& b, const Module& head, Var boxes, std::int64_t reg_max) {
  if (reg_max == 1) return boxes;
  const Module* dfl = head.child("dfl");
  const Module* lengths = dfl == nullptr ? nullptr : dfl->child("conv");
  if (lengths == nullptr) return b.fail(head, "it has no part 'dfl'");
  const Var lengths_last = b.transpose(b.reshape(boxes, {0, 4, reg_max, -1}), {0, 1, 3, 2});
  const Var shares = b.transpose(b.softmax(lengths_last, -1), {0, 3, 1, 2});
  return b.reshape(b.conv(*lengths, shares), {0, 4, -1});
}

struct Cells {
  Var points = kNothing, strides = kNothing;
};

Cells cells_of(GraphBuilder& b, const Network& network, const std::vector<Var>& maps) {
  std::vector<Var> points, strides;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    points.push_back(cell_points(b, maps[i], 0.5F));
    strides.push_back(for_each_cell(b, maps[i], static_cast<float>(network.strides[i])));
  }
  return {b.concat(points, 2), b.concat(strides, 2)};
}

// Corners of the boxes in cells: centre minus and plus distances.
std::vector<Var> corners(GraphBuilder& b, Var distances, Var points) {
  const std::vector<Var> sides = b.split(distances, {2, 2}, 1);
  return {b.graph().add(Op::kSub, {points, sides[0]}), b.add(points, sides[1])};
}

// Centre and size in pixels, scores: [batch, 4 + classes, cells].
Var decoded(GraphBuilder& b, const std::vector<Var>& corner, Var strides, Var scores) {
  const Var centre = b.scale(b.add(corner[0], corner[1]), 0.5);
  const Var size = b.graph().add(Op::kSub, {corner[1], corner[0]});
  const Var boxes = b.multiply(b.concat({centre, size}, 1), strides);
  return b.concat({boxes, scores}, 1);
}

// The best cells by their best class, then the best of all their scores: [batch, most, 6].
Var best_rows(GraphBuilder& b, const std::vector<Var>& corner, Var strides, Var scores, std::int64_t classes,
              std::int64_t most) {
  NetworkBuilder& g = b.graph();
  const Var boxes = b.transpose(b.multiply(b.concat(corner, 1), strides), {0, 2, 1});
  const Var by_cell = b.transpose(scores, {0, 2, 1});
  // No more than there are cells.
  const Var limit = g.ints({most}), classes_axis = g.ints({-1}), last_axis = g.ints({2});
  const Var count = g.add(Op::kMin, {b.extents(by_cell, 1, 2), limit});
  const Var best_class = g.add(Op::kReduceMax, {by_cell, classes_axis}, ReduceAttrs{.keepdims = false});
  const Var cells = g.add(Op::kUnsqueeze, {g.add(Op::kTopK, {best_class, count}, TopKAttrs{}, 2)[1], last_axis});
  const Var chosen = rows_at(b, by_cell, cells, classes), chosen_boxes = rows_at(b, boxes, cells, 4);
  const std::vector<Var> best = g.add(Op::kTopK, {b.reshape(chosen, {0, -1}), count}, TopKAttrs{}, 2);
  const Var of = g.ints({classes});
  const Var row = g.add(Op::kUnsqueeze, {g.add(Op::kDiv, {best[1], of}), last_axis});
  const Var label = g.add(Op::kCast, {g.add(Op::kMod, {best[1], of}, ModAttrs{})}, CastAttrs{DType::kFloat32});
  const Var score = g.add(Op::kUnsqueeze, {best[0], last_axis});
  return b.concat({rows_at(b, chosen_boxes, row, 4), score, g.add(Op::kUnsqueeze, {label, last_axis})}, 2);
}

}  // namespace

void add_distance_head(GraphBuilder& b, const Network& network, std::span<const Var> levels,
                       const GraphOptions& options) {
  const Module& head = network.layers.back().module;
  const bool end_to_end = options.head == HeadForm::kEndToEnd;
  if (end_to_end && !is_end_to_end(head)) {
    b.fail(head, "it has no one-to-one head");
    return;
  }
  const std::int64_t classes = network.classes, reg_max = head.integer("reg_max", 16);
  if (classes < 1 || reg_max < 1) {
    b.fail(head, "its number of classes or of lengths is missing");
    return;
  }
  const Maps maps = maps_of(b, head, levels, end_to_end ? "one2one_" : "", options);
  if (!b.status().ok()) return;
  NetworkBuilder& g = b.graph();
  if (options.head == HeadForm::kRaw) {
    for (std::size_t i = 0; i < maps.boxes.size(); ++i) {
      const Var both = b.concat({maps.boxes[i], maps.scores[i]}, 1);
      g.named(fmt::format("output{}", i)).output(both);
    }
    return;
  }
  const Var distances = expected(b, head, all_cells(b, maps.boxes, 4 * reg_max), reg_max);
  const Var scores = g.add(Op::kSigmoid, {all_cells(b, maps.scores, classes)});
  const Cells cells = cells_of(b, network, maps.boxes);
  const std::vector<Var> corner = corners(b, distances, cells.points);
  if (options.head == HeadForm::kSuppressed) {
    const Var boxes = b.transpose(b.multiply(b.concat(corner, 1), cells.strides), {0, 2, 1});
    return add_suppressed_rows(b, boxes, b.transpose(scores, {0, 2, 1}), options);
  }
  const Var rows = end_to_end ? best_rows(b, corner, cells.strides, scores, classes, options.most_boxes)
                              : decoded(b, corner, cells.strides, scores);
  g.named("output0").output(rows);
}

}  // namespace saker::nets
