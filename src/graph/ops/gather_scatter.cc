// Gather, GatherElements, GatherND, ScatterElements and ScatterND. Negative indices count from the end.
#include <algorithm>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// Indices of either type, as they are.
class Indices {
 public:
  explicit Indices(const Tensor& tensor) : tensor_(tensor), is_wide_(tensor.dtype() == DType::kInt64) {}
  std::int64_t operator[](std::int64_t i) const {
    return is_wide_ ? tensor_.data<std::int64_t>()[i] : tensor_.data<std::int32_t>()[i];
  }
  std::int64_t count() const { return tensor_.elements(); }

 private:
  const Tensor& tensor_;
  bool is_wide_;
};

Status check_index(std::int64_t index, std::int64_t extent) {
  if (index >= -extent && index < extent) return {};
  return invalid("index {} is out of range for an axis of extent {}", index, extent);
}

Status check_indices(const Indices& indices, std::int64_t extent) {
  for (std::int64_t i = 0; i < indices.count(); ++i) SAKER_TRY(check_index(indices[i], extent));
  return {};
}

std::int64_t from_start(std::int64_t index, std::int64_t extent) {
  return index < 0 ? index + extent : index;
}

// Tuples of indices along the last axis of a tensor, as offsets of elements into the axes [first, first + tuple
// length) of `shape`.
class Tuples {
 public:
  Tuples(const Tensor& indices, const Shape& shape, std::size_t first)
      : indices_(indices),
        length_(indices.shape().back()),
        count_(extent_product(indices.shape(), 0, indices.shape().size() - 1)),
        extents_(shape.begin() + as_int(first), shape.end()),
        strides_(dense_strides(extents_)) {}

  std::int64_t count() const { return count_; }

  Status check() const {
    for (std::int64_t i = 0; i < indices_.count(); ++i)
      SAKER_TRY(check_index(indices_[i], extents_[as_size(i % length_)]));
    return {};
  }

  std::int64_t offset(std::int64_t tuple) const {
    std::int64_t offset = 0;
    for (std::int64_t j = 0; j < length_; ++j)
      offset += from_start(indices_[tuple * length_ + j], extents_[as_size(j)]) * strides_[as_size(j)];
    return offset;
  }

 private:
  Indices indices_;
  std::int64_t length_, count_;
  Shape extents_, strides_;
};

}  // namespace

Result<Outputs> gather_rule(const Args& args) {
  SAKER_TRY(args.check_type(1, kIndexTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& data = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<AxisAttrs>().axis, data.size()));
  if (args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  Shape shape(data.begin(), data.begin() + as_int(axis));
  shape.insert(shape.end(), args.shape(1)->begin(), args.shape(1)->end());
  shape.insert(shape.end(), data.begin() + as_int(axis) + 1, data.end());
  return one(args.dtype(0), std::move(shape));
}

// out[outer, i..., inner] = data[outer, indices[i...], inner]
Status gather_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& data = args.tensor(0);
  const Shape& shape = data.shape();
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<AxisAttrs>().axis, shape.size()));
  const Indices indices(args.tensor(1));
  SAKER_TRY(check_indices(indices, shape[axis]));
  if (outputs[0].elements() == 0) return {};
  const std::int64_t outer = extent_product(shape, 0, axis);
  const std::int64_t block = extent_product(shape, axis + 1, shape.size()) * as_int(dtype_size(data.dtype()));
  const auto* from = static_cast<const std::byte*>(data.raw());
  auto* to = static_cast<std::byte*>(outputs[0].raw());
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::int64_t i = 0; i < indices.count(); ++i, to += block) {
      copy_bytes(to, from + (o * shape[axis] + from_start(indices[i], shape[axis])) * block, block);
    }
  }
  return {};
}

Result<Outputs> gather_elements_rule(const Args& args) {
  SAKER_TRY(args.check_type(1, kIndexTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& data = *args.shape(0);
  const Shape& indices = *args.shape(1);
  if (data.size() != indices.size()) {
    return invalid("the data has rank {} but the indices have rank {}", data.size(), indices.size());
  }
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<AxisAttrs>().axis, data.size()));
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (i != axis && indices[i] > data[i]) {
      return invalid("indices {} reach beyond the data {} on axis {}", to_string(indices), to_string(data), i);
    }
  }
  return one(args.dtype(0), indices);
}

