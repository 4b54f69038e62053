// The 8-bit convolution by whole-number Winograd on every ISA level against the plain loops: the same bits.
#include "kernels/winograd_int8/winograd_int8.h"

#include <gtest/gtest.h>

#include "kernels/winograd/winograd.h"
#include "support/int8_cases.h"

namespace saker {
namespace {

std::vector<Isa> isas() {
  std::vector<Isa> isas = int8_isas();
  std::erase_if(isas, [](Isa isa) { return kernels_for(isa).winograd_int8 == nullptr; });
  return isas;
}

// What the plan prepares of a layer.
struct Packed {
  Packed(const WinogradInt8Kernel& kernel, const Int8Case& c)
      : cells(winograd_int8_cells(c.layer.shape.in_c)),
        padded(conv_packed_bias(kernel.multiply, c.layer.shape.out_c)),
        weights(winograd_int8_packed_weights(kernel.multiply, c.layer.shape.out_c, c.layer.shape.in_c), 16),
        starts(conv_int8_start_sets(3) * padded, 16),
        zeros(zero_quads(c)),
        no_bias(padded, 16),
        finish(c, padded) {
    const ConvShape& s = c.layer.shape;
    winograd_int8_pack_weights(kernel.multiply, s.out_c, s.in_c, c.weights.data(), weights.data());
    conv_int8_pack_starts(kernel.multiply, s, c.weights.data(), c.zero_points.data(), starts.data());
    std::memset(no_bias.data(), 0, no_bias.size() * sizeof(float));
  }
  std::int64_t cells, padded;
  GuardedFloats weights, starts, zeros, no_bias;
  PackedFinish finish;
};

// Tiles [begin, end) of a picture, with a gap between the products.
void run_tiles(const WinogradInt8Kernel& kernel, const Packed& packed, const ConvInt8Args& args, std::int64_t n,
               std::int64_t begin, std::int64_t end) {
  const std::int64_t tiles = end - begin, out_c = args.shape.out_c;
  const std::int64_t in_step = tiles * packed.cells + 16, out_step = tiles * out_c + 16;
  // The last product ends where readable memory does.
  GuardedFloats inputs(kWinogradInt8Products * in_step - 16), products(kWinogradInt8Products * out_step - 16);
  kernel.transform_input(args, n, begin, end, in_step, inputs.data());
  const std::int64_t size = packed.weights.size() / kWinogradInt8Products;
  for (int p = 0; p < kWinogradInt8Products; ++p) {
    ConvArgs own = winograd_product(tiles, packed.cells, out_c, packed.no_bias.data());
    own.src = inputs.data() + p * in_step;
    own.dst = products.data() + p * out_step;
    own.weights = packed.weights.data() + p * size;
    own.bias = packed.no_bias.data();
    kernel.multiply.run(own, 0, 0, tiles, 0, ConvBlocks(kernel.multiply, out_c).blocks);
  }
  kernel.transform_output(args, n, begin, end, out_step, products.data());
}

void check(Random& random, Isa isa, Int8Case& c, const std::vector<std::uint8_t>& expected) {
  const WinogradInt8Kernel& kernel = *kernels_for(isa).winograd_int8;
  SCOPED_TRACE(kernel.name.text() + " " + c.layer.text());
  const Packed packed(kernel, c);
  ConvInt8Args args = c.kernel_args();
  args.lookup = kernels_for(isa).lookup.run;
  args.bias = packed.starts.data();
  args.start_step = packed.padded;
  args.zeros = packed.zeros.data();
  args.finish = packed.finish.get();
  c.clear();
  const std::int64_t tiles = WinogradInt8Tiles(c.layer.shape).count;
  for (std::int64_t n = 0; n < c.layer.shape.batch; ++n) {
    const std::int64_t cut = random.between(0, tiles);
    if (cut > 0) run_tiles(kernel, packed, args, n, 0, cut);
    if (cut < tiles) run_tiles(kernel, packed, args, n, cut, tiles);
  }
  expect_results(c, expected);
}

void check_everywhere(Random& random, Int8Case& c) {
  c.clear();
  conv_int8_reference(c.reference_args(), c.reference());
  const std::vector<std::uint8_t> expected = c.results();
  for (const Isa isa : isas()) check(random, isa, c, expected);
}

// 3x3 of stride 1 over a picture of this size, padded by up to 2 on each side.
ConvCase layer_of(Random& random, std::int64_t height, std::int64_t width, std::int64_t in_c, std::int64_t out_c) {
  ConvCase c = random_conv(random);
  ConvShape& s = c.shape;
  s = {};
  s.batch = random.between(1, 2);
  s.in_h = height;
  s.in_w = width;
  s.in_c = in_c;
  s.out_c = out_c;
  s.kernel_h = s.kernel_w = 3;
  s.pad_top = random.between(0, 2);
  s.pad_left = random.between(0, 2);
  s.out_h = std::max<std::int64_t>(height + s.pad_top + random.between(0, 2) - 2, 1);
  s.out_w = std::max<std::int64_t>(width + s.pad_left + random.between(0, 2) - 2, 1);
  return c;
}

TEST(WinogradInt8, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 300 && !testing::Test::HasFatalFailure(); ++i) {
    const auto channels = [&] { return random.between(kWinogradInt8Channels - 3, 70); };
    Int8Case c(random,
               layer_of(random, random.between(1, 12), random.between(1, 40), channels(),
                        std::max(channels(), kWinogradInt8Channels)),
               false);
    check_everywhere(random, c);
  }
}

TEST(WinogradInt8, EveryNumberOfChannels) {
  Random random(2);
  for (std::int64_t channels = kWinogradInt8Channels; channels <= 100; ++channels) {
    Int8Case c(random, layer_of(random, 5, 9, channels, 116 - channels), false);
    check_everywhere(random, c);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// The largest sums that 48 times fit 32 bits, of inputs that are all 255 or all 0; one more weight is too many.
TEST(WinogradInt8, ExactToTheLastSum) {
  Random random(3);
  constexpr std::int64_t kChannels = 160, kMost = 2147483647 / 48 / 255;
  for (const int sign : {-1, 1}) {
    for (const int zero : {0, 255}) {
      ConvCase layer = layer_of(random, 7, 11, kChannels, 33);
      Int8Case c(random, layer, false);
      std::memset(c.src.data(), 255 - zero, c.src.size() * sizeof(float));
      std::fill(c.zero_points.begin(), c.zero_points.end(), static_cast<std::uint8_t>(zero));
      for (std::size_t o = 0; o < 33; ++o) {
        std::int64_t left = kMost;
        for (std::size_t k = 0; k < kChannels * 9; ++k) {
          const std::int64_t own = std::min<std::int64_t>(left, 127);
          c.weights[o * kChannels * 9 + k] = static_cast<std::int8_t>(sign * own);
          left -= own;
        }
        ASSERT_EQ(left, 0);
      }
      EXPECT_TRUE(winograd_int8_is_exact(33, kChannels, c.weights.data()));
      check_everywhere(random, c);
      c.weights.back() = static_cast<std::int8_t>(c.weights.back() + sign);
      EXPECT_FALSE(winograd_int8_is_exact(33, kChannels, c.weights.data()));
    }
  }
}

}  // namespace
}  // namespace saker
