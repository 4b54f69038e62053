// All weights of a network in one piece of memory, ordered by how an optimizer treats them: what it does to them is a
// loop over numbers, whatever the layers.
#pragma once

#include <saker/result.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "nets/network.h"

namespace saker::train {

enum class WeightKind : std::uint8_t {
  kWeight,  // of convolutions: decays
  kNorm,    // factors of normalizations
  kBias,    // of both
  kFixed,   // not trained: frozen layers, the lengths of distributions
  kBuffer,  // running means and variances
};
constexpr std::size_t kWeightKinds = 5;

struct WeightSlot {
  std::string name;       // "model.0.conv.weight"
  std::string of_module;  // "weight"
  nets::Module* module = nullptr;
  WeightKind kind = WeightKind::kWeight;
  Shape shape;             // as the module has it
  std::size_t offset = 0;  // of the first number
  std::size_t count = 0;
  // Numbers of weights of convolutions lie with the input channels innermost, [O, kh, kw, I], as channels-last
  // convolutions read them.
  bool channels_last() const { return shape.size() == 4; }
};

// Integers (num_batches_tracked, anchors of a head) stay in the network.
class Weights {
 public:
  // `frozen`: whether the weight of that name is not to be trained. The network must outlive it and stay where it is.
  Weights(nets::Network& network, const std::function<bool(const std::string&)>& frozen);

  const std::vector<WeightSlot>& slots() const { return slots_; }
  std::size_t size() const { return total_; }
  // [first, last) of a kind; they follow one another in the order of WeightKind.
  std::pair<std::size_t, std::size_t> range(WeightKind kind) const;
  std::size_t trained() const { return range(WeightKind::kBias).second; }  // numbers that an optimizer changes

  // Numbers to and from the network's own tensors (float32, row-major).
  void read(std::span<float> numbers) const;
  void write(std::span<const float> numbers) const;

  // One slot's numbers in the row-major order of its shape, and back.
  static void to_rows(const WeightSlot& slot, const float* numbers, float* rows);
  static void from_rows(const WeightSlot& slot, const float* rows, float* numbers);

 private:
  std::vector<WeightSlot> slots_;
  std::array<std::size_t, kWeightKinds + 1> bounds_{};
  std::size_t total_ = 0;
};

}  // namespace saker::train
