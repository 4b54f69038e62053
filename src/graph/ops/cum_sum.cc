// CumSum.
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

Result<std::size_t> axis_of(const Args& args) {
  SAKER_ASSIGN(const auto axis, int_list(args.tensor(1), "the axis"));
  if (axis.size() != 1) return invalid("the axis has {} elements, not 1", axis.size());
  return normalize_axis(axis[0], args.shape(0)->size());
}

}  // namespace

// Inputs: x, axis (one integer).
Result<Outputs> cum_sum_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes));
  SAKER_TRY(args.check_type(1, kIndexTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  if (args.constant(1) != nullptr) {
    SAKER_TRY(axis_of(args));
  }
  return one(args.dtype(0), *args.shape(0));
}

// y_i = x_0 + ... + x_i along the axis, without x_i if exclusive; from the other end if reverse.
Status cum_sum_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  const auto& attrs = args.as<CumSumAttrs>();
  const Shape& shape = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, axis_of(args));
  const std::int64_t n = shape[axis];
  const std::int64_t inner = extent_product(shape, axis + 1, shape.size());
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t row = 0; row < outputs[0].elements() / n; ++row) {
      const std::int64_t first = row / inner * n * inner + row % inner;
      Wide<T> sum = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t at = first + (attrs.reverse ? n - 1 - i : i) * inner;
        const auto x = static_cast<Wide<T>>(args.tensor(0).data<T>()[at]);
        outputs[0].data<T>()[at] = static_cast<T>(attrs.exclusive ? sum : sum + x);
        sum += x;
      }
    }
    return {};
  });
}

}  // namespace saker::ops
