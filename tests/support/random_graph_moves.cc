// Random graphs: the operators that move, pick or repeat elements.
#include <algorithm>

#include "support/random_graph_maker.h"

namespace saker {

// Neighbouring axes merged and cut, or the factors of the extents dealt out anew.
Shape RandomGraphMaker::random_reshape(const Shape& from) {
  if (random_.chance(50)) {
    Shape to;
    for (const std::int64_t extent : from) {
      if (!to.empty() && random_.chance(35)) {
        to.back() *= extent;
      } else if (extent % 2 == 0 && extent > 2 && random_.chance(30)) {
        to.insert(to.end(), {2, extent / 2});
      } else if (extent % 3 == 0 && extent > 3 && random_.chance(30)) {
        to.insert(to.end(), {extent / 3, 3});
      } else {
        to.push_back(extent);
      }
      if (random_.chance(10)) to.push_back(1);
    }
    if (to.size() <= 6) return to;
  }
  std::vector<std::int64_t> factors;
  for (std::int64_t extent : from) {
    if (extent == 0) factors.push_back(0);
    for (std::int64_t p = 2; extent > 1; ++p) {
      for (; extent % p == 0; extent /= p) factors.push_back(p);
    }
  }
  random_.shuffle(factors);
  Shape to(static_cast<std::size_t>(random_.in(factors.empty() ? 0 : 1, 5)), 1);
  for (const std::int64_t factor : factors)
    to[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(to.size())))] *= factor;
  return to;
}

ValueId RandomGraphMaker::reshape_of(ValueId x) {
  if (x == kNoValue) return kNoValue;
  const std::int64_t r = rank(x);
  switch (random_.below(8)) {
    case 0:
      return add(Op::kFlatten, {x}, AxisAttrs{random_.in(0, r)});
    case 1:
      return r < 6 ? add(Op::kUnsqueeze, {x, ints({random_.in(-r - 1, r)})}) : kNoValue;
    case 2:
      return add(Op::kSqueeze, {x});
    case 3:
      return add(Op::kIdentity, {x});
    default: {
      Shape to = random_reshape(shape(x));
      const bool empty = size(x) == 0;
      if (!empty && !to.empty() && random_.chance(30))
        to[static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(to.size())))] = -1;
      return add(Op::kReshape, {x, ints(to)}, ReshapeAttrs{empty});
    }
  }
}

void RandomGraphMaker::reshape() {
  const ValueId y = reshape_of(choose_any());
  if (y != kNoValue && random_.chance(20)) reshape_of(y);
}

void RandomGraphMaker::transpose() {
  const ValueId x = choose_any(1);
  if (x == kNoValue) return;
  std::vector<std::int64_t> perm;
  for (std::int64_t i = 0; i < rank(x); ++i) perm.push_back(i);
  random_.shuffle(perm);
  if (rank(x) == 4 && random_.chance(40))
    perm = random_.chance(60) ? std::vector<std::int64_t>{0, 2, 3, 1} : std::vector<std::int64_t>{0, 3, 1, 2};
  if (random_.chance(15)) perm.clear();
  const ValueId y = add(Op::kTranspose, {x}, TransposeAttrs{perm});
  if (y != kNoValue && random_.chance(30)) reshape_of(y);
}

ValueId RandomGraphMaker::slice_of(ValueId x) {
  if (x == kNoValue) return kNoValue;
  std::vector<std::int64_t> starts, ends, axes, steps;
  for (std::int64_t axis = 0; axis < rank(x); ++axis) {
    if (!random_.chance(45) && !(axis + 1 == rank(x) && axes.empty())) continue;
    const std::int64_t extent = shape(x)[static_cast<std::size_t>(axis)];
    std::int64_t start = random_.in(0, std::max<std::int64_t>(extent / 2, 0));
    std::int64_t end = random_.in(std::min(start + 1, extent), extent);
    std::int64_t step = random_.chance(35) ? random_.in(2, 3) : 1;
    if (random_.chance(12)) {
      std::swap(start, end);
      step = -random_.in(1, 2);
    } else if (random_.chance(3)) {
      end = start;  // nothing
    } else if (random_.chance(15)) {
      start -= extent;
    }
    if (step > 0 && random_.chance(20)) end = INT64_MAX;
    if (step < 0 && random_.chance(30)) end = INT64_MIN;
    starts.push_back(start), ends.push_back(end), axes.push_back(axis_of(x, axis)), steps.push_back(step);
  }
  if (axes.empty()) return kNoValue;
  return add(Op::kSlice, {x, ints(starts), ints(ends), ints(axes), ints(steps)});
}

