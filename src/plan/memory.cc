// Arena offsets. Largest buffer first, each at the lowest offset that is free for its whole life
// (greedy by size: Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference").
#include <algorithm>

#include "plan/planner.h"

namespace saker {
namespace {

constexpr std::size_t kAlignment = 64;

bool lives_overlap(const Buffer& a, const Buffer& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

}  // namespace

std::size_t pack_arena(std::vector<Buffer>& buffers) {
  std::vector<Buffer*> order;
  for (Buffer& buffer : buffers) {
    if (buffer.kind == BufferKind::kArena && buffer.first_step >= 0) order.push_back(&buffer);
  }
  std::ranges::stable_sort(order, [](const Buffer* a, const Buffer* b) { return a->bytes > b->bytes; });
  std::vector<Buffer*> placed;  // by offset
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
  // Room for vectors that read past a tail.
  return total == 0 ? 0 : (total + kAlignment - 1) / kAlignment * kAlignment + kAlignment;
}

}  // namespace saker
