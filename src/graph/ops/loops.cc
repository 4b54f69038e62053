// Copies along strides (loops.h).
#include "graph/ops/loops.h"

namespace saker::ops {

bool next_index(Shape& index, const Shape& shape, std::size_t axes) {
  for (std::size_t i = axes; i-- > 0;) {
    if (++index[i] < shape[i]) return true;
    index[i] = 0;
  }
  return false;
}

void copy_strided(const Tensor& from, std::int64_t offset, const Shape& strides, Tensor& out) {
  if (out.elements() == 0) return;
  const Shape& shape = out.shape();
  const std::size_t outer = shape.empty() ? 0 : shape.size() - 1;
  const std::int64_t inner = shape.empty() ? 1 : shape[outer];
  const std::int64_t step = shape.empty() ? 0 : strides[outer];
  visit_size(out.dtype(), [&](auto unit) {
    using U = decltype(unit);
    const U* base = from.data<U>() + offset;
    U* to = out.data<U>();
    Shape index(shape.size(), 0);
    do {
      std::int64_t row = 0;
      for (std::size_t i = 0; i < outer; ++i) row += index[i] * strides[i];
      if (step == 1) {
        std::memcpy(to, base + row, as_size(inner) * sizeof(U));
      } else {
        for (std::int64_t i = 0; i < inner; ++i) to[i] = base[row + i * step];
      }
      to += inner;
    } while (next_index(index, shape, outer));
  });
}

void copy_bytes(void* to, const void* from, std::int64_t count) {
  if (count > 0) std::memcpy(to, from, as_size(count));
}

void copy_all(const Tensor& from, Tensor& out) {
  copy_bytes(out.raw(), from.raw(), as_int(out.bytes()));
}

}  // namespace saker::ops
