// DecodeBoxes: the arithmetic between the convolutions and the boxes of YOLOv5 (ops.h).
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// What the coefficients must broadcast to.
Shape head_shape(const Shape& x, std::int64_t k) {
  Shape shape = x;
  shape.back() = k;
  return shape;
}

}  // namespace

Result<Outputs> decode_boxes_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(type_set({DType::kFloat32})));
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& x = *args.shape(0);
  if (x.empty()) return invalid("the input has no axis");
  for (std::size_t i = 1; i < 4; ++i) {
    if (args.shape(i) == nullptr || args.shape(1) == nullptr) continue;
    const Shape& own = *args.shape(i);
    if (own.size() != x.size() || own.back() > x.back() || own.back() != args.shape(1)->back())
      return invalid("coefficients of shape {} do not fit an input of shape {}", to_string(own), to_string(x));
    SAKER_ASSIGN(const Shape stretched, broadcast_shapes(own, head_shape(x, own.back())));
    if (stretched != head_shape(x, own.back()))
      return invalid("coefficients of shape {} do not fit an input of shape {}", to_string(own), to_string(x));
  }
  return one(args.dtype(0), x);
}

Status decode_boxes_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor &x = args.tensor(0), &a = args.tensor(1), &b = args.tensor(2), &c = args.tensor(3);
  copy_all(x, outputs[0]);
  const Shape head = head_shape(x.shape(), a.shape().back());
  const Rows<4> rows(head, {dense_strides(x.shape()), broadcast_strides(a.shape(), head),
                            broadcast_strides(b.shape(), head), broadcast_strides(c.shape(), head)});
  rows.each([&](const auto& at, const auto& step, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      const auto element = [&](const Tensor& from, std::size_t k) {
        return static_cast<double>(from.data<float>()[at[k] + i * step[k]]);
      };
      const double value = element(x, 0);
      outputs[0].data<float>()[at[0] + i * step[0]] =
          static_cast<float>((element(a, 1) * value + element(b, 2)) * value + element(c, 3));
    }
  });
  return {};
}

}  // namespace saker::ops
