// NonMaxSuppression inside the graph, for any number of pictures: what is kept is marked in a tensor of all cells,
// whose best are the rows.
#include "nets/heads.h"

namespace saker::nets {
namespace {

// The scores of each cell's best class, [batch, classes, cells]; 0 for the others.
Var best_only(GraphBuilder& b, Var scores, Var best) {
  NetworkBuilder& g = b.graph();
  const Var is_best = g.add(Op::kCast, {g.add(Op::kGreaterOrEqual, {scores, best})}, CastAttrs{DType::kFloat32});
  return b.transpose(b.multiply(scores, is_best), {0, 2, 1});
}

// Scores [batch, cells] of what suppression leaves; 0 elsewhere.
Var kept_scores(GraphBuilder& b, Var boxes, Var by_class, Var best, const GraphOptions& options) {
  NetworkBuilder& g = b.graph();
  const Var most = g.ints({options.most_boxes}), iou = g.floats({1}, {options.iou}),
            confidence = g.floats({1}, {options.confidence}), picture_and_cell = g.ints({0, 2});
  const Var chosen = g.add(Op::kNonMaxSuppression, {boxes, by_class, most, iou, confidence}, NonMaxSuppressionAttrs{});
  const Var places = g.add(Op::kGather, {chosen, picture_and_cell}, AxisAttrs{1});
  const Var marks = g.add(Op::kGatherND, {best, places}, BatchDimsAttrs{});
  const Var nothing = b.scale(best, 0);
  return g.add(Op::kScatterND, {nothing, places, marks}, ScatterNDAttrs{});
}

}  // namespace

Var as_corners(GraphBuilder& b, Var boxes) {
  const std::vector<Var> parts = b.split(boxes, {2, 2}, 2);
  const Var half = b.scale(parts[1], 0.5);
  return b.concat({b.graph().add(Op::kSub, {parts[0], half}), b.add(parts[0], half)}, 2);
}

void add_suppressed_rows(GraphBuilder& b, Var boxes, Var scores, const GraphOptions& options) {
  NetworkBuilder& g = b.graph();
  const Var classes_axis = g.ints({-1}), last_axis = g.ints({2}), limit = g.ints({options.most_boxes});
  const Var best = g.add(Op::kReduceMax, {scores, classes_axis}, ReduceAttrs{.keepdims = false});
  const Var of_cell = g.add(Op::kUnsqueeze, {best, last_axis});
  const Var label = g.add(Op::kArgMax, {scores}, ArgMaxAttrs{.axis = -1, .keepdims = true});
  const Var kept = kept_scores(b, boxes, best_only(b, scores, of_cell), best, options);
  const Var count = g.add(Op::kMin, {b.extents(boxes, 1, 2), limit});
  const std::vector<Var> top = g.add(Op::kTopK, {kept, count}, TopKAttrs{}, 2);
  const Var score = g.add(Op::kUnsqueeze, {top[0], last_axis}), cell = g.add(Op::kUnsqueeze, {top[1], last_axis});
  const Var number = g.add(Op::kCast, {label}, CastAttrs{DType::kFloat32});
  const Var box_and_class = rows_at(b, b.concat({boxes, number}, 2), cell, 5);
  const Var zero = g.scalar(0);
  const Var is_box = g.add(Op::kCast, {g.add(Op::kGreater, {score, zero})}, CastAttrs{DType::kFloat32});
  const std::vector<Var> parts = b.split(b.multiply(box_and_class, is_box), {4, 1}, 2);
  const Var rows = b.concat({parts[0], score, parts[1]}, 2);
  g.named("output0").output(rows);
}

}  // namespace saker::nets
