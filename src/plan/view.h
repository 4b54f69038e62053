// Arithmetic on strides: what Slice, Transpose, Reshape and broadcasting do to a view.
#pragma once

#include <optional>
#include <vector>

#include "plan/plan.h"

namespace saker {

using Order = std::vector<std::size_t>;  // axes, outermost in memory first

Shape strides_by_order(const Shape& shape, const Order& order);
Order order_of(const Shape& shape, const Shape& strides);  // by stride, largest first
Order row_major(std::size_t rank);
Order channels_last(std::size_t rank);  // 0, 2, 3, ..., 1

// The strides under which the same memory has another shape of as many elements; empty if there are none.
std::optional<Shape> reshaped_strides(const Shape& shape, const Shape& strides, const Shape& to);

bool is_dense(const Shape& shape, const Shape& strides);
// The same elements in the same places: strides of axes of extent 1 do not matter.
bool same_place(const PlanView& a, const PlanView& b);
// [N, C, H, W] whose channels are neighbours in memory.
bool channels_innermost(const PlanView& view);

// Bytes like that whose pixels lie at multiples of four, with four bytes for each started four channels.
bool in_quads(const PlanView& view);

PlanView sliced(const PlanView& view, std::size_t axis, std::int64_t start, std::int64_t extent, std::int64_t step = 1);
PlanView permuted(const PlanView& view, const std::vector<std::int64_t>& perm);
PlanView broadcast_to(const PlanView& view, const Shape& shape);  // shapes must be compatible
std::optional<PlanView> reshaped(const PlanView& view, const Shape& shape);

}  // namespace saker
