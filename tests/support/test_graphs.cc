// The builder of random weights, and the nets made with it.
#include "support/test_graphs.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace saker {

Tensor make_tensor(Shape shape, const std::vector<float>& values) {
  Tensor tensor = Tensor::make(DType::kFloat32, std::move(shape)).value();
  SAKER_CHECK(tensor.elements() == static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), tensor.data<float>());
  return tensor;
}

Tensor make_ints(const std::vector<std::int64_t>& values) {
  Tensor tensor = Tensor::make(DType::kInt64, {static_cast<std::int64_t>(values.size())}).value();
  std::copy(values.begin(), values.end(), tensor.data<std::int64_t>());
  return tensor;
}

Tensor random_tensor(Shape shape, std::uint32_t seed, float low, float high) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> numbers(low, high);
  Tensor tensor = Tensor::make(DType::kFloat32, std::move(shape)).value();
  for (std::int64_t i = 0; i < tensor.elements(); ++i) tensor.data<float>()[i] = numbers(engine);
  return tensor;
}

Graph& GraphBuilder::graph() {
  SAKER_CHECK(status().ok());
  return graph_;
}

ValueId GraphBuilder::conv(ValueId x, std::int64_t channels, const ConvOptions& o) {
  const std::int64_t in = shape(x)[1] / o.group;
  // About variance 1 in, variance 1 out.
  const float range = 1.7F / std::sqrt(static_cast<float>(in * o.kernel * o.kernel));
  const ValueId weights = random({channels, in, o.kernel, o.kernel}, -range, range);
  const ValueId bias = o.bias ? random({channels}, -0.5F, 0.5F) : kNoValue;
  return NetworkBuilder::conv(x, weights, bias, {.stride = o.stride, .pad = o.pad, .group = o.group});
}

ValueId GraphBuilder::conv_silu(ValueId x, std::int64_t channels, std::int64_t kernel, std::int64_t stride) {
  const ValueId y = conv(x, channels, {.kernel = kernel, .stride = stride});
  return add(Op::kMul, {y, add(Op::kSigmoid, {y})});
}

ValueId GraphBuilder::batch_norm(ValueId x) {
  const std::int64_t c = shape(x)[1];
  Normalization of;
  of.scale = random({c});
  of.shift = random({c});
  of.mean = random({c});
  of.variance = random({c}, 0.25F, 4);
  return NetworkBuilder::batch_norm(x, of);
}

