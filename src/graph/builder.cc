// A graph built node by node.
#include "graph/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/op_def.h"
#include "graph/verifier.h"

namespace saker {

NetworkBuilder& NetworkBuilder::named(std::string name) {
  next_name_ = std::move(name);
  return *this;
}

bool NetworkBuilder::fail(Error error) {
  if (status_.ok()) status_ = std::move(error);
  return false;
}

std::string NetworkBuilder::take_name(const char* prefix, std::size_t count) {
  std::string name = std::exchange(next_name_, {});
  return name.empty() ? fmt::format("{}{}", prefix, count) : name;
}

ValueId NetworkBuilder::input(Shape shape, DType dtype) {
  if (!status_.ok()) return kNoValue;
  const std::string name = take_name("in", graph_.inputs.size());
  const bool fixed = std::ranges::none_of(shape, [](std::int64_t extent) { return extent < 0; });
  if (auto count = element_count(shape); !fixed || !count.ok()) {
    fail({ErrorCode::kInvalid, fmt::format("input '{}' cannot be {}", name, to_string(shape))});
    return kNoValue;
  }
  const ValueId id = graph_.add_value(name, dtype);
  auto& declared = graph_.declared_inputs.emplace_back();
  for (const std::int64_t extent : shape) declared.push_back({extent, ""});
  graph_.value(id).shape = std::move(shape);
  graph_.inputs.push_back(id);
  return id;
}

ValueId NetworkBuilder::open_input(std::vector<DeclaredDim> dims, DType dtype) {
  if (!status_.ok()) return kNoValue;
  const ValueId id = graph_.add_value(take_name("in", graph_.inputs.size()), dtype);
  graph_.declared_inputs.push_back(std::move(dims));
  graph_.inputs.push_back(id);
  return id;
}

ValueId NetworkBuilder::constant(Tensor tensor) {
  if (!status_.ok()) return kNoValue;
  return graph_.add_constant(take_name("c", graph_.values.size()), std::move(tensor));
}

ValueId NetworkBuilder::ints(const std::vector<std::int64_t>& values) {
  auto tensor = Tensor::make(DType::kInt64, {static_cast<std::int64_t>(values.size())});
  if (!tensor.ok()) {
    fail(tensor.error());
    return kNoValue;
  }
  std::ranges::copy(values, tensor->data<std::int64_t>());
  return constant(std::move(*tensor));
}

ValueId NetworkBuilder::floats(Shape shape, const std::vector<float>& values) {
  auto tensor = Tensor::make(DType::kFloat32, std::move(shape));
  if (tensor.ok() && tensor->elements() != static_cast<std::int64_t>(values.size())) {
    tensor = Error{ErrorCode::kInvalid,
                   fmt::format("{} numbers for a constant of {}", values.size(), to_string(tensor->shape()))};
  }
  if (!tensor.ok()) {
    fail(tensor.error());
    return kNoValue;
  }
  std::ranges::copy(values, tensor->data<float>());
  return constant(std::move(*tensor));
}

std::vector<ValueId> NetworkBuilder::add(Op op, std::vector<ValueId> inputs, Attributes attrs, std::size_t outputs) {
  const std::vector<ValueId> none(outputs, kNoValue);
  if (!status_.ok()) return none;
  Node node{op, take_name("n", graph_.nodes.size()), std::move(inputs), {}, std::move(attrs), {}};
  for (const ValueId id : node.inputs) {
    if (id == kNoValue || exists(id)) continue;
    fail({ErrorCode::kInvalid, fmt::format("{}: there is no value {}", describe(node), id)});
    return none;
  }
  for (std::size_t i = 0; i < outputs; ++i)
    node.outputs.push_back(graph_.add_value(fmt::format("{}.{}", node.name, i), DType::kFloat32));
  if (auto status = infer_node(graph_, node); !status.ok()) {
    fail(status.error());
    return none;
  }
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().outputs;
}

ValueId NetworkBuilder::add(Op op, std::vector<ValueId> inputs, Attributes attrs) {
  return add(op, std::move(inputs), std::move(attrs), 1)[0];
}

ValueId NetworkBuilder::conv(ValueId x, ValueId weights, ValueId bias, const Window& window) {
  if (!status_.ok()) return kNoValue;
  const Shape filter = shape(weights);
  if (filter.size() != 4) {
    fail({ErrorCode::kInvalid, fmt::format("weights of {} are no filters [M, C, h, w]", to_string(filter))});
    return kNoValue;
  }
  ConvAttrs attrs;
  const auto pad = [&](std::int64_t kernel) { return window.pad < 0 ? kernel / 2 : window.pad; };
  attrs.window.strides = {window.stride, window.stride};
  if (window.dilation != 1) attrs.window.dilations = {window.dilation, window.dilation};
  attrs.window.pads = {pad(filter[2]), pad(filter[3]), pad(filter[2]), pad(filter[3])};
  attrs.group = window.group;
  std::vector<ValueId> inputs = {x, weights};
  if (bias != kNoValue) inputs.push_back(bias);
  return add(Op::kConv, std::move(inputs), attrs);
}

ValueId NetworkBuilder::batch_norm(ValueId x, const Normalization& of) {
  return add(Op::kBatchNormalization, {x, of.scale, of.shift, of.mean, of.variance},
             BatchNormalizationAttrs{of.epsilon});
}

ValueId NetworkBuilder::activation(ValueId x, const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::kNone:
      return x;
    case ActivationKind::kRelu:
      return add(Op::kRelu, {x});
    case ActivationKind::kLeakyRelu:
      return add(Op::kLeakyRelu, {x}, LeakyReluAttrs{activation.alpha});
    case ActivationKind::kClip: {
      std::string name = std::exchange(next_name_, {});
      const ValueId low = scalar(activation.alpha), high = scalar(activation.beta);
      return named(std::move(name)).add(Op::kClip, {x, low, high});
    }
    case ActivationKind::kSigmoid:
      return add(Op::kSigmoid, {x});
    case ActivationKind::kSilu:
      return add(Op::kSilu, {x});
    case ActivationKind::kHardSwish:
      return add(Op::kHardSwish, {x});
    case ActivationKind::kHardSigmoid:
      return add(Op::kHardSigmoid, {x}, HardSigmoidAttrs{activation.alpha, activation.beta});
  }
  return kNoValue;
}

