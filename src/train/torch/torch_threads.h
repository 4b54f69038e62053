// What our own loops over LibTorch's tensors share.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <functional>

namespace saker::train {

// A ParallelLoop on LibTorch's own threads.
inline void on_torch_threads(std::int64_t count, const std::function<void(std::int64_t)>& body) {
  at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body(i);
  });
}

inline at::Tensor channels_innermost(const at::Tensor& x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

// Of [N, C, H, W].
inline std::int64_t rows_of(const at::Tensor& x) {
  return x.numel() / x.size(1);
}

}  // namespace saker::train
