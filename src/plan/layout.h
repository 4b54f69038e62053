// Decided before lowering: in which order each value's axes lie in memory, and which values are
// produced inside another value's memory (Concat without copying).
#pragma once

#include <optional>
#include <vector>

#include "plan/view.h"

namespace saker {

// The value is a slice of `parent` along `axis` from `offset` on (a Concat's input, or the input of
// a Split whose outputs are), or `parent` under another shape (the input of a Reshape).
struct ValuePlacement {
  ValueId parent = kNoValue;
  bool is_slice = true;
  std::size_t axis = 0;
  std::int64_t offset = 0;
};

struct Layouts {
  std::vector<Order> orders;                              // by value; for values with a static shape
  std::vector<std::optional<ValuePlacement>> placements;  // by value
};

Layouts choose_layouts(const Graph& graph);

// Operators that only look at their input's data from another angle.
bool is_reshape_like(Op op);
bool is_view(Op op);
// Axis attribute in [-rank, rank) -> index.
std::size_t axis_index(std::int64_t axis, std::size_t rank);

}  // namespace saker