ValueId NetworkBuilder::max_pool(ValueId x, std::int64_t kernel, std::int64_t stride) {
  PoolAttrs attrs;
  attrs.window.kernel = {kernel, kernel};
  attrs.window.strides = {stride, stride};
  attrs.window.pads.assign(4, kernel / 2);
  return add(Op::kMaxPool, {x}, attrs);
}

ValueId NetworkBuilder::concat(std::vector<ValueId> inputs, std::int64_t axis) {
  return add(Op::kConcat, std::move(inputs), AxisAttrs{axis});
}

// The operands that say how are constants of their own, so the name that was given is the node's.
std::vector<ValueId> NetworkBuilder::split(ValueId x, const std::vector<std::int64_t>& sizes, std::int64_t axis) {
  std::string name = std::exchange(next_name_, {});
  const ValueId parts = ints(sizes);
  return named(std::move(name)).add(Op::kSplit, {x, parts}, SplitAttrs{axis}, sizes.size());
}

ValueId NetworkBuilder::slice(ValueId x, std::int64_t axis, std::int64_t start, std::int64_t end, std::int64_t step) {
  std::string name = std::exchange(next_name_, {});
  const std::vector<ValueId> inputs = {x, ints({start}), ints({end}), ints({axis}), ints({step})};
  return named(std::move(name)).add(Op::kSlice, inputs);
}

ValueId NetworkBuilder::reshape(ValueId x, const std::vector<std::int64_t>& to) {
  std::string name = std::exchange(next_name_, {});
  const ValueId target = ints(to);
  return named(std::move(name)).add(Op::kReshape, {x, target}, ReshapeAttrs{});
}

ValueId NetworkBuilder::transpose(ValueId x, std::vector<std::int64_t> perm) {
  return add(Op::kTranspose, {x}, TransposeAttrs{std::move(perm)});
}

ValueId NetworkBuilder::upsample(ValueId x, bool linear) {
  ResizeAttrs attrs;
  attrs.mode = linear ? ResizeMode::kLinear : ResizeMode::kNearest;
  attrs.coordinates = linear ? ResizeCoordinates::kHalfPixel : ResizeCoordinates::kAsymmetric;
  attrs.nearest = ResizeNearest::kFloor;
  std::string name = std::exchange(next_name_, {});
  const ValueId scales = floats({4}, {1, 1, 2, 2});
  return named(std::move(name)).add(Op::kResize, {x, kNoValue, scales}, attrs);
}

NetworkBuilder& NetworkBuilder::output(ValueId id) {
  if (!status_.ok()) return *this;
  if (!exists(id)) {
    fail({ErrorCode::kInvalid, fmt::format("there is no value {} to be an output", id)});
    return *this;
  }
  if (!next_name_.empty()) graph_.value(id).name = std::exchange(next_name_, {});
  graph_.outputs.push_back(id);
  return *this;
}

Shape NetworkBuilder::shape(ValueId id) const {
  return exists(id) ? graph_.value(id).shape.value_or(Shape{}) : Shape{};
}

Result<Graph> NetworkBuilder::finish() {
  Graph graph = std::exchange(graph_, {});
  Status status = std::exchange(status_, {});
  next_name_.clear();
  if (status.ok()) status = verify(graph);
  if (!status.ok()) return status.error();
  return graph;
}

}  // namespace saker