namespace {

// Calls f(place in the data, number of the index) for each index along the axis; `shape` is that of the indices.
template <typename F>
void each_indexed(const Indices& indices, const Shape& shape, const Shape& data, std::size_t axis, F&& f) {
  if (indices.count() == 0) return;
  const Shape strides = dense_strides(data);
  Shape index(shape.size(), 0);
  std::int64_t next = 0;
  do {
    std::int64_t at = from_start(indices[next], data[axis]) * strides[axis];
    for (std::size_t i = 0; i < shape.size(); ++i) at += i == axis ? 0 : index[i] * strides[i];
    f(at, next++);
  } while (next_index(index, shape, shape.size()));
}

}  // namespace

// out[i, j, k] = data[i, indices[i, j, k], k] for axis 1
Status gather_elements_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& data = args.tensor(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<AxisAttrs>().axis, data.shape().size()));
  const std::int64_t extent = data.shape()[axis];
  const Indices indices(args.tensor(1));
  SAKER_TRY(check_indices(indices, extent));
  visit_size(data.dtype(), [&](auto unit) {
    using U = decltype(unit);
    U* to = outputs[0].data<U>();
    each_indexed(indices, outputs[0].shape(), data.shape(), axis,
                 [&](std::int64_t at, std::int64_t next) { to[next] = data.data<U>()[at]; });
  });
  return {};
}

Result<Outputs> gather_nd_rule(const Args& args) {
  SAKER_TRY(args.check_type(1, kIndexTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& data = *args.shape(0);
  const Shape& indices = *args.shape(1);
  const std::int64_t batch = args.as<BatchDimsAttrs>().batch_dims;
  if (batch < 0 || batch >= as_int(std::min(data.size(), indices.size()))) {
    return invalid("batch_dims {} for data of rank {} and indices of rank {}", batch, data.size(), indices.size());
  }
  for (std::size_t i = 0; i < as_size(batch); ++i) {
    if (data[i] != indices[i]) {
      return invalid("data {} and indices {} differ on batch axis {}", to_string(data), to_string(indices), i);
    }
  }
  if (indices.back() > as_int(data.size()) - batch) {
    return invalid("index tuples of length {} for data of rank {} with {} batch axes", indices.back(), data.size(),
                   batch);
  }
  Shape shape(indices.begin(), indices.end() - 1);
  shape.insert(shape.end(), data.begin() + batch + indices.back(), data.end());
  return one(args.dtype(0), std::move(shape));
}

// out[b, i] = data[b, indices[b, i, 0], indices[b, i, 1], ...]
Status gather_nd_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& data = args.tensor(0);
  const std::size_t batch_dims = as_size(args.as<BatchDimsAttrs>().batch_dims);
  if (outputs[0].elements() == 0) return {};
  const Tuples tuples(args.tensor(1), data.shape(), batch_dims);
  SAKER_TRY(tuples.check());
  const std::int64_t batches = extent_product(data.shape(), 0, batch_dims);
  const std::int64_t per_batch = tuples.count() / batches;
  const std::int64_t batch_elements = data.elements() / batches;
  const std::int64_t size = as_int(dtype_size(data.dtype()));
  const std::int64_t block = outputs[0].elements() / tuples.count() * size;
  auto* to = static_cast<std::byte*>(outputs[0].raw());
  for (std::int64_t i = 0; i < tuples.count(); ++i, to += block) {
    const std::int64_t at = i / per_batch * batch_elements + tuples.offset(i);
    copy_bytes(to, static_cast<const std::byte*>(data.raw()) + at * size, block);
  }
  return {};
}

// Inputs: data, indices, updates.
Result<Outputs> scatter_nd_rule(const Args& args) {
  SAKER_TRY(args.check_type(1, type_set({DType::kInt64})));
  if (args.dtype(0) != args.dtype(2)) {
    return invalid("the data has type {} but the updates have type {}", dtype_name(args.dtype(0)),
                   dtype_name(args.dtype(2)));
  }
  if (args.as<ScatterNDAttrs>().reduction != ScatterReduction::kNone) SAKER_TRY(args.check_type(0, kNumberTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& data = *args.shape(0);
  if (args.shape(1) == nullptr || args.shape(2) == nullptr) return one(args.dtype(0), data);
  const Shape& indices = *args.shape(1);
  if (indices.empty()) return invalid("the indices are a scalar");
  if (indices.back() > as_int(data.size())) {
    return invalid("index tuples of length {} for data of rank {}", indices.back(), data.size());
  }
  Shape expected(indices.begin(), indices.end() - 1);
  expected.insert(expected.end(), data.begin() + indices.back(), data.end());
  if (*args.shape(2) != expected) {
    return invalid("updates {} should have shape {}", to_string(*args.shape(2)), to_string(expected));
  }
  return one(args.dtype(0), data);
}

namespace {

template <typename T>
void scatter(ScatterReduction reduction, const T* from, T* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    T& y = to[i];
    const T x = from[i];
    if constexpr (std::is_floating_point_v<T>) {
      if (reduction == ScatterReduction::kAdd) y += x;
      if (reduction == ScatterReduction::kMul) y *= x;
    } else {
      const auto a = static_cast<std::uint64_t>(x);
      const auto b = static_cast<std::uint64_t>(y);
      if (reduction == ScatterReduction::kAdd) y = static_cast<T>(a + b);
      if (reduction == ScatterReduction::kMul) y = static_cast<T>(a * b);
    }
    if (reduction == ScatterReduction::kMax && (x > y || x != x)) y = x;
    if (reduction == ScatterReduction::kMin && (x < y || x != x)) y = x;
  }
}

}  // namespace

// out = data; then out[indices[i]] = reduction(out[indices[i]], updates[i]) in order.
Status scatter_nd_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& updates = args.tensor(2);
  const ScatterReduction reduction = args.as<ScatterNDAttrs>().reduction;
  Tensor& out = outputs[0];
  copy_all(args.tensor(0), out);
  if (updates.elements() == 0) return {};
  const Tuples tuples(args.tensor(1), out.shape(), 0);
  SAKER_TRY(tuples.check());
  const std::int64_t block = updates.elements() / tuples.count();
  if (reduction == ScatterReduction::kNone) {
    const std::int64_t size = as_int(dtype_size(out.dtype()));
    const auto* from = static_cast<const std::byte*>(updates.raw());
    for (std::int64_t i = 0; i < tuples.count(); ++i) {
      copy_bytes(static_cast<std::byte*>(out.raw()) + tuples.offset(i) * size, from, block * size);
      from += block * size;
    }
    return {};
  }
  return visit_number(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T* from = updates.data<T>();
    for (std::int64_t i = 0; i < tuples.count(); ++i) {
      scatter(reduction, from, out.data<T>() + tuples.offset(i), block);
      from += block;
    }
    return {};
  });
}

