// Decided before lowering: in which order each value's axes lie in memory and as what its elements are stored, and
// which values are produced inside another value's memory (Concat without copying).
#pragma once

#include <optional>
#include <vector>

#include "plan/view.h"

namespace saker {

enum class PlacedAs : std::uint8_t {
  kSlice,       // along `axis` from `offset` on: a Concat's input, or the input of a Split whose outputs are
  kReshaped,    // the input of a Reshape
  kTransposed,  // by `perm`: the input of a Transpose
  kSame,        // the input of what works in place
};

// The value lies in `parent`.
struct ValuePlacement {
  ValueId parent = kNoValue;
  PlacedAs as = PlacedAs::kSlice;
  std::size_t axis = 0;
  std::int64_t offset = 0;
  std::vector<std::int64_t> perm{};
  bool only_in_order = false;  // no copy is made to bring it there, and its axes must keep their order
};

// How a value lies in memory. Its elements are stored as `storage`: the type the graph gives it, or, of float32 where
// bfloat16 was asked for, that (store_bf16.h).
struct Layout {
  Order order;
  DType storage = DType::kFloat32;
};

struct Layouts {
  std::vector<Layout> layouts;                            // by value; for values with a static shape
  std::vector<std::optional<ValuePlacement>> placements;  // by value
};

Layouts choose_layouts(const Graph& graph);

// Operators that only look at their input's data from another angle.
bool is_reshape_like(Op op);
bool is_view(Op op);
// Of a Transpose: which axis of the input is axis i of the output.
std::vector<std::int64_t> permutation(const Node& node, std::size_t rank);

}  // namespace saker
