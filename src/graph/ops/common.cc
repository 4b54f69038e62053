// Args, the rule/kernel machinery and the shared checks (common.h).
#include "graph/ops/common.h"

#include <algorithm>

#include "graph/ops/convert.h"

namespace saker::ops {

Args::Args(const InferContext& context) : node_(&context.node()), infos_(context.input_count()) {
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    if (!context.has_input(i)) continue;
    infos_[i] = context.input(i);
    if (infos_[i]->constant != nullptr) infos_[i]->shape = &infos_[i]->constant->shape();
  }
}

Args::Args(const EvalContext& context) : node_(&context.node()), infos_(context.input_count()) {
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    if (!context.has_input(i)) continue;
    const Tensor& tensor = context.input(i);
    infos_[i] = ValueInfo{tensor.dtype(), &tensor.shape(), &tensor};
  }
}

Args::Args(const Graph& graph, const Node& node) : node_(&node), infos_(node.inputs.size()) {
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    if (node.inputs[i] != kNoValue) infos_[i] = info_of(graph.value(node.inputs[i]));
  }
}

Args::Args(const Node& node, std::span<const Tensor* const> inputs) : node_(&node), infos_(inputs.size()) {
  for (std::size_t i = 0; i < infos_.size(); ++i) {
    if (inputs[i] != nullptr) infos_[i] = ValueInfo{inputs[i]->dtype(), &inputs[i]->shape(), inputs[i]};
  }
}

bool Args::has_all_shapes() const {
  return std::ranges::all_of(infos_, [](const auto& info) { return !info || info->shape != nullptr; });
}

Status Args::check() const {
  const OpDef& def = op_def(node_->op);
  const int inputs = static_cast<int>(count());
  const int outputs = static_cast<int>(output_count());
  if (def.max_inputs >= 0 && inputs > def.max_inputs) {
    return invalid("{} inputs, but the operator takes at most {}", inputs, def.max_inputs);
  }
  if (outputs < def.min_outputs || (def.max_outputs >= 0 && outputs > def.max_outputs)) {
    return invalid("{} outputs, but the operator gives {}", outputs,
                   def.max_outputs < 0 ? def.min_outputs : def.max_outputs);
  }
  const std::size_t required = def.max_inputs < 0 ? std::max<std::size_t>(1, count()) : as_size(def.min_inputs);
  for (std::size_t i = 0; i < required; ++i) {
    if (!has(i)) return invalid("input {} is missing", i);
  }
  for (std::size_t i = 0; i < count(); ++i) {
    if (!has(i) || shape(i) == nullptr) continue;
    if (shape(i)->size() > kMaxRank)
      return invalid("input {} has rank {}, the limit is {}", i, shape(i)->size(), kMaxRank);
    if (auto elements = element_count(*shape(i)); !elements.ok()) return elements.error();
  }
  return {};
}

Status Args::check_type(std::size_t i, TypeSet allowed) const {
  if (contains(allowed, dtype(i))) return {};
  return invalid("input {} has type {}, which the operator does not take there", i, dtype_name(dtype(i)));
}

Status Args::check_same_types(TypeSet allowed) const {
  SAKER_TRY(check_type(0, allowed));
  for (std::size_t i = 1; i < count(); ++i) {
    if (has(i) && dtype(i) != dtype(0)) {
      return invalid("input 0 has type {} but input {} has type {}", dtype_name(dtype(0)), i, dtype_name(dtype(i)));
    }
  }
  return {};
}

std::size_t converted_bytes(const Args& args, std::size_t i, DType dtype) {
  if (!args.has(i) || args.dtype(i) == dtype) return 0;
  return as_size(extent_product(*args.shape(i), 0, args.shape(i)->size())) * dtype_size(dtype);
}

std::size_t scratch_bytes(const Args& args, const Outputs& outputs) {
  const OpDef& def = op_def(args.node().op);
  std::size_t bytes = def.scratch == nullptr ? 0 : def.scratch(args, outputs);
  for (std::size_t i = 0; def.widens && i < args.count(); ++i)
    bytes += args.has(i) && is_half(args.dtype(i)) ? converted_bytes(args, i, DType::kFloat32) : 0;
  for (const InferredOutput& output : outputs) {
    if (def.widens && is_half(output.dtype))
      bytes += as_size(extent_product(*output.shape, 0, output.shape->size())) * sizeof(float);
  }
  return bytes;
}

Result<Outputs> apply_rule(const Args& args, RuleFn rule) {
  SAKER_TRY(args.check());
  SAKER_ASSIGN(Outputs outputs, rule(args));
  for (const InferredOutput& output : outputs) {
    if (!output.shape) continue;
    if (output.shape->size() > kMaxRank)
      return invalid("the output has rank {}, the limit is {}", output.shape->size(), kMaxRank);
    if (auto elements = element_count(*output.shape); !elements.ok()) return elements.error();
  }
  return outputs;
}

Status infer_by(InferContext& context, RuleFn rule) {
  SAKER_ASSIGN(Outputs outputs, apply_rule(Args(context), rule));
  for (std::size_t i = 0; i < outputs.size(); ++i) context.set_output(i, outputs[i].dtype, std::move(outputs[i].shape));
  return {};
}

