// What TorchBuilder does where a network is trained for 8 bits (train/fake_quantization.h).
#include <ATen/ATen.h>

#include "train/torch/conv_geometry.h"
#include "train/torch/fake_quantize_op.h"
#include "train/torch/torch_builder.h"

namespace saker::train {

using nets::Module;
using nets::Var;

bool TorchBuilder::is_point(Var var) const {
  return quantization_ != nullptr && quantization_->plan().point_at.contains(var);
}

void TorchBuilder::store(Var var) {
  if (!is_point(var)) return;
  at::Tensor& tensor = values_[static_cast<std::size_t>(var)];
  const std::size_t point = quantization_->plan().point_at.at(var);
  if (training_ && quantization_->wants_ranges()) {
    const Extremes extremes = extremes_of(tensor);
    if (const Status seen = quantization_->see(point, extremes.low, extremes.high); !seen.ok() && status_.ok())
      status_ = seen;
  }
  if (is_rounded()) tensor = fake_quantize(tensor, quantization_->grid(point));
}

bool TorchBuilder::norm_is_live(const Module& norm) const {
  const bool frozen = quantization_ != nullptr && quantization_->norms_frozen;
  return training_ && !frozen && weight(norm, "weight").requires_grad();  // layers that do not learn keep their means
}

// The convolution's weights times its normalization's factors are what is stored. A normalization that follows the
// batch divides by the factors of its running variance again (Krishnamoorthi, "Quantizing deep convolutional networks
// for efficient inference", 2018, section 3.2.2); one that does not becomes the bias.
Var TorchBuilder::rounded_conv(const Module& of, const at::Tensor& input, const PlannedConv& planned) {
  at::Tensor kernel = weight(of, "weight"), bias = weight(of, "bias"), divisor;
  const std::int64_t groups = of.integer("groups", 1);
  if (planned.norm != nullptr) {
    const Module& norm = *planned.norm;
    const at::Tensor factor = weight(norm, "weight"), shift = weight(norm, "bias"), mean = weight(norm, "running_mean"),
                     variance = weight(norm, "running_var");
    if (!factor.defined() || !shift.defined() || !mean.defined() || !variance.defined())
      return fail(norm, "weights of the normalization are missing");
    // Doubles, as the pass that folds has them: the same weights to the last bit.
    const at::Tensor exact = factor.to(at::kDouble) / at::sqrt(variance.to(at::kDouble) + norm.number("eps", 1e-5));
    const at::Tensor own = exact.to(at::kFloat);
    if (norm_is_live(norm)) {
      divisor = at::where(own == 0, at::ones_like(own), own).detach();
      kernel = kernel * divisor.reshape({-1, 1, 1, 1});
    } else {
      kernel = kernel * own.reshape({-1, 1, 1, 1});
      const at::Tensor moved = (shift.to(at::kDouble) - mean.to(at::kDouble) * exact).to(at::kFloat);
      bias = bias.defined() ? bias * own + moved : moved;
    }
  }
  kernel = fake_quantize_weights(kernel, groups, quantization_->input_scales(planned));
  at::Tensor result = at::conv2d(input, kernel, divisor.defined() ? at::Tensor() : bias, pair_of(of, "stride", 1),
                                 pair_of(of, "padding", 0), pair_of(of, "dilation", 1), groups);
  if (divisor.defined()) {
    result = result / divisor.reshape({1, -1, 1, 1});
    if (bias.defined()) result = result + bias.reshape({1, -1, 1, 1});
  }
  return add_value(result);
}

bool TorchBuilder::is_gated(Var x) const {
  return is_rounded() && quantization_->scales() == StoredScales::kEverywhere && is_point(x);
}

// As quantize_graph writes it.
at::Tensor TorchBuilder::gated(const at::Tensor& x) const {
  return x * fake_quantize(at::sigmoid(x), {{1.0F / 255}, {0}});
}

}  // namespace saker::train
