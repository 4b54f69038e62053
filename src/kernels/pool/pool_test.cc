// The pooling kernels of every ISA level against the plain loops.
#include "kernels/pool/pool.h"

#include <gtest/gtest.h>

#include "support/int8_cases.h"

#include "kernels/window.h"
#include "support/bf16_cases.h"

namespace saker {
namespace {

struct PoolCase {
  PoolArgs args;
  PictureLayout src, dst;
};

PoolCase random_pool(Random& random, bool average) {
  const ConvCase conv = random_conv(random);
  PoolCase c;
  ConvShape& s = c.args.shape;
  s = conv.shape;
  s.in_c = s.out_c;
  c.args.average = average;
  c.args.count_include_pad = random.chance(50);
  c.args.pad_bottom = random.between(0, 3);
  c.args.pad_right = random.between(0, 3);
  c.src = picture_layout(random, s.batch, s.in_h, s.in_w, s.in_c);
  c.dst = picture_layout(random, s.batch, s.out_h, s.out_w, s.out_c);
  c.args.src_at = c.src.at;
  c.args.dst_at = c.dst.at;
  return c;
}

// Dense results of the reference.
std::vector<float> reference(const PoolCase& c, const float* src) {
  const ConvShape& s = c.args.shape;
  std::vector<float> result(static_cast<std::size_t>(s.batch * s.pixels() * s.out_c));
  PoolArgs args = c.args;
  args.src = src;
  args.dst = result.data();
  args.dst_at = {s.pixels() * s.out_c, s.out_w * s.out_c, s.out_c};
  pool_reference(args);
  return result;
}

// Rows [first, last) of picture n: right there, untouched elsewhere. A maximum is exact; an average
// is off by its additions, the rounded 1/count and the product.
testing::AssertionResult rows_are_right(const PoolCase& c, const GuardedFloats& dst, const std::vector<float>& expected,
                                        const std::vector<float>& magnitude, std::int64_t n, std::int64_t first,
                                        std::int64_t last) {
  const ConvShape& s = c.args.shape;
  const double steps = c.args.average ? static_cast<double>(s.taps() + 3) : 0;
  std::vector<char> seen(dst.size(), 0);
  for (std::int64_t y = first; y < last; ++y) {
    for (std::int64_t x = 0; x < s.out_w; ++x) {
      for (std::int64_t channel = 0; channel < s.out_c; ++channel) {
        const auto at = static_cast<std::size_t>(c.dst.index(n, y, x, channel));
        const auto i = static_cast<std::size_t>(((n * s.out_h + y) * s.out_w + x) * s.out_c + channel);
        seen[at] = 1;
        if (dst[at] == expected[i]) continue;  // also -inf, of windows that are all padding
        const double difference = std::fabs(static_cast<double>(dst[at]) - static_cast<double>(expected[i]));
        if (difference <= steps * kUnit * static_cast<double>(magnitude[i])) continue;
        return testing::AssertionFailure() << "at " << n << " " << y << " " << x << " " << channel << ": " << dst[at]
                                           << " instead of " << expected[i];
      }
    }
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == 0 && !is_sentinel(dst[i])) return testing::AssertionFailure() << "wrote element " << i;
  }
  return testing::AssertionSuccess();
}

void check(Random& random, PoolCase& c) {
  const GuardedFloats src = random_picture(random, c.src);
  const std::vector<float> positive = magnitudes({src.data(), src.data() + src.size()});
  const std::vector<float> expected = reference(c, src.data());
  const std::vector<float> magnitude = reference(c, positive.data());
  c.args.src = src.data();
  for (const Isa isa : isas()) {
    const PoolKernel& kernel = kernels_for(isa).pool;
    for (int cut = 0; cut < 3; ++cut) {
      const std::int64_t n = random.between(0, c.args.shape.batch - 1);
      const std::int64_t first = cut == 0 ? 0 : random.between(0, c.args.shape.out_h);
      const std::int64_t last = cut == 0 ? c.args.shape.out_h : random.between(first, c.args.shape.out_h);
      GuardedFloats dst(c.dst.size());
      c.args.dst = dst.data();
      kernel.run(c.args, n, first, last);
      ASSERT_TRUE(rows_are_right(c, dst, expected, magnitude, n, first, last))
          << kernel.name.text() << " channels " << c.args.shape.out_c << " kernel " << c.args.shape.kernel_h << "x"
          << c.args.shape.kernel_w;
    }
  }
}

TEST(Pool, Maximum) {
  Random random(31);
  for (int i = 0; i < 500 && !testing::Test::HasFatalFailure(); ++i) {
    PoolCase c = random_pool(random, false);
    check(random, c);
  }
}

TEST(Pool, MaximumOfBf16) {
  const PoolBf16Kernel* kernel = kernels_for(best_isa()).pool_bf16;
  if (kernel == nullptr) GTEST_SKIP() << require_bf16(best_isa()).error().message;
  Random random(34);
  for (int i = 0; i < 300 && !testing::Test::HasFatalFailure(); ++i) {
    PoolCase c = random_pool(random, false);
    GuardedFloats src = random_picture(random, c.src), dst(c.dst.size());
    round_to_bf16(src);
    GuardedBf16 stored_src(src), stored_dst(dst);
    const std::int64_t n = random.between(0, c.args.shape.batch - 1);
    const std::int64_t first = random.between(0, c.args.shape.out_h);
    c.args.src = src.data();
    c.args.dst = dst.data();
    kernels_for(best_isa()).pool.run(c.args, n, first, c.args.shape.out_h);
    c.args.src = stored_src.as_floats();
    c.args.dst = stored_dst.as_floats();
    kernel->run(c.args, n, first, c.args.shape.out_h);
    ASSERT_TRUE(stored_dst.holds(dst)) << c.args.shape.out_c << " channels, kernel " << c.args.shape.kernel_h;
  }
}

// What the float reference says of the same numbers.
TEST(Pool, MaximumOfBytes) {
  Random random(33);
  for (int i = 0; i < 300 && !testing::Test::HasFatalFailure(); ++i) {
    PoolCase c = random_pool(random, false);
    GuardedFloats numbers = random_picture(random, c.src);
    GuardedBytes src(c.src.size());
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      const auto byte = static_cast<std::uint8_t>(random.between(0, 255));
      if (!is_sentinel(numbers[k])) numbers[k] = byte;
      src.data()[k] = byte;
    }
    c.args.src = numbers.data();
    const std::vector<float> expected = reference(c, numbers.data());
    for (const Isa isa : isas()) {
      const PoolKernel& kernel = kernels_for(isa).pool;
      GuardedBytes dst(c.dst.size());
      std::vector<std::uint8_t> untouched(dst.data(), dst.data() + dst.size());
      const ConvShape& s = c.args.shape;
      for (std::int64_t n = 0; n < s.batch; ++n) kernel.run_bytes(c.args, src.data(), dst.data(), n, 0, s.out_h);
      for (std::int64_t n = 0, k = 0; n < s.batch; ++n) {
        for (std::int64_t y = 0; y < s.out_h; ++y) {
          for (std::int64_t x = 0; x < s.out_w; ++x) {
            for (std::int64_t channel = 0; channel < s.out_c; ++channel, ++k) {
              const auto at = static_cast<std::size_t>(c.dst.index(n, y, x, channel));
              ASSERT_EQ(static_cast<float>(dst.data()[at]), std::max(expected[static_cast<std::size_t>(k)], 0.0F))
                  << kernel.name.text();
              untouched[at] = dst.data()[at];
            }
          }
        }
      }
      ASSERT_EQ(untouched, std::vector<std::uint8_t>(dst.data(), dst.data() + dst.size()));
    }
  }
}

TEST(Pool, Average) {
  Random random(32);
  for (int i = 0; i < 500 && !testing::Test::HasFatalFailure(); ++i) {
    PoolCase c = random_pool(random, true);
    check(random, c);
  }
}

TEST(Pool, TapsInsideThePicture) {
  for (std::int64_t start = -9; start <= 9; ++start) {
    for (std::int64_t kernel = 1; kernel <= 7; ++kernel) {
      for (std::int64_t dilation = 1; dilation <= 3; ++dilation) {
        for (std::int64_t size = 0; size <= 6; ++size) {
          const Range range = inside_taps(start, kernel, dilation, size);
          for (std::int64_t k = 0; k < kernel; ++k) {
            const bool inside = start + k * dilation >= 0 && start + k * dilation < size;
            ASSERT_EQ(inside, k >= range.first && k < range.last) << start << " " << k << " " << dilation;
          }
          ASSERT_LE(range.first, range.last);
        }
      }
    }
  }
}

}  // namespace
}  // namespace saker
