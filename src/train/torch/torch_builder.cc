#include "train/torch/torch_builder.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <array>

#include "train/torch/conv_geometry.h"
#include "train/torch/norm_silu_op.h"

namespace saker::train {

using nets::kNothing;
using nets::Module;
using nets::Var;

// After a failure there are no values to go on with: each operation gives kNothing.
#define SAKER_SKIP_AFTER_FAILURE() \
  if (!status_.ok()) return kNothing

Var TorchBuilder::add_value(at::Tensor tensor) {
  values_.push_back(std::move(tensor));
  const Var var = static_cast<Var>(values_.size()) - 1;
  if (values_.back().defined()) store(var);
  return var;
}

void TorchBuilder::given(const Module& of, Var output) {
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    if (watched_[i] == &of && output != kNothing) seen_[i] = value(output);
  }
}

Var TorchBuilder::fail(const Module& of, const std::string& what) {
  if (status_.ok()) status_ = Error{ErrorCode::kUnsupported, fmt::format("{}: {}", of.describe(), what)};
  return kNothing;
}

at::Tensor TorchBuilder::weight(const Module& of, const char* name) const {
  const auto module = weights_.of.find(&of);
  if (module == weights_.of.end()) return {};
  const auto found = module->second.find(name);
  return found == module->second.end() ? at::Tensor() : found->second;
}

Var TorchBuilder::conv(const Module& of, Var x) {
  SAKER_SKIP_AFTER_FAILURE();
  at::Tensor input = value(x), kernel = weight(of, "weight"), bias = weight(of, "bias");
  if (!kernel.defined()) return fail(of, "it has no weight 'weight'");
  if (is_rounded()) {
    if (const PlannedConv* planned = quantization_->planned(of)) return rounded_conv(of, input, *planned);
  }
  if (weights_.bfloat16 && quantization_ == nullptr) {
    input = input.to(at::kBFloat16);
    kernel = kernel.to(at::kBFloat16);
    if (bias.defined()) bias = bias.to(at::kBFloat16);
  }
  return add_value(at::conv2d(input, kernel, bias, pair_of(of, "stride", 1), pair_of(of, "padding", 0),
                              pair_of(of, "dilation", 1), of.integer("groups", 1)));
}

Var TorchBuilder::conv_transpose(const Module& of, Var x) {
  SAKER_SKIP_AFTER_FAILURE();
  const at::Tensor kernel = weight(of, "weight");
  if (!kernel.defined()) return fail(of, "it has no weight 'weight'");
  return add_value(at::conv_transpose2d(value(x).to(at::kFloat), kernel, weight(of, "bias"), pair_of(of, "stride", 1),
                                        pair_of(of, "padding", 0), pair_of(of, "output_padding", 0),
                                        of.integer("groups", 1), pair_of(of, "dilation", 1)));
}

Var TorchBuilder::batch_norm(const Module& of, Var x) {
  SAKER_SKIP_AFTER_FAILURE();
  const at::Tensor factor = weight(of, "weight"), bias = weight(of, "bias"), mean = weight(of, "running_mean"),
                   variance = weight(of, "running_var");
  if (!factor.defined() || !bias.defined() || !mean.defined() || !variance.defined())
    return fail(of, "weights of the normalization are missing");
  const bool training = norm_is_live(of);
  // Folded into its convolution.
  if (is_rounded() && !training && quantization_->plan().norms.contains(&of)) return add_value(value(x));
  const Norm norm = {value(x), factor, bias, mean, variance, of.number("momentum", 0.1), of.number("eps", 1e-5),
                     training};
  const Var var = add_value({});
  waiting_.emplace(var, norm);
  return var;
}

const at::Tensor& TorchBuilder::value(Var var) {
  at::Tensor& tensor = values_.at(static_cast<std::size_t>(var));
  if (const auto found = waiting_.find(var); found != waiting_.end()) {
    const Norm& n = found->second;
    tensor = at::batch_norm(n.x, n.factor, n.bias, n.mean, n.variance, n.training, n.momentum, n.eps, false);
    waiting_.erase(found);
    store(var);
  }
  return tensor;
}

