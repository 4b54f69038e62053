#include "plan/view.h"

#include <algorithm>
#include <numeric>

namespace saker {

Order row_major(std::size_t rank) {
  Order order(rank);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

Order channels_last(std::size_t rank) {
  Order order = row_major(rank);
  if (rank > 2) std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return order;
}

Shape strides_by_order(const Shape& shape, const Order& order) {
  Shape strides(shape.size(), 1);
  std::int64_t step = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    strides[order[i]] = step;
    step *= std::max<std::int64_t>(shape[order[i]], 1);
  }
  return strides;
}

Order order_of(const Shape& shape, const Shape& strides) {
  Order order = row_major(shape.size());
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return strides[a] > strides[b]; });
  return order;
}

// Axes of extent 1 do not matter. The others are cut into the shortest runs of old and new axes
// with equal products; a run of old axes must be contiguous among themselves.
std::optional<Shape> reshaped_strides(const Shape& shape, const Shape& strides, const Shape& to) {
  Shape old_shape;
  Shape old_strides;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return dense_strides(to);
    if (shape[i] == 1) continue;
    old_shape.push_back(shape[i]);
    old_strides.push_back(strides[i]);
  }
  Shape result(to.size(), 1);
  std::size_t o = 0;
  std::size_t n = 0;
  while (o < old_shape.size()) {
    while (to[n] == 1) ++n;
    std::int64_t old_product = old_shape[o];
    std::int64_t new_product = to[n];
    std::size_t o_end = o + 1;
    std::size_t n_end = n + 1;
    while (old_product != new_product) {
      if (old_product < new_product) {
        old_product *= old_shape[o_end++];
      } else {
        new_product *= to[n_end++];
      }
    }
    for (std::size_t i = o; i + 1 < o_end; ++i) {
      if (old_strides[i] != old_strides[i + 1] * old_shape[i + 1]) return std::nullopt;
    }
    std::int64_t step = old_strides[o_end - 1];
    for (std::size_t i = n_end; i-- > n;) {
      result[i] = step;
      step *= to[i];
    }
    o = o_end;
    n = n_end;
  }
  // An axis of extent 1 takes the stride its inner neighbour spans: keeps orders readable.
  for (std::size_t i = to.size(); i-- > 0;) {
    if (to[i] == 1) result[i] = i + 1 < to.size() ? result[i + 1] * to[i + 1] : 1;
  }
  return result;
}

bool is_dense(const Shape& shape, const Shape& strides) {
  std::int64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

bool same_place(const PlanView& a, const PlanView& b) {
  if (a.buffer != b.buffer || a.offset != b.offset || a.dtype != b.dtype || a.shape != b.shape) return false;
  for (std::size_t i = 0; i < a.shape.size(); ++i) {
    if (a.shape[i] > 1 && a.strides[i] != b.strides[i]) return false;
  }
  return true;
}

bool channels_innermost(const PlanView& view) {
  return view.shape.size() == 4 && (view.strides[1] == 1 || view.shape[1] == 1);
}

bool in_quads(const PlanView& view) {
  if (!channels_innermost(view) || dtype_size(view.dtype) != 1 || view.offset % 4 != 0) return false;
  for (const std::size_t axis : {0U, 2U, 3U}) {
    if (view.shape[axis] > 1 && view.strides[axis] % 4 != 0) return false;
  }
  return view.strides[3] >= (view.shape[1] + 3) / 4 * 4;
}

PlanView sliced(const PlanView& view, std::size_t axis, std::int64_t start, std::int64_t extent, std::int64_t step) {
  PlanView out = view;
  out.offset += start * view.strides[axis];
  out.shape[axis] = extent;
  out.strides[axis] *= step;
  return out;
}

PlanView permuted(const PlanView& view, const std::vector<std::int64_t>& perm) {
  PlanView out = view;
  for (std::size_t i = 0; i < perm.size(); ++i) {
    out.shape[i] = view.shape[static_cast<std::size_t>(perm[i])];
    out.strides[i] = view.strides[static_cast<std::size_t>(perm[i])];
  }
  return out;
}

PlanView broadcast_to(const PlanView& view, const Shape& shape) {
  PlanView out = view;
  out.shape = shape;
  out.strides.assign(shape.size(), 0);
  const std::size_t lead = shape.size() - view.shape.size();
  for (std::size_t i = 0; i < view.shape.size(); ++i) {
    if (view.shape[i] == shape[lead + i]) out.strides[lead + i] = view.strides[i];
  }
  return out;
}

std::optional<PlanView> reshaped(const PlanView& view, const Shape& shape) {
  auto strides = reshaped_strides(view.shape, view.strides, shape);
  if (!strides) return std::nullopt;
  PlanView out = view;
  out.shape = shape;
  out.strides = std::move(*strides);
  return out;
}

}  // namespace saker
