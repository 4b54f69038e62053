// Cutting weights into pairs that 16 bits hold and a rest, and packing that.
#include "kernels/conv_int8/pairs.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/int8_pairs.h"

namespace saker {
namespace {

constexpr std::int64_t kLine = 16;

std::int64_t to_lines(std::int64_t floats) {
  return (floats + kLine - 1) / kLine * kLine;
}

// Where the parts of a packed list begin, in floats.
struct Parts {
  Parts(const ConvInt8PairsKernel& kernel, const ConvShape& shape, std::int64_t entries)
      : at(to_lines(ConvBlocks(kernel.multiply, shape.out_c).vectors * (shape.kernel_h + 1))),
        weights(at + to_lines(2 * entries)),
        end(weights + entries * kernel.multiply.width) {}
  std::int64_t at, weights, end;
};

// Calls found(tap) for each tap at which the filters' rows a and b, neighbouring channels, sum to too much.
template <typename Found>
void for_each_wide(const std::int8_t* a, const std::int8_t* b, std::int64_t taps, Found&& found) {
  int widest = 0;
  for (std::int64_t t = 0; t < taps; ++t) widest = std::max(widest, std::abs(a[t] + b[t]));
  if (widest <= kWidestInt8Pair) return;
  for (std::int64_t t = 0; t < taps; ++t) {
    if (std::abs(a[t] + b[t]) > kWidestInt8Pair) found(t);
  }
}

// Calls body(vector, first output channel, behind the last).
template <typename Body>
void for_each_vector(const ConvInt8PairsKernel& kernel, std::int64_t out_c, Body&& body) {
  const std::int64_t width = kernel.multiply.width;
  for (std::int64_t v = 0; v * width < out_c; ++v) body(v, v * width, std::min((v + 1) * width, out_c));
}

}  // namespace

PairWeights cut_pairs(std::int64_t out_c, std::int64_t in_c, std::int64_t taps, const std::int8_t* weights) {
  PairWeights cut{{weights, weights + out_c * in_c * taps}, std::vector<std::int8_t>()};
  cut.rest.resize(cut.bounded.size());
  for (std::int64_t o = 0; o < out_c; ++o) {
    for (std::int64_t c = 0; c + 1 < in_c; c += 2) {
      std::int8_t* a = cut.bounded.data() + (o * in_c + c) * taps;
      std::int8_t* b = a + taps;
      for_each_wide(a, b, taps, [&](std::int64_t t) {
        std::int8_t& larger = std::abs(a[t]) > std::abs(b[t]) ? a[t] : b[t];
        const int sum = a[t] + b[t];
        const auto much = static_cast<std::int8_t>(sum > 0 ? sum - kWidestInt8Pair : sum + kWidestInt8Pair);
        cut.rest[static_cast<std::size_t>(&larger - cut.bounded.data())] = much;
        larger = static_cast<std::int8_t>(larger - much);
      });
    }
  }
  return cut;
}

std::int64_t count_pair_rests(const ConvInt8PairsKernel& kernel, std::int64_t out_c, std::int64_t in_c,
                              std::int64_t taps, const std::int8_t* weights) {
  std::int64_t count = 0;
  std::vector<bool> seen(static_cast<std::size_t>(taps * int8_quads(in_c)));
  for_each_vector(kernel, out_c, [&](std::int64_t, std::int64_t first, std::int64_t last) {
    seen.assign(seen.size(), false);
    for (std::int64_t o = first; o < last; ++o) {
      for (std::int64_t c = 0; c + 1 < in_c; c += 2) {
        const std::int8_t* a = weights + (o * in_c + c) * taps;
        for_each_wide(a, a + taps, taps, [&](std::int64_t t) {
          const auto at = static_cast<std::size_t>(c / kInt8Quad * taps + t);
          count += seen[at] ? 0 : 1;
          seen[at] = true;
        });
      }
    }
  });
  return count;
}

std::int64_t pair_rests_size(const ConvInt8PairsKernel& kernel, const ConvShape& shape, std::int64_t entries) {
  return Parts(kernel, shape, entries).end;
}

void pack_pair_rests(const ConvInt8PairsKernel& kernel, const ConvShape& shape, const std::vector<std::int8_t>& rest,
                     std::int64_t entries, float* packed) {
  const Parts parts(kernel, shape, entries);
  std::memset(packed, 0, static_cast<std::size_t>(parts.end) * sizeof(float));
  auto* rows = reinterpret_cast<std::int32_t*>(packed);
  auto* at = reinterpret_cast<PairRests::At*>(packed + parts.at);
  auto* weights = reinterpret_cast<std::int8_t*>(packed + parts.weights);
  std::int32_t entry = 0;
  for_each_vector(kernel, shape.out_c, [&](std::int64_t vector, std::int64_t first, std::int64_t last) {
    std::int32_t* own = rows + vector * (shape.kernel_h + 1);
    for (std::int64_t t = 0; t < shape.taps(); ++t) {
      if (t % shape.kernel_w == 0) own[t / shape.kernel_w] = entry;
      for (std::int64_t c = 0; c < shape.in_c; c += kInt8Quad) {
        bool any = false;
        for (std::int64_t o = first; o < last; ++o) {
          for (std::int64_t k = 0; k < std::min(kInt8Quad, shape.in_c - c); ++k) {
            const std::int8_t w = rest[static_cast<std::size_t>((o * shape.in_c + c + k) * shape.taps() + t)];
            if (w == 0) continue;
            any = true;
            weights[(entry * kernel.multiply.width + o - first) * kInt8Quad + k] = w;
          }
        }
        if (!any) continue;
        at[entry++] = {static_cast<std::int32_t>(t % shape.kernel_w), static_cast<std::int32_t>(c / kInt8Quad)};
      }
    }
    own[shape.kernel_h] = entry;
  });
}

PairRests pair_rests(const ConvInt8PairsKernel& kernel, const ConvShape& shape, std::int64_t entries,
                     const float* packed) {
  if (entries == 0) return {};
  const Parts parts(kernel, shape, entries);
  return {reinterpret_cast<const std::int32_t*>(packed), reinterpret_cast<const PairRests::At*>(packed + parts.at),
          packed + parts.weights};
}

}  // namespace saker