namespace {

// Runs the kernel on float32 copies of the half-precision tensors.
Status run_widened(const Args& args, std::span<Tensor> outputs, KernelFn kernel) {
  std::vector<Tensor> wide_inputs(args.count());
  std::vector<const Tensor*> inputs(args.count(), nullptr);
  for (std::size_t i = 0; i < args.count(); ++i) {
    if (!args.has(i)) continue;
    inputs[i] = &args.tensor(i);
    if (!is_half(args.dtype(i))) continue;
    SAKER_ASSIGN(wide_inputs[i], converted(args.tensor(i), DType::kFloat32));
    inputs[i] = &wide_inputs[i];
  }
  std::vector<Tensor> wide_outputs(outputs.begin(), outputs.end());
  for (Tensor& output : wide_outputs) {
    if (!is_half(output.dtype())) continue;
    SAKER_ASSIGN(output, Tensor::make(DType::kFloat32, output.shape()));
  }
  SAKER_TRY(kernel(Args(args.node(), inputs), wide_outputs));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (is_half(outputs[i].dtype())) convert(wide_outputs[i], outputs[i]);
  }
  return {};
}

}  // namespace

Status eval_by(EvalContext& context, RuleFn rule, KernelFn kernel, Halves halves) {
  const Args args(context);
  SAKER_ASSIGN(const Outputs infos, apply_rule(args, rule));
  for (const InferredOutput& info : infos) {
    if (!info.shape) return Error{ErrorCode::kInternal, "the shape rule left an output open"};
  }
  SAKER_TRY(context.take_scratch(scratch_bytes(args, infos)));
  std::vector<Tensor> outputs;
  outputs.reserve(infos.size());
  bool widen = false;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    SAKER_ASSIGN(Tensor output, context.output(i, infos[i].dtype, *infos[i].shape));
    outputs.push_back(std::move(output));
  }
  for (std::size_t i = 0; i < args.count(); ++i) widen = widen || (args.has(i) && is_half(args.dtype(i)));
  return widen && halves == Halves::kWiden ? run_widened(args, outputs, kernel) : kernel(args, outputs);
}

Result<std::size_t> normalize_axis(std::int64_t axis, std::size_t rank) {
  const std::int64_t n = as_int(rank);
  if (axis < -n || axis >= n) return invalid("axis {} is out of range for a tensor of rank {}", axis, rank);
  return as_size(axis < 0 ? axis + n : axis);
}

Result<std::vector<std::size_t>> normalize_axes(std::span<const std::int64_t> axes, std::size_t rank) {
  std::vector<std::size_t> result;
  std::vector<bool> seen(rank, false);
  for (const std::int64_t axis : axes) {
    SAKER_ASSIGN(const std::size_t normal, normalize_axis(axis, rank));
    if (seen[normal]) return invalid("axis {} is listed twice", normal);
    seen[normal] = true;
    result.push_back(normal);
  }
  return result;
}

Result<std::vector<std::int64_t>> int_list(const Tensor& tensor, const char* what) {
  if (!contains(kIndexTypes, tensor.dtype())) {
    return invalid("{} must be int64 or int32, not {}", what, dtype_name(tensor.dtype()));
  }
  if (tensor.shape().size() > 1) return invalid("{} must be a list, but has shape {}", what, to_string(tensor.shape()));
  std::vector<std::int64_t> values(as_size(tensor.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = tensor.dtype() == DType::kInt64 ? tensor.data<std::int64_t>()[i] : tensor.data<std::int32_t>()[i];
  }
  return values;
}

Result<std::vector<double>> float_list(const Tensor& tensor, const char* what) {
  if (!contains(kFloatTypes, tensor.dtype())) {
    return invalid("{} must be floating point, not {}", what, dtype_name(tensor.dtype()));
  }
  if (tensor.shape().size() > 1) return invalid("{} must be a list, but has shape {}", what, to_string(tensor.shape()));
  SAKER_ASSIGN(const Tensor wide, converted(tensor, DType::kFloat64));
  const double* data = wide.data<double>();
  return std::vector<double>(data, data + wide.elements());
}

Result<Shape> broadcast_shapes(const Shape& a, const Shape& b) {
  Shape out(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return invalid("shapes {} and {} do not broadcast", to_string(a), to_string(b));
    out[out.size() - 1 - i] = x == 1 ? y : x;
  }
  return out;
}

Shape broadcast_strides(const Shape& from, const Shape& to) {
  const Shape dense = dense_strides(from);
  Shape strides(to.size(), 0);
  const std::size_t skip = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 1) strides[skip + i] = dense[i];
  }
  return strides;
}

std::int64_t saturating_mul(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_mul_overflow(a, b, &result)) return result;
  return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (!__builtin_add_overflow(a, b, &result)) return result;
  return a < 0 ? INT64_MIN : INT64_MAX;
}

std::int64_t extent_product(const Shape& shape, std::size_t begin, std::size_t end) {
  std::int64_t product = 1;
  for (std::size_t i = begin; i < end; ++i) product *= shape[i];
  return product;
}

}  // namespace saker::ops
