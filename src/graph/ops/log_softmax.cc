// LogSoftmax and Hardmax, over the same elements as Softmax.
#include <algorithm>
#include <cmath>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// Calls row(position of the first element, elements, step from one to the next) for each set that is one.
template <typename F>
Status each_row(const Args& args, F&& row) {
  const Shape& shape = *args.shape(0);
  const auto& attrs = args.as<SoftmaxAttrs>();
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, shape.size()));
  const std::size_t end = attrs.flatten_trailing ? shape.size() : axis + 1;
  const std::int64_t length = extent_product(shape, axis, end);
  const std::int64_t inner = extent_product(shape, end, shape.size());
  const std::int64_t rows = length == 0 ? 0 : extent_product(shape, 0, axis) * inner;
  for (std::int64_t i = 0; i < rows; ++i) row(i / inner * length * inner + i % inner, length, inner);
  return {};
}

}  // namespace

// y = x - max - log(sum(exp(x - max)))
Status log_softmax_kernel(const Args& args, std::span<Tensor> outputs) {
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    return each_row(args, [&](std::int64_t first, std::int64_t length, std::int64_t step) {
      const T* x = args.tensor(0).data<T>() + first;
      T* to = outputs[0].data<T>() + first;
      T top = x[0];
      for (std::int64_t i = 1; i < length; ++i) top = std::max(top, x[i * step]);
      const auto below = [&](std::int64_t i) { return static_cast<double>(x[i * step]) - static_cast<double>(top); };
      double sum = 0;
      for (std::int64_t i = 0; i < length; ++i) sum += std::exp(below(i));
      for (std::int64_t i = 0; i < length; ++i) to[i * step] = static_cast<T>(below(i) - std::log(sum));
    });
  });
}

// 1 for the first of the largest elements, 0 for the others.
Status hardmax_kernel(const Args& args, std::span<Tensor> outputs) {
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    return each_row(args, [&](std::int64_t first, std::int64_t length, std::int64_t step) {
      const T* x = args.tensor(0).data<T>() + first;
      T* to = outputs[0].data<T>() + first;
      std::int64_t best = 0;
      for (std::int64_t i = 1; i < length; ++i) {
        if (x[i * step] > x[best * step]) best = i;
      }
      for (std::int64_t i = 0; i < length; ++i) to[i * step] = i == best ? T{1} : T{0};
    });
  });
}

}  // namespace saker::ops
