// The builder whose networks are computed as they are written down: LibTorch's tensors, which remember what made them.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "nets/builder.h"
#include "train/fake_quantization.h"

namespace saker::train {

// Weights of one module by their own names; tensors over the memory of all weights.
using ModuleWeights = std::unordered_map<std::string, at::Tensor>;

struct TorchWeights {
  std::unordered_map<const nets::Module*, ModuleWeights> of;
  // Of convolutions, in bfloat16 as the step under way uses them; empty: not asked for.
  bool bfloat16 = false;
};

class TorchBuilder final : public nets::Builder {
 public:
  // `watched`: modules whose outputs are kept. `quantization`: how values are rounded as if they were stored in 8 bits;
  // null: not at all.
  TorchBuilder(const TorchWeights& weights, bool training, const std::vector<const nets::Module*>& watched = {},
               FakeQuantization* quantization = nullptr)
      : weights_(weights), training_(training), watched_(watched), seen_(watched.size()), quantization_(quantization) {}

  // In the order of `watched`; undefined where nothing has flowed through the module.
  const std::vector<at::Tensor>& seen() const { return seen_; }

  nets::Var add_value(at::Tensor tensor);
  const at::Tensor& value(nets::Var var);
  const Status& status() const { return status_; }

  nets::Var conv(const nets::Module& of, nets::Var x) override;
  nets::Var conv_transpose(const nets::Module& of, nets::Var x) override;
  nets::Var batch_norm(const nets::Module& of, nets::Var x) override;
  nets::Var activation(const nets::Module& of, nets::Var x) override;
  nets::Var parameter(const nets::Module& of, const char* name, std::vector<std::int64_t> shape) override;
  nets::Var max_pool(nets::Var x, const nets::PoolWindow& window) override;
  nets::Var average_pool(nets::Var x, const nets::PoolWindow& window) override;
  nets::Var upsample(nets::Var x, double factor) override;
  nets::Var resize_like(nets::Var x, nets::Var like) override;
  nets::Var pad(nets::Var x, const std::array<std::int64_t, 4>& left_top_right_bottom) override;
  nets::Var every_second(nets::Var x, std::int64_t row, std::int64_t column) override;
  nets::Var concat(std::vector<nets::Var> parts, std::int64_t axis) override;
  std::vector<nets::Var> split(nets::Var x, const std::vector<std::int64_t>& sizes, std::int64_t axis) override;
  std::vector<nets::Var> chunk(nets::Var x, std::size_t parts) override;
  nets::Var add(nets::Var a, nets::Var b) override;
  nets::Var multiply(nets::Var a, nets::Var b) override;
  nets::Var scale(nets::Var x, double by) override;
  nets::Var softmax(nets::Var x, std::int64_t axis) override;
  nets::Var matmul(nets::Var a, nets::Var b) override;
  nets::Var transpose(nets::Var x, const std::vector<std::int64_t>& order) override;
  nets::Var reshape(nets::Var x, const std::vector<std::int64_t>& shape) override;
  nets::Var as_picture(nets::Var x, nets::Var like) override;
  void given(const nets::Module& of, nets::Var output) override;
  nets::Var fail(const nets::Module& of, const std::string& what) override;

 private:
  // A normalization that waits for what is done with its output: with SiLU both are one.
  struct Norm {
    at::Tensor x, factor, bias, mean, variance;
    double momentum = 0.1, eps = 1e-5;
    bool training = false;
  };

  // Undefined: the module has none of that name.
  at::Tensor weight(const nets::Module& of, const char* name) const;

  // fake_quantized.cc
  bool is_point(nets::Var var) const;
  void store(nets::Var var);  // its tensor as its bytes stand for it, if it is a point
  bool is_rounded() const { return quantization_ != nullptr && quantization_->ready(); }
  bool norm_is_live(const nets::Module& norm) const;  // normalizes by the batch
  nets::Var rounded_conv(const nets::Module& of, const at::Tensor& input, const PlannedConv& planned);
  bool is_gated(nets::Var x) const;             // SiLU of it has a gate in 8 bits, too
  at::Tensor gated(const at::Tensor& x) const;  // such a SiLU

  const TorchWeights& weights_;
  bool training_;
  std::vector<const nets::Module*> watched_;
  std::vector<at::Tensor> seen_;
  FakeQuantization* quantization_;
  std::vector<at::Tensor> values_;  // undefined: waiting
  std::unordered_map<nets::Var, Norm> waiting_;
  Status status_;
};

}  // namespace saker::train
