#include "train/weights.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "nets/families.h"

namespace saker::train {
namespace {

constexpr std::size_t kAlign = 16;  // numbers: a cache line

WeightKind kind_of(const nets::NamedWeight& weight, bool frozen) {
  const std::string_view name = weight.of_module;
  if (name.starts_with("running_")) return WeightKind::kBuffer;
  const bool is_dfl = weight.name.ends_with("dfl.conv.weight");  // 0, 1, 2, ...: a constant of the head
  if (frozen || is_dfl || name == "anchors" || name == "anchor_grid") return WeightKind::kFixed;
  if (name == "bias") return WeightKind::kBias;
  return weight.module->type == "BatchNorm2d" ? WeightKind::kNorm : WeightKind::kWeight;
}

// Calls `move(row-major index, index with the input channels innermost)` for each run of one number.
template <typename Move>
void each_place(const Shape& shape, const Move& move) {
  const std::int64_t inputs = shape[1], taps = shape[2] * shape[3];
  for (std::int64_t o = 0; o < shape[0]; ++o) {
    for (std::int64_t i = 0; i < inputs; ++i) {
      for (std::int64_t t = 0; t < taps; ++t) move((o * inputs + i) * taps + t, (o * taps + t) * inputs + i);
    }
  }
}

}  // namespace

Weights::Weights(nets::Network& network, const std::function<bool(const std::string&)>& frozen) {
  for (const nets::NamedWeight& weight : nets::named_weights(network)) {
    const Tensor& tensor = weight.module->weights.at(weight.of_module);
    if (tensor.dtype() != DType::kFloat32) continue;
    WeightSlot slot;
    slot.name = weight.name;
    slot.of_module = weight.of_module;
    slot.module = weight.module;
    slot.kind = kind_of(weight, frozen(weight.name));
    slot.shape = tensor.shape();
    slot.count = static_cast<std::size_t>(tensor.elements());
    slots_.push_back(std::move(slot));
  }
  std::ranges::stable_sort(slots_, {}, &WeightSlot::kind);
  std::size_t kind = 0;
  for (WeightSlot& slot : slots_) {
    while (kind < static_cast<std::size_t>(slot.kind)) bounds_[++kind] = total_;
    slot.offset = total_;
    total_ += (slot.count + kAlign - 1) / kAlign * kAlign;
  }
  while (kind < kWeightKinds) bounds_[++kind] = total_;
}

std::pair<std::size_t, std::size_t> Weights::range(WeightKind kind) const {
  const auto at = static_cast<std::size_t>(kind);
  return {bounds_[at], bounds_[at + 1]};
}

void Weights::to_rows(const WeightSlot& slot, const float* numbers, float* rows) {
  if (!slot.channels_last()) {
    std::memcpy(rows, numbers, slot.count * sizeof(float));
    return;
  }
  each_place(slot.shape, [&](std::int64_t row, std::int64_t last) { rows[row] = numbers[last]; });
}

void Weights::from_rows(const WeightSlot& slot, const float* rows, float* numbers) {
  if (!slot.channels_last()) {
    std::memcpy(numbers, rows, slot.count * sizeof(float));
    return;
  }
  each_place(slot.shape, [&](std::int64_t row, std::int64_t last) { numbers[last] = rows[row]; });
}

void Weights::read(std::span<float> numbers) const {
  SAKER_CHECK(numbers.size() == total_);
  std::ranges::fill(numbers, 0.0F);
  for (const WeightSlot& slot : slots_)
    from_rows(slot, slot.module->weights.at(slot.of_module).data<float>(), numbers.data() + slot.offset);
}

void Weights::write(std::span<const float> numbers) const {
  SAKER_CHECK(numbers.size() == total_);
  for (const WeightSlot& slot : slots_)
    to_rows(slot, numbers.data() + slot.offset, slot.module->weights.at(slot.of_module).data<float>());
}

}  // namespace saker::train