namespace {

ValueId c2f(GraphBuilder& b, ValueId x) {
  auto parts = b.split(b.conv_silu(x, 16), {8, 8});
  for (int i = 0; i < 2; ++i) {
    const ValueId last = parts.back();
    parts.push_back(b.add(Op::kAdd, {last, b.conv_silu(b.conv_silu(last, 8, 3), 8, 3)}));
  }
  return b.conv_silu(b.concat(parts), 12);
}

ValueId sppf(GraphBuilder& b, ValueId x) {
  std::vector<ValueId> parts = {b.conv_silu(x, 6)};
  for (int i = 0; i < 3; ++i) parts.push_back(b.max_pool(parts.back(), 5));
  return b.conv_silu(b.concat(parts), 12);
}

ValueId focus(GraphBuilder& b, ValueId x) {
  std::vector<ValueId> parts;
  for (const std::int64_t column : {0, 1}) {
    for (const std::int64_t row : {0, 1})
      parts.push_back(b.slice(b.slice(x, 2, row, INT64_MAX, 2), 3, column, INT64_MAX, 2));
  }
  return b.conv_silu(b.concat(parts), 8, 3);
}

// Distances as expectations over 4 bins, as YOLOv8 exports them.
ValueId dfl(GraphBuilder& b, ValueId x, std::int64_t cells) {
  const std::int64_t batch = b.shape(x)[0];
  const ValueId flat = b.reshape(b.conv(x, 4 * 4 + 3), {batch, 19, cells});
  const auto parts = b.split(flat, {16, 3});
  const ValueId bins = b.transpose(b.reshape(parts[0], {batch, 4, 4, cells}), {0, 2, 1, 3});
  const ValueId weights = b.floats({1, 4, 1, 1}, {0, 1, 2, 3});
  const ValueId distances = b.reshape(
      b.add(Op::kConv, {b.add(Op::kSoftmax, {bins}, SoftmaxAttrs{1, false}), weights}, ConvAttrs{}), {batch, 4, cells});
  const auto corners = b.split(distances, {2, 2});
  const ValueId anchors = b.random({1, 2, cells}, 0, 8);
  const ValueId low = b.add(Op::kSub, {anchors, corners[0]});
  const ValueId high = b.add(Op::kAdd, {anchors, corners[1]});
  const ValueId center = b.add(Op::kDiv, {b.add(Op::kAdd, {low, high}), b.scalar(2)});
  const ValueId box = b.concat({center, b.add(Op::kSub, {high, low})});
  return b.concat({b.add(Op::kMul, {box, b.scalar(8)}), b.add(Op::kSigmoid, {parts[1]})});
}

// One level of YOLOv5: 3 anchors, 2 classes.
ValueId yolov5_level(GraphBuilder& b, ValueId x) {
  const std::int64_t n = b.shape(x)[0];
  const std::int64_t h = b.shape(x)[2];
  const std::int64_t w = b.shape(x)[3];
  const ValueId raw = b.transpose(b.reshape(b.conv(x, 21), {n, 3, 7, h, w}), {0, 1, 3, 4, 2});
  const auto parts = b.split(b.add(Op::kSigmoid, {raw}), {2, 2, 3}, 4);
  const ValueId grid = b.random({1, 3, h, w, 2}, 0, 8);
  const ValueId xy = b.add(Op::kMul, {b.add(Op::kAdd, {b.add(Op::kMul, {parts[0], b.scalar(2)}), grid}), b.scalar(8)});
  const ValueId doubled = b.add(Op::kMul, {parts[1], b.scalar(2)});
  const ValueId wh = b.add(Op::kMul, {b.add(Op::kMul, {doubled, doubled}), b.random({1, 3, 1, 1, 2}, 1, 9)});
  return b.reshape(b.concat({xy, wh, parts[2]}, 4), {n, 3 * h * w, 7});
}

ValueId attention(GraphBuilder& b, ValueId x) {
  const std::int64_t n = b.shape(x)[0];
  const std::int64_t cells = b.shape(x)[2] * b.shape(x)[3];
  const auto qkv = b.split(b.reshape(b.conv(x, 32), {n, 2, 16, cells}), {4, 4, 8}, 2);
  const ValueId scores =
      b.add(Op::kMul, {b.add(Op::kMatMul, {b.transpose(qkv[0], {0, 1, 3, 2}), qkv[1]}), b.scalar(0.5F)});
  const ValueId weights = b.transpose(b.add(Op::kSoftmax, {scores}, SoftmaxAttrs{-1, false}), {0, 1, 3, 2});
  const ValueId mixed = b.reshape(b.add(Op::kMatMul, {qkv[2], weights}), {n, 16, b.shape(x)[2], b.shape(x)[3]});
  const ValueId position =
      b.conv(b.reshape(qkv[2], {n, 16, b.shape(x)[2], b.shape(x)[3]}), 16, {.kernel = 3, .group = 16});
  return b.conv(b.add(Op::kAdd, {mixed, position}), 12);
}

ValueId squeeze_excite(GraphBuilder& b, ValueId x) {
  const ValueId gate = b.add(Op::kHardSigmoid,
                             {b.conv(b.add(Op::kRelu, {b.conv(b.add(Op::kGlobalAveragePool, {x}), 3)}), b.shape(x)[1])},
                             HardSigmoidAttrs{1.0F / 6, 0.5F});
  return b.add(Op::kMul, {x, gate});
}

ValueId mobile(GraphBuilder& b, ValueId x) {
  ValueId y = b.batch_norm(b.conv(x, 10, {.kernel = 1, .bias = false}));
  const ValueId clipped = b.add(Op::kClip, {b.add(Op::kAdd, {y, b.scalar(3)}), b.scalar(0), b.scalar(6)});
  y = b.add(Op::kDiv, {b.add(Op::kMul, {y, clipped}), b.scalar(6)});
  y = b.batch_norm(b.conv(y, 10, {.kernel = 5, .group = 10}));
  y = b.conv(squeeze_excite(b, y), b.shape(x)[1]);
  return b.add(Op::kAdd, {x, y});
}

// Top-down and bottom-up paths over two levels.
ValueId neck(GraphBuilder& b, ValueId x) {
  const ValueId low = b.conv_silu(x, 8, 3, 2);
  const ValueId up = b.conv_silu(b.concat({b.upsample(low), x}), 6);
  return b.conv_silu(b.concat({b.conv_silu(up, 6, 3, 2), low}), 10);
}

ValueId shuffle(GraphBuilder& b, ValueId x) {
  const auto halves = b.split(b.conv_silu(x, 12), {6, 6});
  const ValueId branch = b.batch_norm(b.conv(halves[1], 6, {.kernel = 3, .group = 6, .bias = false}));
  const ValueId both = b.concat({halves[0], b.add(Op::kLeakyRelu, {branch}, LeakyReluAttrs{0.1F})});
  const Shape s = b.shape(both);
  return b.reshape(b.transpose(b.reshape(both, {s[0], 2, 6, s[2], s[3]}), {0, 2, 1, 3, 4}), {s[0], 12, s[2], s[3]});
}

ValueId detr_like(GraphBuilder& b, ValueId x) {
  const std::int64_t cells = b.shape(x)[2] * b.shape(x)[3];
  const ValueId tokens = b.transpose(b.reshape(x, {b.shape(x)[0], b.shape(x)[1], cells}), {0, 2, 1});
  const ValueId hidden =
      b.add(Op::kRelu, {b.add(Op::kAdd, {b.add(Op::kMatMul, {tokens, b.random({b.shape(x)[1], 9})}), b.random({9})})});
  const ValueId mean = b.add(Op::kReduceMean, {hidden, b.ints({-1})}, ReduceAttrs{});
  return b.concat({b.add(Op::kSub, {hidden, mean}), b.add(Op::kReduceMax, {hidden, b.ints({2})}, ReduceAttrs{})}, 2);
}

Net net_of(std::string name, const Shape& input, const std::function<void(GraphBuilder&, ValueId)>& build) {
  GraphBuilder b;
  build(b, b.input(input));
  return {std::move(name), std::move(b.graph())};
}

}  // namespace