void RandomGraphMaker::slice() {
  slice_of(choose_any(1));
}

std::vector<ValueId> RandomGraphMaker::split_of(ValueId x, std::int64_t axis) {
  if (x == kNoValue || rank(x) == 0) return {};
  const std::int64_t extent = shape(x)[static_cast<std::size_t>(axis)];
  const std::int64_t parts = random_.in(extent > 1 || random_.chance(10) ? 2 : 1, 3);
  if (extent > 0 && extent % parts == 0 && random_.chance(50))
    return add(Op::kSplit, {x}, SplitAttrs{axis_of(x, axis)}, static_cast<std::size_t>(parts));
  std::vector<std::int64_t> sizes;
  std::int64_t left = extent;
  for (std::int64_t i = 1; i < parts; ++i) {
    sizes.push_back(random_.in(left > 1 && random_.chance(95) ? 1 : 0, std::max<std::int64_t>(left - 1, 0)));
    left -= sizes.back();
  }
  sizes.push_back(left);
  return add(Op::kSplit, {x, ints(sizes)}, SplitAttrs{axis_of(x, axis)}, sizes.size());
}

void RandomGraphMaker::split() {
  const ValueId x = choose_any(1);
  if (x == kNoValue) return;
  std::vector<ValueId> parts = split_of(x, random_.below(rank(x)));
  if (parts.size() > 1 && random_.chance(25)) split_of(parts.back(), random_.below(rank(x)));
}

// A value of like's type that fits beside it along the axis; made if none is found.
ValueId RandomGraphMaker::concat_part(ValueId like, std::size_t axis, std::vector<ValueId>& parts) {
  const Shape s = shape(like);
  const Wanted fits = [&](ValueId id) {
    if (value(id).dtype != value(like).dtype || shape(id).size() != s.size()) return false;
    for (std::size_t i = 0; i < s.size(); ++i) {
      if (i != axis && shape(id)[i] != s[i]) return false;
    }
    return true;
  };
  switch (random_.below(9)) {
    case 0:
    case 1:
    case 2:
      return choose(fits);
    case 3: {
      Shape other = s;
      other[axis] = random_.in(0, 3);
      return numbers(other, value(like).dtype, -1, 1);
    }
    case 4:
      return is_float32(like) ? activation(like) : add(Op::kIdentity, {like});
    case 5:
      return slice_of(choose(fits));
    case 6: {
      const ValueId other =
          choose([&](ValueId id) { return value(id).dtype == value(like).dtype && size(id) == size(like); });
      return other == kNoValue || size(other) == 0 ? like : add(Op::kReshape, {other, ints(s)}, ReshapeAttrs{});
    }
    case 7: {  // all the parts of a split, mostly in order
      auto pieces = split_of(choose(fits), static_cast<std::int64_t>(random_.chance(85) ? axis : 0));
      if (random_.chance(20)) random_.shuffle(pieces);
      if (random_.chance(10) && pieces.size() > 1) pieces.pop_back();
      for (const ValueId piece : pieces) {
        if (fits(piece)) parts.push_back(piece);
      }
      return kNoValue;
    }
    default:
      return s.size() == 4 && is_float32(like) && axis == 1 ? conv_of(like, random_.in(1, 9), true) : like;
  }
}

void RandomGraphMaker::concat() {
  const ValueId like = choose_any(1);
  if (like == kNoValue) return;
  const std::int64_t axis = random_.chance(50) && rank(like) > 1 ? 1 : random_.below(rank(like));
  std::vector<ValueId> parts;
  const std::int64_t wanted = random_.in(1, 4);
  for (std::int64_t i = 0; i < wanted; ++i) {
    const ValueId part = concat_part(like, static_cast<std::size_t>(axis), parts);
    if (part != kNoValue) parts.push_back(part);
  }
  if (parts.empty() || random_.chance(30)) parts.push_back(like);
  if (random_.chance(15)) random_.shuffle(parts);
  const ValueId joined = add(Op::kConcat, parts, AxisAttrs{axis_of(like, axis)});
  if (joined == kNoValue || !random_.chance(30)) return;
  // The same parts again, elsewhere; or the whole inside another.
  if (random_.chance(50)) parts.push_back(joined);
  random_.shuffle(parts);
  add(Op::kConcat, parts, AxisAttrs{axis});
}

