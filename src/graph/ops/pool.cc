// MaxPool, AveragePool, GlobalAveragePool and GlobalMaxPool over any number of spatial axes.
#include <algorithm>
#include <limits>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"
#include "graph/ops/window.h"

namespace saker::ops {
namespace {

Result<Window> plan_pool(const Args& args) {
  const auto& attrs = args.as<PoolAttrs>();
  return plan_pool_window(*args.shape(0), attrs.window, attrs.ceil_mode);
}

Result<std::optional<Shape>> pool_shape(const Args& args) {
  if (args.shape(0) == nullptr) return std::optional<Shape>();
  SAKER_ASSIGN(const Window window, plan_pool(args));
  Shape shape(args.shape(0)->begin(), args.shape(0)->begin() + 2);
  shape.insert(shape.end(), window.out.begin(), window.out.end());
  return std::optional(std::move(shape));
}

// How many lie on the input or its padding.
std::int64_t padded_taps(const Window& w, std::size_t axis, std::int64_t o) {
  const std::int64_t extent = w.in[axis] + w.before[axis] + w.after[axis];
  return std::max<std::int64_t>(taps_inside(o * w.stride[axis], w.dilation[axis], w.kernel[axis], extent).end, 0);
}

}  // namespace

Result<Outputs> max_pool_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes | type_set({DType::kInt8, DType::kUint8})));
  SAKER_ASSIGN(std::optional<Shape> shape, pool_shape(args));
  Outputs outputs = one(args.dtype(0), shape);
  if (args.output_count() > 1) outputs.push_back({DType::kInt64, std::move(shape)});
  return outputs;
}

namespace {

// The index of a position in the whole input: row-major, or with the first spatial axis fastest.
std::int64_t reported_index(const Window& w, bool column_major, std::int64_t plane, std::int64_t plane_size,
                            std::int64_t offset) {
  if (!column_major) return plane * plane_size + offset;
  std::int64_t result = 0;
  std::int64_t scale = plane_size;
  for (std::size_t i = w.in.size(); i-- > 0;) {
    scale /= w.in[i];
    result += offset % w.in[i] * scale;
    offset /= w.in[i];
  }
  return plane * plane_size + result;
}

// A window wholly in the padding gives the least value and the index -1; NaN wins.
template <typename T>
Status run_max_pool(const Args& args, const Window& w, std::span<Tensor> outputs) {
  const bool column_major = args.as<PoolAttrs>().column_major_indices;
  const Shape strides = dense_strides(w.in);
  const std::int64_t plane_size = extent_product(w.in, 0, w.in.size());
  const std::int64_t planes = extent_product(*args.shape(0), 0, 2);
  T* to = outputs[0].data<T>();
  std::int64_t* to_index = outputs.size() > 1 ? outputs[1].data<std::int64_t>() : nullptr;
  for (std::int64_t plane = 0; plane < planes; ++plane) {
    const T* x = args.tensor(0).data<T>() + plane * plane_size;
    Shape index(w.out.size(), 0);
    do {
      T best = std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::min();
      std::int64_t where = -1;
      each_tap(w, strides, index, 0, 0, [&](std::int64_t at) {
        if (where >= 0 && !(x[at] > best) && x[at] == x[at]) return;
        if (where >= 0 && best != best) return;
        best = x[at];
        where = at;
      });
      *to++ = best;
      if (to_index != nullptr) {
        *to_index++ = where < 0 ? -1 : reported_index(w, column_major, plane, plane_size, where);
      }
    } while (next_index(index, w.out, index.size()));
  }
  return {};
}

}  // namespace

Status max_pool_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const Window window, plan_pool(args));
  return visit_number(outputs[0].dtype(),
                      [&](auto zero) { return run_max_pool<decltype(zero)>(args, window, outputs); });
}

Result<Outputs> average_pool_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  SAKER_ASSIGN(std::optional<Shape> shape, pool_shape(args));
  return one(args.dtype(0), std::move(shape));
}

// Mean over the taps on the input; with count_include_pad the padding counts as zeros. A window
// that counts nothing gives 0.
Status average_pool_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  SAKER_ASSIGN(const Window w, plan_pool(args));
  const bool with_pads = args.as<PoolAttrs>().count_include_pad;
  const Shape strides = dense_strides(w.in);
  const std::int64_t plane_size = extent_product(w.in, 0, w.in.size());
  const std::int64_t planes = extent_product(*args.shape(0), 0, 2);
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    T* to = outputs[0].data<T>();
    for (std::int64_t plane = 0; plane < planes; ++plane) {
      const T* x = args.tensor(0).data<T>() + plane * plane_size;
      Shape index(w.out.size(), 0);
      do {
        double sum = 0;
        double count = 1;
        each_tap(w, strides, index, 0, 0, [&](std::int64_t at) { sum += static_cast<double>(x[at]); });
        for (std::size_t i = 0; i < index.size(); ++i) {
          const Span inside = taps_at(w, i, index[i]);
          const std::int64_t taps =
              with_pads ? padded_taps(w, i, index[i]) : std::max<std::int64_t>(inside.end - inside.begin, 0);
          count *= static_cast<double>(taps);
        }
        *to++ = count > 0 ? static_cast<T>(sum / count) : T{0};
      } while (next_index(index, w.out, index.size()));
    }
    return {};
  });
}

// [N, C, spatial] to [N, C, 1, ...]
Result<Outputs> global_pool_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_TRY(check_spatial(*args.shape(0)));
  Shape shape = *args.shape(0);
  std::fill(shape.begin() + 2, shape.end(), 1);
  return one(args.dtype(0), std::move(shape));
}

Status global_average_pool_kernel(const Args& args, std::span<Tensor> outputs) {
  return pool_planes(args, outputs[0], [](const auto* x, std::int64_t plane) {
    double sum = 0;
    for (std::int64_t k = 0; k < plane; ++k) sum += static_cast<double>(x[k]);
    return sum / static_cast<double>(plane);
  });
}

// Of no elements: the least value; NaN wins.
Status global_max_pool_kernel(const Args& args, std::span<Tensor> outputs) {
  return pool_planes(args, outputs[0], []<typename T>(const T* x, std::int64_t plane) {
    T best = -std::numeric_limits<T>::infinity();
    for (std::int64_t k = 0; k < plane; ++k) {
      if (x[k] > best || x[k] != x[k]) best = x[k];
    }
    return best;
  });
}

}  // namespace saker::ops
