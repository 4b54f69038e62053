#include "train/modifiers/masks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/try.h"
#include "sparsify/mask.h"

namespace saker::train {
namespace {

// Of a slot's numbers, [out_c][in_c][taps].
std::vector<float> magnitudes_of(const WeightSlot& slot, std::span<const float> numbers) {
  std::vector<float> rows(slot.count);
  Weights::to_rows(slot, numbers.data() + slot.offset, rows.data());
  for (float& number : rows) number = std::abs(number);
  return rows;
}

// A mask of [out_c][in_c][taps] as the slot's numbers lie.
std::vector<std::uint8_t> laid_as_numbers(const WeightSlot& slot, const sparsify::Mask& mask) {
  const WeightDims dims = dims_of(slot);
  std::vector<std::uint8_t> keep(slot.count);
  std::size_t row = 0;
  for (std::int64_t o = 0; o < dims.out_c; ++o) {
    for (std::int64_t i = 0; i < dims.in_c; ++i) {
      for (std::int64_t t = 0; t < dims.taps; ++t)
        keep[static_cast<std::size_t>((o * dims.taps + t) * dims.in_c + i)] = mask[row++];
    }
  }
  return keep;
}

std::size_t zeros_in(const WeightSlot& slot, std::span<const float> numbers) {
  const auto first = numbers.begin() + static_cast<std::ptrdiff_t>(slot.offset);
  return static_cast<std::size_t>(std::count(first, first + static_cast<std::ptrdiff_t>(slot.count), 0.0F));
}

std::string key_of(const WeightSlot& slot) {
  return "mask." + slot.name;
}

}  // namespace

WeightDims dims_of(const WeightSlot& slot) {
  return {slot.shape[0], slot.shape[1], slot.shape[2] * slot.shape[3]};
}

void Masks::begin(const Weights& weights, std::span<const std::size_t> slots) {
  layers_.clear();
  for (const std::size_t slot : slots) layers_.push_back({weights.slots()[slot], {}});
}

Status Masks::choose(std::span<const float> numbers, std::span<const std::size_t> layers, SparsePattern pattern,
                     double sparsity) {
  std::vector<std::vector<float>> magnitudes;
  std::vector<sparsify::LayerScores> scores;
  for (const std::size_t i : layers) magnitudes.push_back(magnitudes_of(layers_[i].slot, numbers));
  for (std::size_t k = 0; k < layers.size(); ++k)
    scores.push_back({magnitudes[k], dims_of(layers_[layers[k]].slot), 1});
  SAKER_ASSIGN(const std::vector<sparsify::Mask> masks, sparsify::choose_masks(scores, pattern, sparsity));
  for (std::size_t k = 0; k < layers.size(); ++k) {
    Layer& layer = layers_[layers[k]];
    layer.keep = laid_as_numbers(layer.slot, masks[k]);
  }
  return {};
}

void Masks::choose_zeros(std::span<const float> numbers) {
  for (Layer& layer : layers_) {
    layer.keep.resize(layer.slot.count);
    for (std::size_t n = 0; n < layer.slot.count; ++n) layer.keep[n] = numbers[layer.slot.offset + n] == 0 ? 0 : 1;
  }
}

void Masks::clear() {
  for (Layer& layer : layers_) layer.keep.clear();
}

void Masks::apply(std::span<float> numbers) const {
  for (const Layer& layer : layers_) {
    if (layer.keep.empty() || layer.slot.offset + layer.slot.count > numbers.size()) continue;
    float* first = numbers.data() + layer.slot.offset;
    for (std::size_t n = 0; n < layer.slot.count; ++n) first[n] = layer.keep[n] != 0 ? first[n] : 0.0F;
  }
}

void Masks::apply_all(const TrainParts& parts) const {
  for (const std::span<float> numbers : {parts.numbers, parts.optimizer.first(), parts.average}) apply(numbers);
}

double Masks::zeros(std::size_t layer, std::span<const float> numbers) const {
  const WeightSlot& slot = layers_[layer].slot;
  return static_cast<double>(zeros_in(slot, numbers)) / static_cast<double>(slot.count);
}

void Masks::save(ModifierState& state) const {
  for (const Layer& layer : layers_) {
    if (!layer.keep.empty()) state.emplace(key_of(layer.slot), tensor_of(DType::kUint8, layer.keep));
  }
}

Status Masks::restore(const ModifierState& state) {
  for (Layer& layer : layers_) {
    const auto found = state.find(key_of(layer.slot));
    if (found == state.end()) continue;
    const Tensor& tensor = found->second;
    if (tensor.dtype() != DType::kUint8 || static_cast<std::size_t>(tensor.elements()) != layer.slot.count)
      return Error{ErrorCode::kInvalid, fmt::format("the mask of {} is of another size", layer.slot.name)};
    const auto* first = tensor.data<std::uint8_t>();
    layer.keep.assign(first, first + layer.slot.count);
  }
  return {};
}

Result<std::vector<double>> numbers_of(const ModifierState& state, const char* name, std::size_t at_least) {
  const auto found = state.find(name);
  if (found == state.end() || found->second.dtype() != DType::kFloat64 ||
      static_cast<std::size_t>(found->second.elements()) < at_least)
    return Error{ErrorCode::kInvalid, fmt::format("the run to go on with has no '{}' of it", name)};
  const auto* first = found->second.data<double>();
  return std::vector<double>(first, first + found->second.elements());
}

std::vector<std::size_t> all_of(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<std::size_t> expressible(const Weights& weights, std::span<const std::size_t> slots,
                                     SparsePattern pattern) {
  std::vector<std::size_t> able;
  for (const std::size_t slot : slots) {
    if (sparsify::why_not(pattern, dims_of(weights.slots()[slot])).empty()) able.push_back(slot);
  }
  return able;
}

std::vector<std::string> notes_of(const Weights& weights, std::span<const std::size_t> slots, SparsePattern pattern) {
  std::vector<std::string> notes;
  for (const std::size_t slot : slots) {
    const std::string why = sparsify::why_not(pattern, dims_of(weights.slots()[slot]));
    if (!why.empty()) notes.push_back(fmt::format("{} stays dense: {}", weights.slots()[slot].name, why));
  }
  return notes;
}

std::vector<LayerSparsity> sparsity_of(const Weights& weights, std::span<const float> numbers) {
  std::vector<LayerSparsity> layers;
  for (const WeightSlot& slot : weights.slots()) {
    if (is_prunable(slot)) layers.push_back({slot.name, zeros_in(slot, numbers), slot.count});
  }
  return layers;
}

double overall(std::span<const LayerSparsity> layers) {
  std::size_t zeros = 0, count = 0;
  for (const LayerSparsity& layer : layers) {
    zeros += layer.zeros;
    count += layer.count;
  }
  return count == 0 ? 0 : static_cast<double>(zeros) / static_cast<double>(count);
}

}  // namespace saker::train