void RandomGraphMaker::expand() {
  const ValueId x = choose_any();
  if (x == kNoValue) return;
  Shape to = shape(x);
  for (auto& extent : to) extent = extent == 1 && random_.chance(60) ? random_.in(1, 5) : extent;
  if (random_.chance(20) && to.size() < 6) to.insert(to.begin(), random_.in(1, 3));
  if (random_.chance(20)) {
    for (auto& extent : to) extent = random_.chance(40) ? 1 : extent;
  }
  add(Op::kExpand, {x, ints(to)});
}

void RandomGraphMaker::tile_or_pad() {
  const ValueId x = choose_any(1);
  if (x == kNoValue) return;
  std::vector<std::int64_t> amounts;
  if (random_.chance(50)) {
    for (std::int64_t i = 0; i < rank(x); ++i) amounts.push_back(random_.chance(60) ? 1 : random_.in(1, 3));
    add(Op::kTile, {x, ints(amounts)});
    return;
  }
  PadAttrs attrs{random_.pick({PadMode::kConstant, PadMode::kConstant, PadMode::kEdge, PadMode::kReflect})};
  const std::int64_t most = attrs.mode == PadMode::kReflect ? 0 : 2;
  for (std::int64_t i = 0; i < 2 * rank(x); ++i) amounts.push_back(random_.chance(60) ? 0 : random_.in(0, most));
  add(Op::kPad, {x, ints(amounts)}, attrs);
}

void RandomGraphMaker::gather() {
  const ValueId x = choose_any(1);
  if (x == kNoValue) return;
  const std::int64_t axis = random_.below(rank(x));
  const std::int64_t extent = shape(x)[static_cast<std::size_t>(axis)];
  if (extent == 0) return;
  std::vector<std::int64_t> indices;
  for (std::int64_t i = random_.in(1, 5); i > 0; --i) indices.push_back(random_.in(-extent, extent - 1));
  ValueId index = ints(indices);
  if (random_.chance(20)) index = add(Op::kReshape, {ints({indices[0]}), ints({})}, ReshapeAttrs{});
  if (index != kNoValue) add(Op::kGather, {x, index}, AxisAttrs{axis_of(x, axis)});
}

// Shapes computed in the graph, as exporters leave them.
void RandomGraphMaker::shape_arithmetic() {
  const ValueId x = choose_any(1);
  if (x == kNoValue || size(x) == 0) return;
  const ValueId whole = add(Op::kShape, {x}, ShapeAttrs{});
  if (whole == kNoValue) return;
  const ValueId other = choose([&](ValueId id) { return size(id) == size(x); });
  switch (random_.below(3)) {
    case 0:
      if (other != kNoValue) add(Op::kReshape, {other, whole}, ReshapeAttrs{});
      break;
    case 1: {
      const ValueId first = add(Op::kGather, {whole, ints({0})}, AxisAttrs{0});
      if (first != kNoValue) add(Op::kConcat, {first, ints({-1})}, AxisAttrs{0});
      break;
    }
    default: {
      Tensor one = Tensor::make(DType::kFloat32, {1}).value();
      *one.data<float>() = 0.5F;
      const ValueId filled = add(Op::kConstantOfShape, {whole}, ConstantOfShapeAttrs{one});
      if (filled != kNoValue && is_float32(x)) add(Op::kAdd, {x, filled});
    }
  }
}

// Elements the data picks, and what may follow them.
void RandomGraphMaker::dynamic() {
  const ValueId x = choose([&](ValueId id) { return exact(id) && is_float32(id) && rank(id) > 0; });
  if (x == kNoValue) return;
  const ValueId condition = add(Op::kGreater, {x, scalar(0.2F)});
  if (condition == kNoValue) return;
  const auto index = add(Op::kNonZero, {condition}, {}, 1);
  if (index.empty()) return;
  const auto rows = add(Op::kTranspose, {index[0]}, TransposeAttrs{{1, 0}}, 1);
  const ValueId other = choose([&](ValueId id) { return shape(id) == shape(x); });
  if (rows.empty() || other == kNoValue) return;
  const auto picked = add(Op::kGatherND, {other, rows[0]}, BatchDimsAttrs{}, 1);
  if (picked.empty()) return;
  if (random_.chance(50)) add(Op::kShape, {picked[0]}, ShapeAttrs{}, 1);
  if (!is_float32(other)) return;
  add(Op::kMul, {picked[0], scalar(2)}, {}, 1);
  if (random_.chance(50)) add(Op::kConcat, {picked[0], floats({3}, -1, 1), picked[0]}, AxisAttrs{0}, 1);
  if (random_.chance(50)) add(Op::kReduceSum, {picked[0]}, ReduceAttrs{random_.chance(50), false}, 1);
}

}  // namespace saker
