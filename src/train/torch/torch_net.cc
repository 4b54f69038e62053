// A network computed and differentiated by LibTorch, channels innermost throughout.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include "base/text.h"
#include "base/try.h"
#include "nets/heads.h"
#include "train/net.h"
#include "train/torch/torch_builder.h"

namespace saker::train {
namespace {

using nets::Var;

// Numbers of a slot as a tensor of its shape.
at::Tensor tensor_over(float* numbers, const WeightSlot& slot) {
  if (!slot.channels_last()) return at::from_blob(numbers, slot.shape, at::kFloat);
  const Shape& s = slot.shape;
  return at::from_blob(numbers, s, {s[1] * s[2] * s[3], 1, s[3] * s[1], s[1]}, at::kFloat);
}

class TorchNet final : public TrainableNet {
 public:
  TorchNet(const nets::Network& network, const Weights& weights, std::span<float> numbers, std::span<float> gradients,
           const NetOptions& options)
      : network_(network), options_(options) {
    weights_.bfloat16 = options.bfloat16;
    for (const WeightSlot& slot : weights.slots()) {
      at::Tensor tensor = tensor_over(numbers.data() + slot.offset, slot);
      if (slot.kind < WeightKind::kFixed) {
        tensor.set_requires_grad(true);
        tensor.mutable_grad() = tensor_over(gradients.data() + slot.offset, slot);
      }
      weights_.of[slot.module].emplace(slot.of_module, std::move(tensor));
    }
    if (options.threads > 0) at::set_num_threads(options.threads);
  }

  Result<std::vector<losses::MapView>> forward(const Tensor& pixels, bool training) override;
  Status backward() override;
  Result<std::size_t> watch(const std::vector<std::string>& paths) override;
  std::vector<losses::MapView> watched() override { return seen_; }
  Status quantize(FakeQuantization* how) override {
    quantization_ = how;
    return {};
  }

 private:
  at::Tensor input_of(const Tensor& pixels) const;
  Result<std::vector<Var>> run_network(TorchBuilder& builder, at::Tensor input) const;
  losses::MapView view_of(const at::Tensor& map, bool training);
  Status view_watched(const std::vector<at::Tensor>& seen, bool training);

  const nets::Network& network_;
  NetOptions options_;
  TorchWeights weights_;
  std::vector<const nets::Module*> watched_;
  std::vector<losses::MapView> seen_;
  FakeQuantization* quantization_ = nullptr;
  std::vector<at::Tensor> maps_, gradients_;  // of the last forward pass; behind the head's those that are watched
};

at::Tensor TorchNet::input_of(const Tensor& pixels) const {
  auto* bytes = const_cast<void*>(pixels.raw());  // from_blob takes no const; it is read only
  at::Tensor input = at::from_blob(bytes, pixels.shape(), at::kByte).permute({0, 3, 1, 2});
  if (options_.bgr) input = input.flip(1);
  input = input.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  return options_.pixel_scale == 1 ? input : input.mul_(options_.pixel_scale);
}

// The maps of the head.
Result<std::vector<Var>> TorchNet::run_network(TorchBuilder& builder, at::Tensor input) const {
  const Var picture = builder.add_value(std::move(input));
  SAKER_ASSIGN(const std::vector<Var> levels, nets::run_to_head(builder, network_, picture));
  SAKER_TRY(builder.status());
  std::vector<Var> maps = nets::head_maps(builder, network_.layers.back().module, levels);
  SAKER_TRY(builder.status());
  return maps;
}

losses::MapView TorchNet::view_of(const at::Tensor& map, bool training) {
  maps_.push_back(map.to(at::kFloat));
  const at::Tensor values = maps_.back().detach();
  losses::MapView view;
  view.values = values.data_ptr<float>();
  view.batch = values.size(0);
  view.channels = values.size(1);
  view.height = values.size(2);
  view.width = values.size(3);
  for (int i = 0; i < 4; ++i) view.strides[i] = values.stride(i);
  if (!training) return view;
  gradients_.push_back(at::empty_strided(values.sizes(), values.strides(), values.options()));
  view.gradients = gradients_.back().data_ptr<float>();
  return view;
}

// LibTorch throws; an exception leaves nothing of this call behind.
template <typename Body>
auto guarded(const Body& body) -> decltype(body()) {
  try {
    return body();
  } catch (const c10::Error& error) {
    return Error{ErrorCode::kInternal, fmt::format("LibTorch: {}", error.what_without_backtrace())};
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, "there is no memory for a batch: take a smaller one"};
  }
}

Result<std::vector<losses::MapView>> TorchNet::forward(const Tensor& pixels, bool training) {
  maps_.clear();
  gradients_.clear();
  seen_.clear();
  return guarded([&]() -> Result<std::vector<losses::MapView>> {
    const at::AutoGradMode remember(training);
    if (quantization_ != nullptr) SAKER_TRY(quantization_->begin_pass());
    TorchBuilder builder(weights_, training, watched_, quantization_);
    SAKER_ASSIGN(const std::vector<Var> maps, run_network(builder, input_of(pixels)));
    std::vector<losses::MapView> views;
    for (const Var map : maps) views.push_back(view_of(builder.value(map), training));
    SAKER_TRY(view_watched(builder.seen(), training));
    return views;
  });
}

Status TorchNet::view_watched(const std::vector<at::Tensor>& seen, bool training) {
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i].defined() || seen[i].dim() != 4)
      return Error{ErrorCode::kUnsupported, fmt::format("{} gives no map", watched_[i]->describe())};
    seen_.push_back(view_of(seen[i], training));
    if (training) gradients_.back().zero_();
  }
  return {};
}

Result<std::size_t> TorchNet::watch(const std::vector<std::string>& paths) {
  const std::size_t first = watched_.size();
  for (const std::string& path : paths) {
    const nets::Module* found = nets::find_module(network_, path);
    if (found == nullptr)
      return Error{ErrorCode::kNotFound, fmt::format("the network has no module '{}'", printable_name(path))};
    watched_.push_back(found);
  }
  return first;
}

Status TorchNet::backward() {
  return guarded([&]() -> Status {
    std::vector<at::Tensor> maps, gradients;
    for (std::size_t i = 0; i < maps_.size(); ++i) {
      if (!maps_[i].requires_grad()) continue;  // of frozen layers
      maps.push_back(maps_[i]);
      gradients.push_back(gradients_[i]);
    }
    torch::autograd::backward(maps, gradients);
    maps_.clear();
    return {};
  });
}

}  // namespace

Result<std::unique_ptr<TrainableNet>> make_torch_net(const nets::Network& network, const Weights& weights,
                                                     std::span<float> numbers, std::span<float> gradients,
                                                     const NetOptions& options) {
  return std::unique_ptr<TrainableNet>(std::make_unique<TorchNet>(network, weights, numbers, gradients, options));
}

}  // namespace saker::train
