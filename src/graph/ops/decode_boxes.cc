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
  const std::int64_t n = args.shape(0)->back(), k = args.shape(1)->back();
  const Shape head = head_shape(*args.shape(0), k);
  SAKER_ASSIGN(const Tensor a, broadcast_to(args.tensor(1), head));
  SAKER_ASSIGN(const Tensor b, broadcast_to(args.tensor(2), head));
  SAKER_ASSIGN(const Tensor c, broadcast_to(args.tensor(3), head));
  const float* x = args.tensor(0).data<float>();
  float* y = outputs[0].data<float>();
  for (std::int64_t i = 0, coefficient = 0; i < outputs[0].elements(); ++i) {
    y[i] = x[i];
    if (i % n >= k) continue;
    const double value = static_cast<double>(x[i]);
    y[i] = static_cast<float>((static_cast<double>(a.data<float>()[coefficient]) * value +
                               static_cast<double>(b.data<float>()[coefficient])) *
                                  value +
                              static_cast<double>(c.data<float>()[coefficient]));
    ++coefficient;
  }
  return {};
}

}  // namespace saker::ops
