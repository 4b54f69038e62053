// The resize kernels of every ISA level against the plain loops.
#include "kernels/resize/resize.h"

#include <gtest/gtest.h>

#include "support/kernel_testing.h"

namespace saker {
namespace {

// Any table is allowed: positions and weights are random.
struct Axis {
  Axis(Random& random, std::int64_t in, std::int64_t out) {
    for (std::int64_t i = 0; i < out; ++i) {
      low.push_back(static_cast<std::int32_t>(random.between(0, in - 1)));
      high.push_back(static_cast<std::int32_t>(random.between(0, in - 1)));
      weight.push_back(random.chance(20) ? 0.0F : random.number(0, 1));
    }
  }
  ResizeAxis table(bool nearest) const { return {low.data(), nearest ? nullptr : high.data(), weight.data()}; }
  std::vector<std::int32_t> low, high;
  std::vector<float> weight;
};

struct ResizeCase {
  ResizeArgs args;
  PictureLayout src, dst;
  bool nearest = false;
};

std::vector<float> reference(const ResizeCase& c, const float* src) {
  std::vector<float> result(static_cast<std::size_t>(c.dst.batch * c.dst.h * c.dst.w * c.dst.channels));
  ResizeArgs args = c.args;
  args.src = src;
  args.dst = result.data();
  args.dst_at = {c.dst.h * c.dst.w * c.dst.channels, c.dst.w * c.dst.channels, c.dst.channels};
  resize_reference(args, c.dst.batch, c.dst.h);
  return result;
}

// Two blends, each of (1 - w), two products and a sum, on both sides of the comparison.
constexpr double kRoundings = 2 * 2 * 3;

testing::AssertionResult rows_are_right(const ResizeCase& c, const GuardedFloats& dst,
                                        const std::vector<float>& expected, const std::vector<float>& magnitude,
                                        std::int64_t n, std::int64_t first, std::int64_t last) {
  std::vector<char> seen(dst.size(), 0);
  for (std::int64_t y = first; y < last; ++y) {
    for (std::int64_t x = 0; x < c.dst.w; ++x) {
      for (std::int64_t k = 0; k < c.dst.channels; ++k) {
        const auto at = static_cast<std::size_t>(c.dst.index(n, y, x, k));
        const auto i = static_cast<std::size_t>(((n * c.dst.h + y) * c.dst.w + x) * c.dst.channels + k);
        seen[at] = 1;
        const double bound = c.nearest ? 0 : kRoundings * kUnit * static_cast<double>(magnitude[i]);
        if (std::fabs(static_cast<double>(dst[at]) - static_cast<double>(expected[i])) <= bound) continue;
        return testing::AssertionFailure() << y << " " << x << " " << k << ": " << dst[at] << " for " << expected[i];
      }
    }
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == 0 && !is_sentinel(dst[i])) return testing::AssertionFailure() << "wrote element " << i;
  }
  return testing::AssertionSuccess();
}

void check(Random& random, bool nearest) {
  ResizeCase c;
  c.nearest = nearest;
  const std::int64_t batch = random.between(1, 2);
  const std::int64_t channels = random.between(1, 70);
  const std::int64_t in_h = random.between(1, 9);
  const std::int64_t in_w = random.between(1, 9);
  const std::int64_t out_h = random.between(1, 13);
  const std::int64_t out_w = random.between(1, 13);
  const Axis rows(random, in_h, out_h);
  const Axis columns(random, in_w, out_w);
  c.src = picture_layout(random, batch, in_h, in_w, channels);
  c.dst = picture_layout(random, batch, out_h, out_w, channels);
  const GuardedFloats src = random_picture(random, c.src);
  const std::vector<float> positive = magnitudes({src.data(), src.data() + src.size()});
  c.args.out_w = out_w;
  c.args.channels = channels;
  c.args.rows = rows.table(nearest);
  c.args.columns = columns.table(nearest);
  c.args.src_at = c.src.at;
  c.args.dst_at = c.dst.at;
  const std::vector<float> expected = reference(c, src.data());
  const std::vector<float> magnitude = reference(c, positive.data());
  c.args.src = src.data();
  for (const Isa isa : isas()) {
    for (int cut = 0; cut < 2; ++cut) {
      const std::int64_t n = random.between(0, batch - 1);
      const std::int64_t first = cut == 0 ? 0 : random.between(0, out_h);
      const std::int64_t last = cut == 0 ? out_h : random.between(first, out_h);
      GuardedFloats dst(c.dst.size());
      c.args.dst = dst.data();
      kernels_for(isa).resize.run(c.args, n, first, last);
      ASSERT_TRUE(rows_are_right(c, dst, expected, magnitude, n, first, last)) << isa_name(isa);
    }
  }
}

TEST(Resize, Nearest) {
  Random random(61);
  for (int i = 0; i < 300 && !testing::Test::HasFatalFailure(); ++i) check(random, true);
}

TEST(Resize, Linear) {
  Random random(62);
  for (int i = 0; i < 300 && !testing::Test::HasFatalFailure(); ++i) check(random, false);
}

}  // namespace
}  // namespace saker