std::vector<Net> yolo_parts(std::int64_t batch) {
  const Shape in = {batch, 12, 8, 6};
  std::vector<Net> nets;
  const auto simple = [&](const char* name, ValueId (*part)(GraphBuilder&, ValueId)) {
    nets.push_back(net_of(name, in, [&](GraphBuilder& b, ValueId x) { b.output(part(b, x)); }));
  };
  simple("c2f", c2f);
  simple("sppf", sppf);
  simple("focus", focus);
  simple("attention", attention);
  simple("squeeze_excite", squeeze_excite);
  simple("mobile", mobile);
  simple("neck", neck);
  simple("shuffle", shuffle);
  simple("detr_like", detr_like);
  nets.push_back(net_of("dfl", in, [](GraphBuilder& b, ValueId x) { b.output(dfl(b, x, 48)); }));
  // Behind an upsampled picture: a 1x1 convolution, and one with a residual.
  nets.push_back(net_of("upsampled_pair", in, [](GraphBuilder& b, ValueId x) {
    const ValueId both = b.concat({b.upsample(b.conv_silu(x, 7, 3, 2)), x});
    b.output(b.conv_silu(both, 9)).output(b.add(Op::kAdd, {b.conv_silu(both, 12), x}));
  }));
  nets.push_back(net_of("two_levels", in, [](GraphBuilder& b, ValueId x) {
    const ValueId half = b.conv_silu(x, 9, 3, 2);
    b.output(b.concat({yolov5_level(b, x), yolov5_level(b, half)}));
  }));
  nets.push_back(
      net_of("linear_upsample", in, [](GraphBuilder& b, ValueId x) { b.output(b.upsample(b.conv_silu(x, 5), true)); }));
  nets.push_back(net_of("backbone", {batch, 3, 32, 32}, [](GraphBuilder& b, ValueId x) {
    ValueId y = c2f(b, b.conv_silu(b.conv_silu(x, 8, 3, 2), 12, 3, 2));
    b.output(y);  // a level that is also an output
    y = sppf(b, c2f(b, b.conv_silu(y, 14, 3, 2)));
    b.output(neck(b, b.upsample(y)));
  }));
  return nets;
}

std::vector<Tensor> random_inputs(const Graph& graph, std::uint32_t seed) {
  std::vector<Tensor> inputs;
  for (const ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    SAKER_CHECK(value.dtype == DType::kFloat32);
    inputs.push_back(random_tensor(*value.shape, seed++));
  }
  return inputs;
}

}  // namespace saker
