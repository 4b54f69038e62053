// Compress: the slices along an axis, or the elements, for which a condition holds.
#include <algorithm>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// Of the slices: their number, the elements in each, and how many times all of them come.
struct Slices {
  std::size_t axis = 0;
  std::int64_t count = 0, inner = 1, outer = 1;
};

Result<Slices> slices_of(const Args& args) {
  const Shape& x = *args.shape(0);
  const auto& attrs = args.as<CompressAttrs>();
  if (!attrs.axis) return Slices{0, extent_product(x, 0, x.size()), 1, 1};
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(*attrs.axis, x.size()));
  return Slices{axis, x[axis], extent_product(x, axis + 1, x.size()), extent_product(x, 0, axis)};
}

}  // namespace

// Inputs: x, condition [n]; slices beyond its n entries are left out.
Result<Outputs> compress_rule(const Args& args) {
  SAKER_TRY(args.check_type(1, kBoolType));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Slices slices, slices_of(args));
  const Shape& condition = *args.shape(1);
  if (condition.size() != 1 || condition[0] > slices.count)
    return invalid("the condition has shape {}, but there are {} elements", to_string(condition), slices.count);
  if (args.constant(1) == nullptr) return one(args.dtype(0), std::nullopt);
  const std::uint8_t* holds = args.constant(1)->data<std::uint8_t>();
  const std::int64_t kept = std::count_if(holds, holds + condition[0], [](std::uint8_t x) { return x != 0; });
  if (!args.as<CompressAttrs>().axis) return one(args.dtype(0), Shape{kept});
  Shape shape = *args.shape(0);
  shape[slices.axis] = kept;
  return one(args.dtype(0), std::move(shape));
}

Status compress_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const Slices slices, slices_of(args));
  const std::uint8_t* holds = args.tensor(1).data<std::uint8_t>();
  const std::int64_t entries = args.tensor(1).elements();
  visit_size(outputs[0].dtype(), [&](auto unit) {
    using U = decltype(unit);
    const U* x = args.tensor(0).data<U>();
    U* to = outputs[0].data<U>();
    for (std::int64_t i = 0; slices.inner > 0 && i < slices.outer; ++i, x += slices.count * slices.inner) {
      for (std::int64_t k = 0; k < entries; ++k) {
        if (holds[k] != 0) to = std::copy_n(x + k * slices.inner, slices.inner, to);
      }
    }
  });
  return {};
}

// All of them.
std::size_t most_compressed(const Args& args) {
  return as_size(extent_product(*args.shape(0), 0, args.shape(0)->size())) * dtype_size(args.dtype(0));
}

}  // namespace saker::ops
