#include "nets/graph_builder.h"

#include <fmt/format.h>

#include <array>

namespace saker::nets {
namespace {

constexpr std::array<std::string_view, 2> kNotZeros = {"reflect", "replicate"};

// One number for both axes, or one for each.
std::vector<std::int64_t> pair_of(const Module& of, std::string_view attribute, std::int64_t fallback) {
  std::vector<std::int64_t> list = of.integers(attribute);
  if (list.empty()) list = {fallback};
  if (list.size() == 1) list.push_back(list[0]);
  return list;
}

WindowAttrs window_of(const Module& of) {
  WindowAttrs window;
  window.strides = pair_of(of, "stride", 1);
  window.dilations = pair_of(of, "dilation", 1);
  const std::vector<std::int64_t> pads = pair_of(of, "padding", 0);
  window.pads = {pads[0], pads[1], pads[0], pads[1]};
  return window;
}

WindowAttrs window_of(const PoolWindow& pool) {
  WindowAttrs window;
  window.kernel = {pool.kernel, pool.kernel};
  window.strides = {pool.stride, pool.stride};
  window.dilations = {pool.dilation, pool.dilation};
  window.pads.assign(4, pool.pad);
  return window;
}

ResizeAttrs nearest() {
  ResizeAttrs attrs;
  attrs.mode = ResizeMode::kNearest;
  attrs.coordinates = ResizeCoordinates::kAsymmetric;
  attrs.nearest = ResizeNearest::kFloor;
  return attrs;
}

}  // namespace

Var GraphBuilder::picture(std::int64_t channels) {
  return graph_.named("images").open_input({{-1, "batch"}, {channels, ""}, {-1, "height"}, {-1, "width"}});
}

Var GraphBuilder::fail(const Module& of, const std::string& what) {
  if (ok()) status_ = Error{ErrorCode::kUnsupported, fmt::format("{}: {}", of.describe(), what)};
  return kNothing;
}

Var GraphBuilder::weight(const Module& of, const char* name) {
  const Tensor* tensor = of.weight(name);
  if (tensor == nullptr) return fail(of, fmt::format("it has no weight '{}'", name));
  const std::string full = of.path.empty() ? name : fmt::format("{}.{}", of.path, name);
  const Var constant = graph_.named(full).constant(*tensor);
  if (tensor->dtype() == DType::kFloat32) return constant;
  return graph_.named(full + ".float").add(Op::kCast, {constant}, CastAttrs{DType::kFloat32});
}

Var GraphBuilder::conv(const Module& of, Var x) {
  ConvAttrs attrs;
  attrs.window = window_of(of);
  attrs.group = of.integer("groups", 1);
  if (!of.text("padding").empty()) return fail(of, fmt::format("padding '{}' is not known", of.text("padding")));
  for (const std::string_view mode : kNotZeros) {
    if (of.text("padding_mode") == mode) return fail(of, fmt::format("padding mode '{}' is not known", mode));
  }
  std::vector<ValueId> inputs = {x, weight(of, "weight")};
  if (of.weight("bias") != nullptr) inputs.push_back(weight(of, "bias"));
  return graph_.named(of.path).add(Op::kConv, std::move(inputs), std::move(attrs));
}

Var GraphBuilder::conv_transpose(const Module& of, Var x) {
  ConvTransposeAttrs attrs;
  attrs.window = window_of(of);
  attrs.group = of.integer("groups", 1);
  attrs.output_padding = pair_of(of, "output_padding", 0);
  std::vector<ValueId> inputs = {x, weight(of, "weight")};
  if (of.weight("bias") != nullptr) inputs.push_back(weight(of, "bias"));
  return graph_.named(of.path).add(Op::kConvTranspose, std::move(inputs), std::move(attrs));
}

Var GraphBuilder::batch_norm(const Module& of, Var x) {
  const std::vector<ValueId> inputs = {x, weight(of, "weight"), weight(of, "bias"), weight(of, "running_mean"),
                                       weight(of, "running_var")};
  const auto epsilon = static_cast<float>(of.number("eps", 1e-5));
  return graph_.named(of.path).add(Op::kBatchNormalization, inputs, BatchNormalizationAttrs{epsilon});
}

Var GraphBuilder::activation(const Module& of, Var x) {
  graph_.named(of.path);
  if (of.type == "SiLU") return graph_.activation(x, {ActivationKind::kSilu});
  if (of.type == "ReLU") return graph_.activation(x, {ActivationKind::kRelu});
  if (of.type == "ReLU6") return graph_.activation(x, {ActivationKind::kClip, 0, 6});
  if (of.type == "Hardswish") return graph_.activation(x, {ActivationKind::kHardSwish});
  if (of.type == "Sigmoid") return graph_.activation(x, {ActivationKind::kSigmoid});
  if (of.type == "LeakyReLU") {
    const auto slope = static_cast<float>(of.number("negative_slope", 0.01));
    return graph_.activation(x, {ActivationKind::kLeakyRelu, slope});
  }
  return fail(of, "this activation is not known");
}

Var GraphBuilder::parameter(const Module& of, const char* name, std::vector<std::int64_t> shape) {
  return reshape(weight(of, name), shape);
}

Var GraphBuilder::max_pool(Var x, const PoolWindow& window) {
  PoolAttrs attrs;
  attrs.window = window_of(window);
  attrs.ceil_mode = window.ceil_mode;
  return graph_.add(Op::kMaxPool, {x}, std::move(attrs));
}

Var GraphBuilder::average_pool(Var x, const PoolWindow& window) {
  PoolAttrs attrs;
  attrs.window = window_of(window);
  attrs.ceil_mode = window.ceil_mode;
  attrs.count_include_pad = true;
  return graph_.add(Op::kAveragePool, {x}, std::move(attrs));
}

Var GraphBuilder::upsample(Var x, double factor) {
  const auto by = static_cast<float>(factor);
  const Var scales = graph_.floats({4}, {1, 1, by, by});
  return graph_.add(Op::kResize, {x, kNothing, scales}, nearest());
}

Var GraphBuilder::resize_like(Var x, Var like) {
  const Var sizes = graph_.concat({extents(x, 0, 2), extents(like, 2, 4)}, 0);
  return graph_.add(Op::kResize, {x, kNothing, kNothing, sizes}, nearest());
}

Var GraphBuilder::pad(Var x, const std::array<std::int64_t, 4>& p) {
  const Var pads = graph_.ints({0, 0, p[1], p[0], 0, 0, p[3], p[2]});
  return graph_.add(Op::kPad, {x, pads}, PadAttrs{});
}

Var GraphBuilder::every_second(Var x, std::int64_t row, std::int64_t column) {
  const std::vector<ValueId> inputs = {x, graph_.ints({row, column}), graph_.ints({INT64_MAX, INT64_MAX}),
                                       graph_.ints({2, 3}), graph_.ints({2, 2})};
  return graph_.add(Op::kSlice, inputs);
}

Var GraphBuilder::concat(std::vector<Var> parts, std::int64_t axis) {
  return graph_.concat(std::move(parts), axis);
}

std::vector<Var> GraphBuilder::split(Var x, const std::vector<std::int64_t>& sizes, std::int64_t axis) {
  return graph_.split(x, sizes, axis);
}

std::vector<Var> GraphBuilder::chunk(Var x, std::size_t parts) {
  return graph_.add(Op::kSplit, {x}, SplitAttrs{1}, parts);
}

Var GraphBuilder::add(Var a, Var b) {
  return graph_.add(Op::kAdd, {a, b});
}

Var GraphBuilder::multiply(Var a, Var b) {
  return graph_.add(Op::kMul, {a, b});
}

Var GraphBuilder::scale(Var x, double by) {
  const Var factor = graph_.scalar(static_cast<float>(by));
  return graph_.add(Op::kMul, {x, factor});
}

Var GraphBuilder::softmax(Var x, std::int64_t axis) {
  return graph_.add(Op::kSoftmax, {x}, SoftmaxAttrs{axis});
}

Var GraphBuilder::matmul(Var a, Var b) {
  return graph_.add(Op::kMatMul, {a, b});
}

Var GraphBuilder::transpose(Var x, const std::vector<std::int64_t>& order) {
  return graph_.transpose(x, order);
}

Var GraphBuilder::reshape(Var x, const std::vector<std::int64_t>& shape) {
  return graph_.reshape(x, shape);
}

Var GraphBuilder::as_picture(Var x, Var like) {
  const Var shape = graph_.concat({extents(x, 0, 2), extents(like, 2, 4)}, 0);
  return graph_.add(Op::kReshape, {x, shape}, ReshapeAttrs{});
}

Var GraphBuilder::extents(Var x, std::int64_t first, std::int64_t last) {
  return graph_.add(Op::kShape, {x}, ShapeAttrs{first, last});
}

Result<Graph> GraphBuilder::finish() {
  if (!status_.ok()) return status_.error();
  return graph_.finish();
}

}  // namespace saker::nets
