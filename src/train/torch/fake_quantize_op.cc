#include "train/torch/fake_quantize_op.h"

#include <torch/csrc/autograd/custom_function.h>

#include "train/torch/torch_threads.h"

namespace saker::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// As [N, C, H, W].
at::Tensor as_picture(const at::Tensor& x) {
  return x.dim() == 4 ? x : x.reshape({x.size(0), x.size(1), -1, 1});
}

class FakeQuantize : public torch::autograd::Function<FakeQuantize> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const Quantization& grid) {
    const at::Tensor x = channels_innermost(given);
    at::Tensor y = at::empty_like(x, at::MemoryFormat::ChannelsLast);
    at::Tensor inside = at::empty({x.numel()}, at::kByte);  // as the numbers lie
    fake_quantize(x.data_ptr<float>(), y.data_ptr<float>(), inside.data_ptr<std::uint8_t>(), rows_of(x), x.size(1),
                  grid, on_torch_threads);
    context->save_for_backward({inside});
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list slopes) {
    const at::Tensor inside = context->get_saved_variables()[0], dy = channels_innermost(slopes[0]);
    at::Tensor dx = at::empty_like(dy, at::MemoryFormat::ChannelsLast);
    pass_inside(dy.data_ptr<float>(), inside.data_ptr<std::uint8_t>(), dx.data_ptr<float>(), dy.numel(),
                on_torch_threads);
    return {dx, {}};
  }
};

class FakeQuantizeWeights : public torch::autograd::Function<FakeQuantizeWeights> {
 public:
  static at::Tensor forward(AutogradContext*, const at::Tensor& given, std::int64_t groups,
                            std::span<const float> input_scales) {
    const at::Tensor weights = channels_innermost(given);
    at::Tensor rounded = at::empty_like(weights, at::MemoryFormat::ChannelsLast);
    const FilterShape shape = {weights.size(0), weights.size(2) * weights.size(3), weights.size(1), groups};
    fake_quantize_weights(weights.data_ptr<float>(), rounded.data_ptr<float>(), shape, input_scales, on_torch_threads);
    return rounded;
  }

  static variable_list backward(AutogradContext*, variable_list slopes) { return {slopes[0], {}, {}}; }
};

}  // namespace

at::Tensor fake_quantize(const at::Tensor& x, const Quantization& grid) {
  const at::Tensor rounded = FakeQuantize::apply(as_picture(x), grid);
  return x.dim() == 4 ? rounded : rounded.reshape(x.sizes());
}

Extremes extremes_of(const at::Tensor& x) {
  const at::Tensor picture = channels_innermost(as_picture(x.detach()));
  return extremes_of(picture.data_ptr<float>(), rows_of(picture), picture.size(1), on_torch_threads);
}

at::Tensor fake_quantize_weights(const at::Tensor& weights, std::int64_t groups, std::span<const float> input_scales) {
  return FakeQuantizeWeights::apply(weights, groups, input_scales);
}

}  // namespace saker::train
