#include "serve/request_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/random.h"

namespace saker::serve {

bool is_sane_id(std::string_view id) {
  constexpr std::size_t kLongest = 128;
  return !id.empty() && id.size() <= kLongest && std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7f; });
}

RequestIds::RequestIds() : base_((std::uint64_t{std::random_device()()} << 32) + std::random_device()()) {}

std::string RequestIds::next() {
  return fmt::format("{:016x}", scrambled(base_ + count_.fetch_add(1, std::memory_order_relaxed)));
}

}  // namespace saker::serve
