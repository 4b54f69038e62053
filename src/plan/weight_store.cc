#include "plan/weight_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/memory.h"
#include "base/try.h"

namespace saker {
namespace {

// Packed weights lie one behind the other in large pieces, for which the system has large pages.
constexpr std::int64_t kSlabFloats = 16 << 20;

std::size_t hash_of(const void* data, std::size_t bytes) {
  return std::hash<std::string_view>()({static_cast<const char*>(data), bytes});
}

}  // namespace

WeightStore::WeightStore(const Plan* base, std::size_t max_bytes) : max_bytes_(max_bytes) {
  if (base == nullptr) return;
  for (const WeightBlock& block : base->weights) base_.try_emplace(hash_of(block.data.get(), block.bytes), &block);
}

const WeightBlock* WeightStore::find(const void* data, std::size_t bytes) const {
  if (base_.empty()) return nullptr;
  const auto found = base_.find(hash_of(data, bytes));
  if (found == base_.end() || found->second->bytes != bytes) return nullptr;
  return bytes == 0 || std::memcmp(found->second->data.get(), data, bytes) == 0 ? found->second : nullptr;
}

void WeightStore::add(std::shared_ptr<const void> data, std::size_t bytes, std::size_t counted) {
  blocks_.push_back({std::move(data), bytes});
  bytes_ += counted;
}

Result<std::shared_ptr<const float>> WeightStore::pack(std::int64_t floats, const std::function<void(float*)>& fill) {
  const std::int64_t rounded = (std::max<std::int64_t>(floats, 1) + 15) / 16 * 16;
  const std::size_t bytes = static_cast<std::size_t>(rounded) * sizeof(float);
  if (bytes > max_bytes_ - std::min(bytes_, max_bytes_))
    return Error{ErrorCode::kLimit, fmt::format("packed weights need more than the limit of {} bytes", max_bytes_)};
  if (!slab_ || rounded > slab_->elements() - slab_used_) {
    SAKER_ASSIGN(Tensor slab, Tensor::make(DType::kFloat32, {std::max(rounded, kSlabFloats)}));
    slab_ = std::make_shared<Tensor>(std::move(slab));
    slab_used_ = 0;
  }
  float* start = slab_->data<float>() + slab_used_;
  fill(start);
  const std::size_t filled = static_cast<std::size_t>(floats) * sizeof(float);
  if (const WeightBlock* shared = find(start, filled)) {
    add(shared->data, filled, 0);
    return std::static_pointer_cast<const float>(shared->data);
  }
  slab_used_ += rounded;
  const std::shared_ptr<const float> block(slab_, start);
  add(block, filled, bytes);
  return block;
}

Tensor WeightStore::keep(const Tensor& original) {
  const std::size_t bytes = original.bytes();
  std::shared_ptr<const void> data;
  if (const WeightBlock* shared = find(original.raw(), bytes)) {
    data = shared->data;
    add(data, bytes, 0);
  } else {
    auto copy = Tensor::make(original.dtype(), original.shape());
    if (copy.ok() && bytes > 0) std::memcpy(copy->raw(), original.raw(), bytes);
    const auto owner = std::make_shared<Tensor>(copy.ok() ? std::move(*copy) : original);
    data = std::shared_ptr<const void>(owner, owner->raw());
    add(data, bytes, bytes);
  }
  return Tensor::wrap(original.dtype(), original.shape(), const_cast<void*>(data.get()),
                      std::const_pointer_cast<void>(data));
}

std::vector<WeightBlock> WeightStore::finish() {
  if (slab_) {
    release_pages(slab_->data<float>() + slab_used_,
                  static_cast<std::size_t>(slab_->elements() - slab_used_) * sizeof(float));
  }
  return std::move(blocks_);
}

}  // namespace saker
