#include "nets/heads.h"

#include <fmt/format.h>

#include "graph/ops/common.h"
#include "graph/ops/convert.h"

namespace saker::nets {

HeadFamily head_family(const Module& head) {
  if (head.child("cv2") != nullptr && head.child("cv3") != nullptr) return HeadFamily::kDistances;
  if (head.child("reg_preds") != nullptr && head.child("obj_preds") != nullptr) return HeadFamily::kYolox;
  if (head.child("m") != nullptr && head.weight("anchors") != nullptr) return HeadFamily::kAnchors;
  return HeadFamily::kNone;
}

bool is_end_to_end(const Module& head) {
  return head.child("one2one_cv2") != nullptr && head.child("one2one_cv3") != nullptr;
}

void add_head(GraphBuilder& b, const Network& network, std::span<const Var> levels, const GraphOptions& options) {
  const Module& head = network.layers.back().module;
  if (levels.empty() || levels.size() != network.strides.size()) {
    b.fail(head, "its levels and their strides differ in number");
    return;
  }
  switch (head_family(head)) {
    case HeadFamily::kDistances:
      return add_distance_head(b, network, levels, options);
    case HeadFamily::kAnchors:
      return add_anchor_head(b, network, levels, options);
    case HeadFamily::kYolox:
      return add_yolox_head(b, network, levels, options);
    case HeadFamily::kNone:
      b.fail(head, "saker does not know this head");
  }
}

std::vector<float> numbers_of(const Tensor& tensor) {
  if (!ops::contains(ops::kFloatTypes, tensor.dtype())) return {};
  const auto wide = ops::converted(tensor, DType::kFloat32);
  if (!wide.ok()) return {};
  return {wide->data<float>(), wide->data<float>() + wide->elements()};
}

namespace {

// 0, 1, ... up to an extent of the map, plus offset: float32.
Var counted(GraphBuilder& b, Var map, std::int64_t axis, float offset) {
  NetworkBuilder& g = b.graph();
  const Var none = g.ints({0}), one = g.ints({1});
  const auto number = [&](Var list) { return g.add(Op::kSqueeze, {list, none}); };
  const Var first = number(none), step = number(one), end = number(b.extents(map, axis, axis + 1));
  const Var all = g.add(Op::kCast, {g.add(Op::kRange, {first, end, step})}, CastAttrs{DType::kFloat32});
  const Var by = g.scalar(offset);
  return g.add(Op::kAdd, {all, by});
}

}  // namespace

void output_maps(GraphBuilder& b, std::size_t level, std::span<const Var> maps, const GraphOptions& options) {
  if (!options.maps_too) return;
  for (std::size_t i = 0; i < maps.size(); ++i) b.graph().named(fmt::format("map{}.{}", level, i)).output(maps[i]);
}

Var cell_points(GraphBuilder& b, Var map, float offset) {
  NetworkBuilder& g = b.graph();
  const Var ones = g.ints({1, 1});
  const Var size = g.concat({ones, b.extents(map, 2, 4)}, 0);
  const auto spread = [&](Var line) { return b.reshape(g.add(Op::kExpand, {line, size}), {1, 1, -1}); };
  const Var x = spread(b.reshape(counted(b, map, 3, offset), {1, 1, 1, -1}));
  const Var y = spread(b.reshape(counted(b, map, 2, offset), {1, 1, -1, 1}));
  return g.concat({x, y}, 1);
}

Var for_each_cell(GraphBuilder& b, Var map, float value) {
  NetworkBuilder& g = b.graph();
  const Var ones = g.ints({1, 1});
  const Var cells = g.add(Op::kMul, {b.extents(map, 2, 3), b.extents(map, 3, 4)});
  const Var number = g.floats({1, 1, 1}, {value});
  const Var size = g.concat({ones, cells}, 0);
  return g.add(Op::kExpand, {number, size});
}

Var rows_at(GraphBuilder& b, Var x, Var numbers, std::int64_t n) {
  NetworkBuilder& g = b.graph();
  const Var width = g.ints({1, 1, n});
  return g.add(Op::kGatherElements, {x, g.add(Op::kExpand, {numbers, width})}, AxisAttrs{1});
}

}  // namespace saker::nets
