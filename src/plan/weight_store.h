// The packed weights and other constants of a plan, and which of them another plan holds already.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "plan/plan.h"

namespace saker {

// A block that a base plan holds is not kept twice. Blocks are told apart by their bytes: each is packed, compared
// with the base's, and given up if it is one of them. So nothing has to hold of the two networks: a block that came
// out differently is simply kept.
class WeightStore {
 public:
  WeightStore(const Plan* base, std::size_t max_bytes);  // base: null, or a plan whose blocks may be used

  // `fill` writes so many floats, 64-byte aligned. Error kLimit: more than max_bytes.
  Result<std::shared_ptr<const float>> pack(std::int64_t floats, const std::function<void(float*)>& fill);
  // A copy: the original is a part of the model's file, all of which it would keep in memory.
  Tensor keep(const Tensor& original);

  std::size_t bytes() const { return bytes_; }  // of what no base plan holds
  // All blocks, the base's among them. The last call: memory that was not needed goes back.
  std::vector<WeightBlock> finish();

 private:
  // The base's block of the same bytes, or null.
  const WeightBlock* find(const void* data, std::size_t bytes) const;
  void add(std::shared_ptr<const void> data, std::size_t bytes, std::size_t counted);

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::size_t, const WeightBlock*> base_;  // by the hash of their bytes
  std::vector<WeightBlock> blocks_;
  std::shared_ptr<Tensor> slab_;  // what packed blocks are taken from
  std::int64_t slab_used_ = 0;    // floats
};

}  // namespace saker
