// Arena offsets, greedy: each buffer at the lowest offset that is free for its whole life. Two orders: largest buffer
// first, and the buffers of the fullest steps first (greedy by size and by breadth: Pisarchyk and Lee 2020, "Efficient
// memory management for deep neural net inference"). Then again and again with the buffer that ended last as the
// first; the best of all counts. Where more buffers live together than that has time for: one pass without a search.
#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <optional>

#include "plan/planner.h"

namespace saker {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMostRounds = 16, kMostComparisons = 1 << 24;
constexpr std::size_t kMostPairs = 1 << 21;  // that live together: a second on one core

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

using Buffers = std::vector<Buffer*>;
using Order = std::vector<std::uint32_t>;                    // positions in Buffers
using Neighbours = std::vector<std::vector<std::uint32_t>>;  // of each: those that live at the same time

// Empty beyond kMostPairs.
std::optional<Neighbours> neighbours_of(const Buffers& buffers) {
  Order by_start(buffers.size());
  std::iota(by_start.begin(), by_start.end(), 0U);
  std::ranges::sort(by_start, {}, [&](std::uint32_t i) { return buffers[i]->first_step; });
  Neighbours neighbours(buffers.size());
  std::vector<std::uint32_t> alive;
  std::size_t pairs = 0;
  for (const std::uint32_t i : by_start) {
    std::erase_if(alive, [&](std::uint32_t k) { return buffers[k]->last_step < buffers[i]->first_step; });
    pairs += alive.size();
    if (pairs > kMostPairs) return std::nullopt;
    for (const std::uint32_t k : alive) {
      neighbours[i].push_back(k);
      neighbours[k].push_back(i);
    }
    alive.push_back(i);
  }
  return neighbours;
}

std::size_t place(const Buffers& buffers, const Neighbours& neighbours, const Order& order) {
  std::vector<bool> is_placed(buffers.size(), false);
  Buffers beside;
  std::size_t total = 0;
  for (const std::uint32_t i : order) {
    beside.clear();
    for (const std::uint32_t k : neighbours[i]) {
      if (is_placed[k]) beside.push_back(buffers[k]);
    }
    std::ranges::sort(beside, {}, &Buffer::offset);
    Buffer* buffer = buffers[i];
    buffer->offset = 0;
    for (const Buffer* other : beside) {
      if (buffer->offset + buffer->bytes <= other->offset) break;
      buffer->offset = std::max(buffer->offset, aligned(other->offset + other->bytes));
    }
    total = std::max(total, buffer->offset + buffer->bytes);
    is_placed[i] = true;
  }
  return total;
}

// In the order of the steps: each buffer takes the smallest block left by one that has ended, or a new one.
std::size_t place_by_steps(Buffers buffers) {
  std::ranges::stable_sort(buffers, {}, &Buffer::first_step);
  std::multimap<std::size_t, std::size_t> left;                                   // bytes, offset
  std::multimap<std::int32_t, std::pair<const std::size_t, std::size_t>> in_use;  // by their last step
  std::size_t total = 0;
  for (Buffer* buffer : buffers) {
    for (; !in_use.empty() && in_use.begin()->first < buffer->first_step; in_use.erase(in_use.begin()))
      left.insert(in_use.begin()->second);
    auto block = left.lower_bound(buffer->bytes);
    if (block == left.end()) {
      block = left.emplace(aligned(buffer->bytes), total);
      total += block->first;
    }
    buffer->offset = block->second;
    in_use.emplace(buffer->last_step, *block);
    left.erase(block);
  }
  return total;
}

// Of each buffer: the bytes that are alive at its fullest step. `by_size` stays the order of equals.
Order by_breadth(const Buffers& by_size) {
  std::int32_t last = 0;
  for (const Buffer* buffer : by_size) last = std::max(last, buffer->last_step);
  std::vector<std::size_t> alive(static_cast<std::size_t>(last) + 2, 0);  // what each step adds, modulo 2^64
  for (const Buffer* buffer : by_size) {
    alive[static_cast<std::size_t>(buffer->first_step)] += buffer->bytes;
    alive[static_cast<std::size_t>(buffer->last_step) + 1] -= buffer->bytes;
  }
  std::partial_sum(alive.begin(), alive.end(), alive.begin());
  std::vector<std::size_t> breadths;
  for (const Buffer* buffer : by_size)
    breadths.push_back(*std::max_element(alive.begin() + buffer->first_step, alive.begin() + buffer->last_step + 1));
  Order order(by_size.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::greater(), [&](std::uint32_t i) { return breadths[i]; });
  return order;
}

std::size_t search(const Buffers& by_size, const Neighbours& neighbours) {
  Order largest_first(by_size.size());
  std::iota(largest_first.begin(), largest_first.end(), 0U);
  Order best = largest_first;
  std::size_t total = place(by_size, neighbours, best);
  const std::size_t comparisons = std::max<std::size_t>(by_size.size() * by_size.size(), 1);
  const std::size_t rounds = std::clamp<std::size_t>(kMostComparisons / comparisons, 1, kMostRounds);
  const auto end_of = [&](std::uint32_t i) { return by_size[i]->offset + by_size[i]->bytes; };
  for (Order order : {largest_first, by_breadth(by_size)}) {
    for (std::size_t round = 0; round < rounds; ++round) {
      const std::size_t now = place(by_size, neighbours, order);
      if (now < total) total = now, best = order;
      const auto top = std::ranges::max_element(order, {}, end_of);
      if (top != order.end()) std::rotate(order.begin(), top, top + 1);
    }
  }
  return place(by_size, neighbours, best);
}

}  // namespace

std::size_t pack_arena(std::vector<Buffer>& buffers) {
  Buffers by_size;
  for (Buffer& buffer : buffers) {
    if (buffer.kind == BufferKind::kArena && buffer.first_step >= 0) by_size.push_back(&buffer);
  }
  std::ranges::stable_sort(by_size, std::greater(), &Buffer::bytes);
  const auto neighbours = neighbours_of(by_size);
  const std::size_t total = neighbours ? search(by_size, *neighbours) : place_by_steps(by_size);
  return total == 0 ? 0 : aligned(total) + kMostReadBehind;
}

}  // namespace saker
