// Random graphs: the operators that compute.
#include <algorithm>

#include "support/random_graph_maker.h"

namespace saker {

ValueId RandomGraphMaker::image() {
  const ValueId found = choose([&](ValueId id) { return is_float32(id) && rank(id) == 4; });
  if (found != kNoValue) return found;
  if (const ValueId x = choose_float(); x != kNoValue && size(x) > 0 && random_.chance(50)) {
    const Shape s = shape(x);
    return add(Op::kReshape, {x, ints({1, s.empty() ? 1 : s[0], -1, 1})}, ReshapeAttrs{});
  }
  return input({random_.in(1, 2), random_.in(1, 9), random_.in(1, 8), random_.in(1, 8)}, DType::kFloat32);
}

std::int64_t RandomGraphMaker::group_of(std::int64_t channels) {
  if (random_.chance(60) || channels < 1) return 1;
  if (random_.chance(50)) return channels;
  std::vector<std::int64_t> divisors;
  for (std::int64_t d = 1; d <= channels; ++d) {
    if (channels % d == 0) divisors.push_back(d);
  }
  return random_.pick(divisors);
}

// Weights whose magnitudes add up to about 1, so that deep graphs stay in range.
ValueId RandomGraphMaker::conv_of(ValueId x, std::int64_t out_channels, bool same_size) {
  if (x == kNoValue) return kNoValue;
  const std::int64_t channels = shape(x)[1];
  ConvAttrs attrs;
  attrs.group = group_of(channels);
  if (out_channels % attrs.group != 0) attrs.group = 1;
  const std::int64_t in = channels / attrs.group;
  const std::int64_t odd = random_.pick({1, 1, 3, 3, 5});
  const std::int64_t kh = same_size ? odd : random_.pick({1, 1, 1, 2, 3, 3, 4});
  const std::int64_t kw = same_size || random_.chance(70) ? kh : random_.in(1, 3);
  const std::int64_t d = random_.chance(15) ? 2 : 1;
  if (d > 1 || random_.chance(50)) attrs.window.dilations = {d, d};
  if (same_size) {
    attrs.window.pads = {kh / 2 * d, kw / 2 * d, kh / 2 * d, kw / 2 * d};
  } else {
    const std::int64_t sh = random_.pick({1, 1, 2, 3});
    attrs.window.strides = {sh, random_.chance(80) ? sh : 1};
    attrs.window.pads = {kh / 2, kw / 2, kh / 2, kw / 2};
    if (random_.chance(20)) attrs.window.pads = {random_.below(kh), random_.below(kw), random_.in(0, 3), 0};
    if (random_.chance(10)) {
      attrs.window.pads.clear();
      attrs.window.auto_pad = random_.pick({AutoPad::kSameUpper, AutoPad::kSameLower, AutoPad::kValid});
    }
  }
  const Shape weights = {out_channels, in, kh, kw};
  const float range = 2 / static_cast<float>(std::max<std::int64_t>(in * kh * kw, 1));
  std::vector<ValueId> inputs = {x,
                                 random_.chance(4) ? input(weights, DType::kFloat32) : floats(weights, -range, range)};
  if (random_.chance(60))
    inputs.push_back(random_.chance(3) ? input({out_channels}, DType::kFloat32) : floats({out_channels}, -1, 1));
  return add(Op::kConv, std::move(inputs), attrs);
}

ValueId RandomGraphMaker::batch_norm(ValueId x) {
  if (x == kNoValue || rank(x) < 2) return x;
  const Shape c = {shape(x)[1]};
  const ValueId y =
      add(Op::kBatchNormalization, {x, floats(c, -1.5F, 1.5F), floats(c, -1, 1), floats(c, -1, 1), floats(c, 0.5F, 3)},
          BatchNormalizationAttrs{});
  return y == kNoValue ? x : y;
}

ValueId RandomGraphMaker::hard_swish(ValueId x) {
  const ValueId shifted = random_.chance(50) ? add(Op::kAdd, {x, scalar(3)}) : add(Op::kAdd, {scalar(3), x});
  const ValueId clip = add(Op::kClip, {shifted, scalar(0), scalar(random_.chance(90) ? 6 : 5)});
  switch (random_.below(4)) {
    case 0:
      return add(Op::kDiv, {add(Op::kMul, {x, clip}), scalar(6)});
    case 1:
      return add(Op::kMul, {x, add(Op::kDiv, {clip, scalar(6)})});
    case 2:
      return add(Op::kMul, {add(Op::kMul, {clip, scalar(1.0F / 6)}), x});
    default:
      return add(Op::kMul, {add(Op::kMul, {clip, x}), scalar(1.0F / 6)});
  }
}

ValueId RandomGraphMaker::activation(ValueId x) {
  if (x == kNoValue) return kNoValue;
  const ValueId low = random_.chance(80) ? scalar(random_.real(-0.5F, 0), random_.chance(90) ? 0 : 1) : kNoValue;
  const ValueId high = random_.chance(80) ? scalar(random_.real(0.1F, 0.8F)) : kNoValue;
  switch (random_.below(12)) {
    case 0:
      return add(Op::kRelu, {x});
    case 1:
      return add(Op::kLeakyRelu, {x}, LeakyReluAttrs{random_.real(-0.2F, 0.5F)});
    case 2:
      return add(Op::kClip, {x, low, high});
    case 3:
      return add(Op::kSigmoid, {x});
    case 4:
      return hard_swish(x);
    case 5:
      return add(Op::kHardSigmoid, {x}, HardSigmoidAttrs{random_.chance(50) ? 0.2F : 1.0F / 6, 0.5F});
    case 6:
      return add(Op::kMul, {x, add(Op::kHardSigmoid, {x}, HardSigmoidAttrs{1.0F / 6, 0.5F})});
    case 7:
      return random_.chance(50) ? add(Op::kHardSwish, {x}) : add(Op::kSilu, {x});
    case 8:
      return random_.chance(50) ? add(Op::kTanh, {x}) : add(Op::kPRelu, {x, scalar(0.2F)});
    default: {
      const ValueId gate = add(Op::kSigmoid, {x});
      return random_.chance(50) ? add(Op::kMul, {x, gate}) : add(Op::kMul, {gate, x});
    }
  }
}

void RandomGraphMaker::conv() {
  const std::int64_t out = random_.chance(70) ? random_.in(1, 12) : random_.pick({16, 17, 24, 33, 48});
  ValueId y = conv_of(image(), out, false);
  if (y != kNoValue && random_.chance(25)) y = batch_norm(y);
  if (y != kNoValue && random_.chance(55)) y = activation(y);
  if (y != kNoValue && random_.chance(5)) batch_norm(y);
}

void RandomGraphMaker::residual() {
  const ValueId x = image();
  if (x == kNoValue) return;
  ValueId y = conv_of(x, shape(x)[1], true);
  if (y != kNoValue && random_.chance(20)) y = batch_norm(y);
  if (y != kNoValue && random_.chance(60)) y = activation(y);
  if (y == kNoValue) return;
  ValueId other = choose([&](ValueId id) { return is_float32(id) && shape(id) == shape(y); });
  if (random_.chance(30)) other = x;
  random_.chance(50) ? add(Op::kAdd, {y, other}) : add(Op::kAdd, {other, y});
}

void RandomGraphMaker::head() {
  std::vector<ValueId> levels;
  const std::int64_t channels = random_.in(1, 20);
  const ValueId first = image();
  for (std::int64_t i = random_.in(1, 3); i > 0 && first != kNoValue; --i) {
    const ValueId x = image();
    if (x == kNoValue || shape(x)[0] != shape(first)[0]) continue;
    ValueId y = conv_of(x, channels, random_.chance(50));
    if (y == kNoValue) continue;
    const std::int64_t n = shape(y)[0];
    y = random_.chance(80)
            ? add(Op::kReshape, {y, ints({n, channels, -1})}, ReshapeAttrs{})
            : add(Op::kReshape, {add(Op::kTranspose, {y}, TransposeAttrs{{0, 2, 3, 1}}), ints({n, -1, channels})},
                  ReshapeAttrs{});
    if (y != kNoValue && random_.chance(15)) y = add(Op::kUnsqueeze, {y, ints({random_.in(0, 3)})});
    if (y != kNoValue) levels.push_back(y);
  }
  if (levels.empty()) return;
  const ValueId joined = add(Op::kConcat, levels, AxisAttrs{random_.in(1, rank(levels[0]) - 1)});
  if (joined != kNoValue && random_.chance(50)) split_of(joined, 1);
}

void RandomGraphMaker::pool() {
  const ValueId x = image();
  if (x == kNoValue) return;
  PoolAttrs attrs;
  const std::int64_t k = random_.in(1, 5);
  attrs.window.kernel = {k, random_.chance(80) ? k : 2};
  attrs.window.strides = {random_.in(1, 3), random_.in(1, 2)};
  if (random_.chance(60)) {
    const std::int64_t p = k / 2;
    attrs.window.pads = {p, attrs.window.kernel[1] / 2, p, attrs.window.kernel[1] / 2};
    if (random_.chance(60)) attrs.window.strides = {1, 1};
  }
  attrs.ceil_mode = random_.chance(30);
  attrs.count_include_pad = random_.chance(30);
  if (random_.chance(20)) {
    add(Op::kGlobalAveragePool, {x});
  } else if (exact(x) && random_.chance(10)) {
    add(Op::kMaxPool, {x}, attrs, 2);
  } else {
    add(random_.chance(60) ? Op::kMaxPool : Op::kAveragePool, {x}, attrs);
  }
}

void RandomGraphMaker::resize() {
  const ValueId x = image();
  if (x == kNoValue) return;
  ResizeAttrs attrs;
  attrs.mode = random_.pick({ResizeMode::kNearest, ResizeMode::kNearest, ResizeMode::kLinear, ResizeMode::kCubic});
  attrs.coordinates = random_.pick({ResizeCoordinates::kHalfPixel, ResizeCoordinates::kAsymmetric,
                                    ResizeCoordinates::kAlignCorners, ResizeCoordinates::kPytorchHalfPixel});
  attrs.nearest = random_.pick({ResizeNearest::kFloor, ResizeNearest::kRoundPreferFloor, ResizeNearest::kCeil});
  attrs.antialias = attrs.mode != ResizeMode::kNearest && random_.chance(15);
  if (random_.chance(60)) {
    const float s = random_.pick({2.0F, 2.0F, 3.0F, 0.5F, 1.5F});
    Tensor scales = Tensor::make(DType::kFloat32, {4}).value();
    const float all[4] = {1, random_.chance(5) ? s : 1.0F, s, random_.chance(80) ? s : 1.0F};
    std::copy(all, all + 4, scales.data<float>());
    add(Op::kResize, {x, kNoValue, constant(scales)}, attrs);
  } else {
    const Shape& s = shape(x);
    add(Op::kResize, {x, kNoValue, kNoValue, ints({s[0], s[1], random_.in(1, 12), random_.in(1, 12)})}, attrs);
  }
}

void RandomGraphMaker::activate() {
  activation(choose_float());
}

Shape RandomGraphMaker::broadcastable(const Shape& to) {
  Shape shape = to;
  for (auto& extent : shape) extent = random_.chance(45) ? 1 : extent;
  if (random_.chance(40))
    shape.erase(shape.begin(), shape.begin() + random_.in(0, static_cast<std::int64_t>(shape.size())));
  if (random_.chance(5) && shape.size() < 6) shape.insert(shape.begin(), to.size() == shape.size() ? 2 : 1);
  return shape;
}

void RandomGraphMaker::binary() {
  const ValueId a = choose_any();
  if (a == kNoValue) return;
  const DType dtype = value(a).dtype;
  if (is_float32(a) && random_.chance(12)) {
    static_cast<void>(random_.chance(60) ? add(Op::kDiv, {a, floats(broadcastable(shape(a)), 0.5F, 2)})
                                         : add(Op::kPow, {a, scalar(2, random_.chance(80) ? 0 : 2)}));
    return;
  }
  const Op op = random_.pick({Op::kAdd, Op::kSub, Op::kMul, Op::kMul, Op::kMin, Op::kMax});
  ValueId b = kNoValue;
  if (random_.chance(60)) {
    const Wanted same = [&](ValueId id) { return value(id).dtype == dtype && shape(id) == shape(a); };
    const Wanted any = [&](ValueId id) { return value(id).dtype == dtype; };
    b = choose(random_.chance(40) ? same : any);
  } else if (random_.chance(10)) {
    b = is_float32(a) ? scalar(op == Op::kMul ? 1 : 0, random_.chance(50) ? 0 : shape(a).size()) : kNoValue;
  }
  if (b == kNoValue) b = numbers(broadcastable(shape(a)), dtype, -1, 1);
  random_.chance(50) ? add(op, {a, b}) : add(op, {b, a});
}

void RandomGraphMaker::several_operands() {
  const ValueId a = choose_float();
  if (a == kNoValue) return;
  std::vector<ValueId> operands = {a};
  for (std::int64_t i = random_.in(0, 2); i > 0; --i) operands.push_back(floats(broadcastable(shape(a)), -1, 1));
  add(random_.chance(50) ? Op::kMax : Op::kMin, operands);
}

void RandomGraphMaker::softmax() {
  const ValueId x = choose_float(1);
  if (x == kNoValue) return;
  add(Op::kSoftmax, {x}, SoftmaxAttrs{axis_of(x, random_.below(rank(x))), random_.chance(10)});
}

void RandomGraphMaker::matmul() {
  ValueId a = choose_float(1);
  if (a == kNoValue) return;
  const Shape s = shape(a);
  const std::int64_t k = s.back();
  if (k > 40) return;
  const std::int64_t n = random_.in(1, 20);
  const Wanted fits = [&](ValueId id) {
    return is_float32(id) && rank(id) >= 1 &&
           shape(id)[shape(id).size() - std::min<std::size_t>(2, shape(id).size())] == k;
  };
  ValueId b = random_.chance(40) ? choose(fits) : kNoValue;
  if (b == kNoValue && s.size() >= 2 && random_.chance(30)) {  // with its own transpose
    std::vector<std::int64_t> perm;
    for (std::int64_t i = 0; i < rank(a); ++i) perm.push_back(i);
    std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
    b = add(Op::kTranspose, {a}, TransposeAttrs{perm});
    if (random_.chance(50)) std::swap(a, b);
  }
  const float range = 2 / static_cast<float>(std::max<std::int64_t>(k, 1));
  if (b == kNoValue) {
    Shape other = broadcastable(Shape(s.begin(), s.end() - std::min<std::ptrdiff_t>(2, rank(a))));
    other.insert(other.end(), {k, n});
    b = floats(other, -range, range);
  }
  if (s.size() == 2 && random_.chance(20)) {
    add(Op::kGemm, {a, b, floats({1}, -1, 1)},
        GemmAttrs{random_.real(0.5F, 1), 0.5F, random_.chance(30), random_.chance(30)});
  } else {
    add(Op::kMatMul, {a, b});
  }
}

void RandomGraphMaker::reduce() {
  const ValueId x = choose_float();
  if (x == kNoValue) return;
  const Op op = random_.pick({Op::kReduceMax, Op::kReduceMean, Op::kReduceSum});
  const ReduceAttrs attrs{random_.chance(50), random_.chance(10)};
  if (rank(x) == 0 || random_.chance(10)) {
    add(op, {x}, attrs);
    return;
  }
  std::vector<std::int64_t> axes = {axis_of(x, random_.below(rank(x)))};
  if (random_.chance(40)) axes = {-1};
  if (random_.chance(15) && rank(x) > 1) axes = {0, -1};
  add(op, {x, ints(axes)}, attrs);
}

void RandomGraphMaker::compare() {
  const ValueId a = choose([&](ValueId id) { return exact(id) && value(id).dtype != DType::kBool; });
  if (a == kNoValue) return;
  const ValueId b = numbers(broadcastable(shape(a)), value(a).dtype, -1, 1);
  const ValueId condition = add(random_.chance(50) ? Op::kEqual : Op::kGreater, {a, b});
  if (condition == kNoValue) return;
  const ValueId x = choose_float();
  if (x != kNoValue && random_.chance(70)) add(Op::kWhere, {condition, x, floats(broadcastable(shape(x)), -1, 1)});
}

void RandomGraphMaker::top_k() {
  const ValueId x = choose([&](ValueId id) { return exact(id) && is_float32(id) && rank(id) > 0 && size(id) > 0; });
  if (x == kNoValue) return;
  const std::int64_t axis = random_.below(rank(x));
  const std::int64_t extent = shape(x)[static_cast<std::size_t>(axis)];
  if (random_.chance(25)) {
    add(Op::kArgMax, {x}, ArgMaxAttrs{axis_of(x, axis), random_.chance(50), random_.chance(50)});
    return;
  }
  const auto found =
      add(Op::kTopK, {x, ints({random_.in(1, extent)})}, TopKAttrs{axis_of(x, axis), random_.chance(70), true}, 2);
  if (found.size() == 2 && random_.chance(50)) add(Op::kGatherElements, {x, found[1]}, AxisAttrs{axis});
}

void RandomGraphMaker::cast() {
  const ValueId x = choose_any();
  if (x == kNoValue) return;
  const DType to = exact(x) && random_.chance(60)
                       ? random_.pick({DType::kInt64, DType::kInt32, DType::kBool, DType::kUint8, DType::kInt8})
                       : random_.pick({DType::kFloat32, DType::kFloat32, DType::kFloat64, DType::kFloat16});
  const ValueId y = add(Op::kCast, {x}, CastAttrs{to});
  if (y != kNoValue && random_.chance(50))
    add(Op::kCast, {random_.chance(50) ? y : add(Op::kIdentity, {y})}, CastAttrs{DType::kFloat32});
}

void RandomGraphMaker::rare() {
  const ValueId x = choose_float();
  if (x == kNoValue) return;
  switch (random_.below(7)) {
    case 0:
      add(random_.chance(50) ? Op::kErf : Op::kTanh, {x});
      break;
    case 1:
      add(Op::kExp, {add(Op::kTanh, {x})});
      break;
    case 2:
      add(Op::kSqrt, {add(Op::kAdd, {add(Op::kMul, {x, x}), scalar(1)})});
      break;
    case 3:
      if (exact(x)) add(random_.chance(50) ? Op::kFloor : Op::kCeil, {x});
      break;
    case 4: {
      const ValueId y = image();
      DepthSpaceAttrs attrs{2, random_.chance(50) ? DepthOrder::kDcr : DepthOrder::kCrd};
      add(random_.chance(50) ? Op::kDepthToSpace : Op::kSpaceToDepth, {y}, attrs);
      break;
    }
    case 5: {
      const ValueId y = image();
      if (y == kNoValue) break;
      ConvTransposeAttrs attrs;
      attrs.window.strides = {2, 2};
      const std::int64_t c = shape(y)[1];
      add(Op::kConvTranspose,
          {y, floats({c, 3, 2, 2}, -1.0F / static_cast<float>(c + 1), 1.0F / static_cast<float>(c + 1))}, attrs);
      break;
    }
    default:
      batch_norm(x);
  }
}

}  // namespace saker
