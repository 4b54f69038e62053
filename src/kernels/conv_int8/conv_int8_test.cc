// The 8-bit convolution of every ISA level against the plain loops: the same bits.
#include "kernels/conv_int8/conv_int8.h"

#include <gtest/gtest.h>

#include "base/activation_math.h"
#include "support/int8_cases.h"

namespace saker {
namespace {

struct Packed {
  Packed(const ConvKernel& kernel, const Int8Case& c) : Packed(kernel, c, c.weights.data()) {}
  // `own`: multiplied in place of c.weights, which are those that starts are made of.
  Packed(const ConvKernel& kernel, const Int8Case& c, const std::int8_t* own)
      : weights(conv_int8_packed_weights(kernel, c.layer.shape.out_c, c.layer.shape.taps(), c.layer.shape.in_c), 16),
        step(conv_packed_bias(kernel, c.layer.shape.out_c)),
        starts(conv_int8_start_sets(c.layer.shape.kernel_h) * step, 16),
        zeros(zero_quads(c)),
        finish(c, step) {
    const ConvShape& s = c.layer.shape;
    conv_int8_pack_weights(kernel, s.out_c, s.taps(), s.in_c, own, weights.data());
    conv_int8_pack_starts(kernel, s, c.weights.data(), c.zero_points.data(), starts.data());
  }
  void bind(ConvInt8Args& args) const {
    args.weights = weights.data();
    args.bias = starts.data();
    args.start_step = step;
    args.zeros = zeros.data();
    args.finish = finish.get();
  }
  GuardedFloats weights;
  std::int64_t step;
  GuardedFloats starts, zeros;
  PackedFinish finish;
};

// The whole in two parts of its pixels and blocks, cut anywhere.
template <typename Kernel, typename Args>
void run_in_parts(Random& random, const Kernel& kernel, Isa isa, const Packed& packed, Int8Case& c, Args args) {
  args.lookup = kernels_for(isa).lookup.run;
  packed.bind(args);
  const std::int64_t pixels = c.layer.shape.pixels();
  const std::int64_t blocks = ConvBlocks(kernel.multiply, c.layer.shape.out_c).blocks;
  c.clear();
  for (std::int64_t n = 0; n < c.layer.shape.batch; ++n) {
    const std::int64_t pixel = random.between(0, pixels), block = random.between(0, blocks);
    kernel.run(args, n, 0, pixel, 0, blocks);
    kernel.run(args, n, pixel, pixels, 0, block);
    kernel.run(args, n, pixel, pixels, block, blocks);
  }
}

void check_pairs(Random& random, Isa isa, Int8Case& c, const std::vector<std::uint8_t>& expected) {
  const ConvInt8PairsKernel& kernel = *kernels_for(isa).conv_int8_pairs;
  SCOPED_TRACE(kernel.multiply.name.text() + " " + c.layer.text());
  const ConvShape& s = c.layer.shape;
  const PairWeights cut = cut_pairs(s.out_c, s.in_c, s.taps(), c.weights.data());
  const std::int64_t entries = count_pair_rests(kernel, s.out_c, s.in_c, s.taps(), c.weights.data());
  GuardedFloats rests(pair_rests_size(kernel, s, entries), 16);
  pack_pair_rests(kernel, s, cut.rest, entries, rests.data());
  run_in_parts(random, kernel, isa, Packed(kernel.multiply, c, cut.bounded.data()), c,
               ConvInt8PairsArgs{c.kernel_args(), pair_rests(kernel, s, entries, rests.data())});
  expect_results(c, expected);
}

void check(Random& random, Isa isa, Int8Case& c, const std::vector<std::uint8_t>& expected) {
  const ConvInt8Kernel& kernel = kernels_for(isa).conv_int8;
  SCOPED_TRACE(kernel.multiply.name.text() + " " + c.layer.text());
  run_in_parts(random, kernel, isa, Packed(kernel.multiply, c), c, c.kernel_args());
  expect_results(c, expected);
  if (kernels_for(isa).conv_int8_pairs != nullptr) check_pairs(random, isa, c, expected);
}

void check_everywhere(Random& random, const ConvCase& layer) {
  Int8Case c(random, layer, false);
  c.clear();
  conv_int8_reference(c.reference_args(), c.reference());
  const std::vector<std::uint8_t> expected = c.results();
  for (const Isa isa : int8_isas()) check(random, isa, c, expected);
}

TEST(ConvInt8, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 600 && !testing::Test::HasFatalFailure(); ++i) check_everywhere(random, random_conv(random));
}

// Every width of the last block, every rest of a quad.
TEST(ConvInt8, EveryNumberOfChannels) {
  Random random(2);
  for (std::int64_t channels = 1; channels <= 100 && !testing::Test::HasFatalFailure(); ++channels) {
    ConvCase c;
    c.shape.in_h = c.shape.out_h = 3;
    c.shape.in_w = c.shape.out_w = 5;
    c.shape.in_c = channels;
    c.shape.out_c = 101 - channels;
    c.shape.kernel_h = c.shape.kernel_w = channels % 3 == 0 ? 1 : 3;
    c.shape.pad_top = c.shape.pad_left = c.shape.kernel_h / 2;
    check_everywhere(random, c);
  }
}

TEST(ConvInt8, SpecialShapes) {
  Random random(3);
  for (const ConvCase& c : special_convs()) {
    if (!testing::Test::HasFatalFailure() && c.shape.kernel_h <= kInt8MaxKernelHeight) check_everywhere(random, c);
  }
}

// What 16 bits would not hold: all inputs 255 (or 0), all weights -128 or 127.
TEST(ConvInt8, SumsOfExtremesAreExact) {
  Random random(4);
  for (const int weight : {-128, 127}) {
    for (const int zero : {0, 255}) {
      ConvCase layer;
      layer.shape.in_h = layer.shape.out_h = 3;
      layer.shape.in_w = layer.shape.out_w = 9;
      layer.shape.in_c = 64;
      layer.shape.out_c = 33;
      layer.shape.kernel_h = layer.shape.kernel_w = 3;
      layer.shape.pad_top = layer.shape.pad_left = 1;
      layer.activation = {};
      Int8Case c(random, layer, false);
      std::memset(c.src.data(), 255 - zero, c.src.size() * sizeof(float));
      std::fill(c.weights.begin(), c.weights.end(), static_cast<std::int8_t>(weight));
      std::fill(c.zero_points.begin(), c.zero_points.end(), static_cast<std::uint8_t>(zero));
      c.clear();
      conv_int8_reference(c.reference_args(), c.reference());
      const std::vector<std::uint8_t> expected = c.results();
      for (const Isa isa : int8_isas()) check(random, isa, c, expected);
    }
  }
}

// Pairs that 16 bits hold are left alone; others are cut into two that they hold, and no weight is lost.
TEST(ConvInt8, PairsAreCutWhereSixteenBitsEnd) {
  std::vector<std::int8_t> weights;
  for (int a = -128; a <= 127; ++a) {
    for (int b = -128; b <= 127; ++b) {
      weights.push_back(static_cast<std::int8_t>(a));
      weights.push_back(static_cast<std::int8_t>(b));
    }
  }
  const auto filters = static_cast<std::int64_t>(weights.size() / 2);
  const PairWeights cut = cut_pairs(filters, 2, 1, weights.data());
  for (std::size_t i = 0; i < weights.size(); i += 2) {
    const int sum = weights[i] + weights[i + 1];
    for (const std::size_t k : {i, i + 1}) {
      ASSERT_EQ(cut.bounded[k] + cut.rest[k], weights[k]) << i;
      ASSERT_TRUE(std::abs(sum) > 128 || cut.rest[k] == 0) << i;
    }
    for (const auto* part : {&cut.bounded, &cut.rest}) ASSERT_LE(std::abs((*part)[i] + (*part)[i + 1]), 128) << i;
  }
}

// What SiLU's polynomials are off (simd/silu_quartics.h).
double silu_error(double x) {
  return std::fabs(x) < 12 ? 3e-5 : 8e-5;
}

// The definition against arithmetic in double precision.
TEST(ConvInt8, ReferenceFollowsTheFormula) {
  Random random(5);
  for (int i = 0; i < 60; ++i) {
    Int8Case c(random, random_conv(random), false);
    c.float_results = true;
    c.with_table = false;
    c.clear();
    const ConvInt8Args args = c.reference_args();
    conv_int8_reference(args, c.reference());
    const ConvShape& s = c.layer.shape;
    for (std::int64_t o = 0; o < s.out_c; ++o) {
      double sum = 0;
      for (std::int64_t t = 0; t < s.taps(); ++t) {
        const std::int64_t y = t / s.kernel_w * s.dilation_h - s.pad_top,
                           x = t % s.kernel_w * s.dilation_w - s.pad_left;
        if (y < 0 || y >= s.in_h || x < 0 || x >= s.in_w) continue;
        for (std::int64_t k = 0; k < s.in_c; ++k) {
          const int value = c.reference().src[y * args.src_at.y_step + x * args.src_at.x_step + k];
          sum += (value - c.zero_points[static_cast<std::size_t>(k)]) *
                 c.weights[static_cast<std::size_t>((o * s.in_c + k) * s.taps() + t)];
        }
      }
      const auto at = [o](const std::vector<float>& v) { return static_cast<double>(v[static_cast<std::size_t>(o)]); };
      const double linear = sum * at(c.multiplier) + at(c.bias);
      double v = activate(c.layer.activation, linear);
      if (c.scaled) v = v * at(c.out_scale) + at(c.out_offset);
      if (c.layer.has_residual) v += c.residual.data()[o] * at(c.residual_scale);
      const double bound = silu_error(linear) * (c.scaled ? at(c.out_scale) : 1) + 1e-5 * (1 + std::fabs(v)) +
                           (c.scaled ? 1e-5 * std::fabs(at(c.out_offset)) : 0) + 1e-4;
      ASSERT_NEAR(static_cast<double>(c.dst[static_cast<std::size_t>(o)]), v, bound) << c.layer.text();
    }
  }
}

}  // namespace
}  // namespace saker