Var TorchBuilder::activation(const Module& of, Var x) {
  SAKER_SKIP_AFTER_FAILURE();
  if (const auto found = waiting_.find(x); found != waiting_.end() && of.type == "SiLU") {
    const Norm norm = found->second;
    if (norm.training && norm.x.scalar_type() == at::kFloat && !is_point(x)) {
      waiting_.erase(found);  // nothing else takes it: flows make an activation of it at once
      return add_value(norm_silu(norm.x, norm.factor, norm.bias, norm.mean, norm.variance, norm.momentum, norm.eps));
    }
  }
  const at::Tensor& input = value(x);
  if (of.type == "SiLU") return add_value(is_gated(x) ? gated(input) : at::silu(input));
  if (of.type == "ReLU") return add_value(at::relu(input));
  if (of.type == "ReLU6") return add_value(at::clamp(input, 0, 6));
  if (of.type == "Hardswish") return add_value(at::hardswish(input));
  if (of.type == "Sigmoid") return add_value(at::sigmoid(input));
  if (of.type == "LeakyReLU") return add_value(at::leaky_relu(input, of.number("negative_slope", 0.01)));
  return fail(of, "this activation is not known");
}

Var TorchBuilder::parameter(const Module& of, const char* name, std::vector<std::int64_t> shape) {
  SAKER_SKIP_AFTER_FAILURE();
  const at::Tensor found = weight(of, name);
  if (!found.defined()) return fail(of, fmt::format("it has no weight '{}'", name));
  return add_value(found.reshape(shape));
}

Var TorchBuilder::max_pool(Var x, const nets::PoolWindow& window) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(
      at::max_pool2d(value(x), window.kernel, window.stride, window.pad, window.dilation, window.ceil_mode));
}

Var TorchBuilder::average_pool(Var x, const nets::PoolWindow& window) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(at::avg_pool2d(value(x), window.kernel, window.stride, window.pad, window.ceil_mode, true));
}

Var TorchBuilder::upsample(Var x, double factor) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(
      at::upsample_nearest2d(value(x), at::OptionalIntArrayRef(), c10::ArrayRef<double>({factor, factor})));
}

Var TorchBuilder::resize_like(Var x, Var like) {
  SAKER_SKIP_AFTER_FAILURE();
  const at::Tensor& target = value(like);
  return add_value(at::upsample_nearest2d(value(x), {target.size(2), target.size(3)}));
}

Var TorchBuilder::pad(Var x, const std::array<std::int64_t, 4>& p) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(at::constant_pad_nd(value(x), {p[0], p[2], p[1], p[3]}));
}

Var TorchBuilder::every_second(Var x, std::int64_t row, std::int64_t column) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(value(x).slice(2, row, INT64_MAX, 2).slice(3, column, INT64_MAX, 2));
}

Var TorchBuilder::concat(std::vector<Var> parts, std::int64_t axis) {
  SAKER_SKIP_AFTER_FAILURE();
  std::vector<at::Tensor> tensors;
  for (const Var part : parts) tensors.push_back(value(part));
  return add_value(at::cat(tensors, axis));
}

std::vector<Var> TorchBuilder::split(Var x, const std::vector<std::int64_t>& sizes, std::int64_t axis) {
  if (!status_.ok()) return std::vector<Var>(sizes.size(), kNothing);
  std::vector<Var> parts;
  for (const at::Tensor& part : at::split_with_sizes(value(x), sizes, axis)) parts.push_back(add_value(part));
  return parts;
}

std::vector<Var> TorchBuilder::chunk(Var x, std::size_t parts) {
  if (!status_.ok()) return std::vector<Var>(parts, kNothing);
  std::vector<Var> vars;
  for (const at::Tensor& part : at::chunk(value(x), static_cast<std::int64_t>(parts), 1))
    vars.push_back(add_value(part));
  return vars;
}

Var TorchBuilder::add(Var a, Var b) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(at::add(value(a), value(b)));
}

Var TorchBuilder::multiply(Var a, Var b) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(at::mul(value(a), value(b)));
}

Var TorchBuilder::scale(Var x, double by) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(at::mul(value(x), at::Scalar(by)));
}

Var TorchBuilder::softmax(Var x, std::int64_t axis) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(at::softmax(value(x), axis));
}

Var TorchBuilder::matmul(Var a, Var b) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(at::matmul(value(a), value(b)));
}

Var TorchBuilder::transpose(Var x, const std::vector<std::int64_t>& order) {
  SAKER_SKIP_AFTER_FAILURE();
  return add_value(value(x).permute(order));
}

Var TorchBuilder::reshape(Var x, const std::vector<std::int64_t>& shape) {
  SAKER_SKIP_AFTER_FAILURE();
  const at::Tensor& input = value(x);
  std::vector<std::int64_t> extents = shape;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == 0) extents[i] = input.size(static_cast<std::int64_t>(i));
  }
  return add_value(input.reshape(extents));
}

Var TorchBuilder::as_picture(Var x, Var like) {
  SAKER_SKIP_AFTER_FAILURE();
  const at::Tensor &input = value(x), &target = value(like);
  return add_value(input.reshape({input.size(0), input.size(1), target.size(2), target.size(3)}));
}

}  // namespace saker::train
