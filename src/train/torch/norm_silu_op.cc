#include "train/torch/norm_silu_op.h"

#include <torch/csrc/autograd/custom_function.h>

#include <span>

#include "train/norm_silu.h"
#include "train/torch/torch_threads.h"

namespace saker::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

std::span<const float> numbers_of(const at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

at::Tensor copy_of(const std::vector<float>& numbers) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(numbers.size())}, at::kFloat);
  std::copy(numbers.begin(), numbers.end(), tensor.data_ptr<float>());
  return tensor;
}

void follow(at::Tensor running, std::span<const float> now, double factor, double momentum) {
  float* numbers = running.data_ptr<float>();
  const auto share = static_cast<float>(momentum), scale = static_cast<float>(factor);
  for (std::size_t c = 0; c < now.size(); ++c) numbers[c] = (1 - share) * numbers[c] + share * scale * now[c];
}

class NormSilu : public torch::autograd::Function<NormSilu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const at::Tensor& gamma,
                            const at::Tensor& beta, at::Tensor running_mean, at::Tensor running_variance,
                            double momentum, double eps) {
    const at::Tensor x = channels_innermost(given);
    at::Tensor y = at::empty_like(x, at::MemoryFormat::ChannelsLast);
    NormStatistics statistics;
    const std::int64_t rows = rows_of(x);
    norm_silu_forward(x.data_ptr<float>(), y.data_ptr<float>(), rows, numbers_of(gamma), numbers_of(beta),
                      static_cast<float>(eps), statistics, on_torch_threads);
    follow(running_mean, statistics.mean, 1, momentum);
    // What they are a sample of varies by n / (n - 1) more.
    const double unbiased = static_cast<double>(rows) / static_cast<double>(std::max<std::int64_t>(rows - 1, 1));
    follow(running_variance, statistics.variance, unbiased, momentum);
    context->save_for_backward({x, gamma, beta, copy_of(statistics.mean), copy_of(statistics.variance)});
    context->saved_data["eps"] = eps;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list slopes) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], dy = channels_innermost(slopes[0]);
    at::Tensor dx = at::empty_like(x, at::MemoryFormat::ChannelsLast);
    const std::span<const float> mean = numbers_of(saved[3]), variance = numbers_of(saved[4]);
    const NormStatistics statistics = {{mean.begin(), mean.end()}, {variance.begin(), variance.end()}};
    const NormGradients gradients = norm_silu_backward(
        x.data_ptr<float>(), dy.data_ptr<float>(), dx.data_ptr<float>(), rows_of(x), numbers_of(saved[1]),
        numbers_of(saved[2]), static_cast<float>(context->saved_data["eps"].toDouble()), statistics, on_torch_threads);
    return {dx, copy_of(gradients.gamma), copy_of(gradients.beta), {}, {}, {}, {}};
  }
};

}  // namespace

at::Tensor norm_silu(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, at::Tensor running_mean,
                     at::Tensor running_variance, double momentum, double eps) {
  return NormSilu::apply(x, gamma, beta, running_mean, running_variance, momentum, eps);
}

}  // namespace saker::train
