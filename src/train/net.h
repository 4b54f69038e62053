// A network whose weights can be trained, whatever computes it.
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "losses/loss.h"
#include "train/fake_quantization.h"
#include "train/weights.h"

namespace saker::train {

struct NetOptions {
  int threads = 0;        // 0: all CPUs
  bool bfloat16 = false;  // convolutions round their inputs and weights to bfloat16; the rest stays float32
  bool bgr = false;       // the pixels' channels are turned round
  float pixel_scale = 1.0F / 255;
};

class TrainableNet {
 public:
  virtual ~TrainableNet() = default;

  // The head's maps of pixels, uint8 [N, height, width, 3], in the order of nets::head_maps, with room for their
  // gradients unless `training` is false: normalizations then use their running means and nothing is remembered. Valid
  // until the next call. Errors: kUnsupported, kLimit (no memory), kInternal; what computes it says why.
  virtual Result<std::vector<losses::MapView>> forward(const Tensor& pixels, bool training) = 0;
  // From the gradients in the maps, adds those of the weights to gradients().
  virtual Status backward() = 0;

  // From the next forward() on what the modules of these paths give ("model.2.cv1.conv") is kept, too; the place of the
  // first among all that are. Errors: kNotFound (such a path), kUnsupported.
  virtual Result<std::size_t> watch(const std::vector<std::string>& /*paths*/) {
    return Error{ErrorCode::kUnsupported, "what computes this network shows no inner layers"};
  }
  // Of the last forward() and as its maps are: gradients begin with zeros and count in backward().
  virtual std::vector<losses::MapView> watched() { return {}; }

  // From the next pass on as if values were stored in 8 bits, in float32 otherwise; null: no more. It must outlive the
  // passes. Error kUnsupported: this network cannot.
  virtual Status quantize(FakeQuantization* /*how*/) {
    return Error{ErrorCode::kUnsupported, "what computes this network cannot train it for 8 bits"};
  }
};

// Of the network's layers, computed by LibTorch on `numbers` (weights.size() of them, of which the running means are
// changed by forward) with gradients (weights.trained()) added to `gradients`; all of these must outlive it.
Result<std::unique_ptr<TrainableNet>> make_torch_net(const nets::Network& network, const Weights& weights,
                                                     std::span<float> numbers, std::span<float> gradients,
                                                     const NetOptions& options);

using MakeNet = std::function<Result<std::unique_ptr<TrainableNet>>(
    const nets::Network&, const Weights&, std::span<float> numbers, std::span<float> gradients, const NetOptions&)>;

}  // namespace saker::train
