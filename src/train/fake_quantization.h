// A network in training as if its values were stored in 8 bits: where (QuantizationPlan), in which ranges, on which
// grids. Whoever computes the network asks it.
#pragma once

#include <saker/result.h>

#include <functional>
#include <span>
#include <vector>

#include "graph/observed_ranges.h"
#include "train/quantization_plan.h"

namespace saker::train {

class FakeQuantization {
 public:
  // `observed` says how, and gets the names of the convolutions; its ranges are those of a training that goes on, or
  // none yet. It must outlive this. Errors: those of plan_quantization; kInvalid: ranges of another network.
  static Result<FakeQuantization> create(const nets::Network& network, ObservedRanges& observed,
                                         const std::function<bool(const nets::Module&)>& keep_float);

  const QuantizationPlan& plan() const { return plan_; }
  StoredScales scales() const { return observed_->scales; }

  bool observing = true;      // ranges still follow what is seen
  bool norms_frozen = false;  // normalizations use their running means, which stay as they are

  // Before each pass: its grids are those of the ranges seen so far.
  Status begin_pass();
  // False until every point has been seen once: the network is computed in floats till then.
  bool ready() const { return ready_; }
  bool wants_ranges() const { return observing || !ready_; }
  const Quantization& grid(std::size_t point) const { return grids_[point]; }
  // Null: it stays float.
  const PlannedConv* planned(const nets::Module& conv) const {
    const auto found = plan_.conv_of.find(&conv);
    return found == plan_.conv_of.end() ? nullptr : &plan_.convs[found->second];
  }
  // Scales of the channels that a convolution of the plan reads.
  std::span<const float> input_scales(const PlannedConv& conv) const {
    return input_scales_[static_cast<std::size_t>(&conv - plan_.convs.data())];
  }
  // The lowest and highest values of a point's channels in a batch. Ranges are moving averages of them, as those of
  // torch's MovingAverageMinMaxObserver.
  Status see(std::size_t point, std::span<const float> low, std::span<const float> high);

 private:
  QuantizationPlan plan_;
  ObservedRanges* observed_ = nullptr;
  std::vector<Quantization> grids_;               // of the points
  std::vector<std::vector<float>> input_scales_;  // of the convolutions
  bool ready_ = false;
};

}  // namespace saker::train
