// Arena offsets, greedy: each buffer at the lowest offset that is free for its whole life. Two orders: largest buffer
// first, and the buffers of the fullest steps first (greedy by size and by breadth: Pisarchyk and Lee 2020, "Efficient
// memory management for deep neural net inference"). Then again and again with the buffer that ended last as the
// first; the best of all counts.
#include <algorithm>
#include <functional>

#include "plan/planner.h"

namespace saker {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMostRounds = 16, kMostComparisons = 1 << 24;

bool lives_overlap(const Buffer& a, const Buffer& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

using Buffers = std::vector<Buffer*>;

std::size_t place(const Buffers& order) {
  Buffers placed;  // by offset
  std::size_t total = 0;
  for (Buffer* buffer : order) {
    std::size_t offset = 0;
    for (const Buffer* other : placed) {
      if (!lives_overlap(*buffer, *other)) continue;
      if (offset + buffer->bytes <= other->offset) break;
      offset = std::max(offset, (other->offset + other->bytes + kAlignment - 1) / kAlignment * kAlignment);
    }
    buffer->offset = offset;
    total = std::max(total, offset + buffer->bytes);
    placed.insert(std::ranges::upper_bound(placed, offset, {}, &Buffer::offset), buffer);
  }
  return total;
}

// Of each buffer: the bytes that are alive at its fullest step. `by_size` stays the order of equals.
Buffers by_breadth(const Buffers& by_size) {
  std::int32_t last = 0;
  for (const Buffer* buffer : by_size) last = std::max(last, buffer->last_step);
  std::vector<std::size_t> alive(static_cast<std::size_t>(last) + 1, 0);
  for (const Buffer* buffer : by_size) {
    for (std::int32_t i = buffer->first_step; i <= buffer->last_step; ++i)
      alive[static_cast<std::size_t>(i)] += buffer->bytes;
  }
  std::vector<std::pair<std::size_t, Buffer*>> breadths;
  for (Buffer* buffer : by_size) {
    breadths.emplace_back(*std::max_element(alive.begin() + buffer->first_step, alive.begin() + buffer->last_step + 1),
                          buffer);
  }
  std::ranges::stable_sort(breadths, std::greater(), [](const auto& each) { return each.first; });
  Buffers order;
  for (const auto& [breadth, buffer] : breadths) order.push_back(buffer);
  return order;
}

}  // namespace

std::size_t pack_arena(std::vector<Buffer>& buffers) {
  Buffers by_size;
  for (Buffer& buffer : buffers) {
    if (buffer.kind == BufferKind::kArena && buffer.first_step >= 0) by_size.push_back(&buffer);
  }
  std::ranges::stable_sort(by_size, std::greater(), &Buffer::bytes);
  Buffers best = by_size;
  std::size_t total = place(best);
  const std::size_t comparisons = std::max<std::size_t>(by_size.size() * by_size.size(), 1);
  const std::size_t rounds = std::clamp<std::size_t>(kMostComparisons / comparisons, 1, kMostRounds);
  for (Buffers order : {by_size, by_breadth(by_size)}) {
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t now = place(order);
      if (now < total) total = now, best = order;
      const auto top = std::ranges::max_element(order, {}, [](const Buffer* b) { return b->offset + b->bytes; });
      if (top != order.end()) std::rotate(order.begin(), top, top + 1);
    }
  }
  place(best);
  // Room for vectors that read past a tail.
  return total == 0 ? 0 : (total + kAlignment - 1) / kAlignment * kAlignment + kAlignment;
}

}  // namespace saker
