// Which weights stay zero, and how they do: in the numbers, the momentum and the average, and in gradients, so that no
// step moves them.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/sparse_pattern.h"
#include "train/modifiers/modifier.h"
#include "train/weights.h"

namespace saker::train {

class Masks {
 public:
  // Of the weights of these slots; nothing is masked yet.
  void begin(const Weights& weights, std::span<const std::size_t> slots);

  // The least of the weights of those layers, as one: a single layer, or one threshold for all. Layers count as begin()
  // has had them.
  Status choose(std::span<const float> numbers, std::span<const std::size_t> layers, SparsePattern pattern,
                double sparsity);
  // Those that are zero.
  void choose_zeros(std::span<const float> numbers);
  void clear();

  // Masked numbers become zero. Gradients and momentum do not reach as far as frozen layers, which are passed over.
  void apply(std::span<float> numbers) const;
  void apply_all(const TrainParts& parts) const;  // numbers, momentum, average

  std::size_t layers() const { return layers_.size(); }
  // The share of a layer's numbers that are zero.
  double zeros(std::size_t layer, std::span<const float> numbers) const;

  void save(ModifierState& state) const;
  Status restore(const ModifierState& state);

 private:
  struct Layer {
    WeightSlot slot;
    std::vector<std::uint8_t> keep;  // as its numbers lie; empty: nothing is masked
  };
  std::vector<Layer> layers_;
};

// A modifier whose masks no step gets past.
class MaskingModifier : public TrainModifier {
 public:
  Status before_step(const TrainParts& parts) override {
    masks_.apply(parts.gradients);
    return {};
  }
  Status after_step(const TrainParts& parts) override {
    masks_.apply_all(parts);
    return {};
  }

 protected:
  Masks masks_;
  bool restored_ = false;  // its layers and masks are those of the run that goes on
};

// What state() keeps: a list of numbers, which owns itself.
template <typename T>
Tensor tensor_of(DType dtype, std::vector<T> numbers) {
  const auto owner = std::make_shared<std::vector<T>>(std::move(numbers));
  return Tensor::wrap(dtype, {static_cast<std::int64_t>(owner->size())}, owner->data(), owner);
}
// A list of float64; error kInvalid: there is none, or it is shorter.
Result<std::vector<double>> numbers_of(const ModifierState& state, const char* name, std::size_t at_least);

WeightDims dims_of(const WeightSlot& slot);

// Without the slots that the pattern cannot express.
std::vector<std::size_t> expressible(const Weights& weights, std::span<const std::size_t> slots, SparsePattern pattern);
std::vector<std::string> notes_of(const Weights& weights, std::span<const std::size_t> slots, SparsePattern pattern);

// The numbers 0 to count - 1: all layers.
std::vector<std::size_t> all_of(std::size_t count);

// How many of a layer's weights are zero.
struct LayerSparsity {
  std::string name;
  std::size_t zeros = 0, count = 0;
};
// Of all convolutions.
std::vector<LayerSparsity> sparsity_of(const Weights& weights, std::span<const float> numbers);
double overall(std::span<const LayerSparsity> layers);

}  // namespace saker::train