// Inputs: data, indices, updates.
Result<Outputs> scatter_elements_rule(const Args& args) {
  SAKER_TRY(args.check_type(1, kIndexTypes));
  SAKER_TRY(args.check_type(2, type_set({args.dtype(0)})));
  const auto& attrs = args.as<ScatterElementsAttrs>();
  if (attrs.reduction != ScatterReduction::kNone) SAKER_TRY(args.check_type(0, kNumberTypes));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& data = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, data.size()));
  if (args.shape(1) == nullptr || args.shape(2) == nullptr) return one(args.dtype(0), data);
  const Shape& indices = *args.shape(1);
  bool fits = indices.size() == data.size() && *args.shape(2) == indices;
  for (std::size_t i = 0; fits && i < data.size(); ++i) fits = i == axis || indices[i] <= data[i];
  if (!fits) {
    return invalid("indices {} and updates {} for data {}", to_string(indices), to_string(*args.shape(2)),
                   to_string(data));
  }
  return one(args.dtype(0), data);
}

// out = data; then for axis 1 out[i, indices[i, j, k], k] = reduction(that, updates[i, j, k]) in order.
Status scatter_elements_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<ScatterElementsAttrs>();
  Tensor& out = outputs[0];
  const Tensor& updates = args.tensor(2);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, out.shape().size()));
  const Indices indices(args.tensor(1));
  SAKER_TRY(check_indices(indices, out.shape()[axis]));
  copy_all(args.tensor(0), out);
  if (attrs.reduction == ScatterReduction::kNone) {
    visit_size(out.dtype(), [&](auto unit) {
      using U = decltype(unit);
      each_indexed(indices, updates.shape(), out.shape(), axis,
                   [&](std::int64_t to, std::int64_t from) { out.data<U>()[to] = updates.data<U>()[from]; });
    });
    return {};
  }
  return visit_number(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    each_indexed(indices, updates.shape(), out.shape(), axis, [&](std::int64_t to, std::int64_t from) {
      scatter(attrs.reduction, updates.data<T>() + from, out.data<T>() + to, 1);
    });
    return {};
  });
}

}  // namespace saker::ops
