// The 8-bit convolution by tiles against the plain loops: the same bits. Everywhere by the tiles in loops, where the
// CPU has AMX by its instructions too.
#include "kernels/conv_tiles/conv_tiles_int8.h"

#include <gtest/gtest.h>

#include <optional>

#include "support/int8_cases.h"

namespace saker {
namespace {

std::vector<const ConvTilesInt8Kernel*> kernels() {
  std::vector<const ConvTilesInt8Kernel*> all = {&kConvTilesInt8Software};
  if (kernels_for(best_isa()).conv_tiles_int8 != nullptr) all.push_back(kernels_for(best_isa()).conv_tiles_int8);
  return all;
}

struct Packed {
  explicit Packed(const Int8Case& c)
      : shape(c.layer.shape),
        padded(tiles_padded(c.layer.shape.out_c)),
        starts(padded, 16),
        zeros(zero_quads(c)),
        finish(c, padded) {
    const std::int64_t in_c = shape.in_c;
    shape.in_c = int8_quads(in_c);
    weights.emplace(tiles_packed_weights(shape), 16);
    tiles_pack_weights(shape, in_c, c.weights.data(), weights->data());
    tiles_pack_starts(shape, in_c, c.weights.data(), c.zero_points.data(), starts.data());
  }
  ConvShape shape;
  std::int64_t padded;
  std::optional<GuardedFloats> weights;
  GuardedFloats starts, zeros;
  PackedFinish finish;
};

// Rows and blocks cut anywhere, each job with a panel that ends where readable memory does.
void run_in_parts(Random& random, const ConvTilesInt8Kernel& kernel, const Packed& packed, const ConvInt8Args& args) {
  const ConvShape& s = args.shape;
  const std::int64_t blocks = packed.padded / kTilesBlock;
  const auto run = [&](std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first, std::int64_t last) {
    if (begin == end || first == last) return;
    GuardedFloats panel(tiles_panel_bytes(s, end - begin) / 4, 16);
    kernel.run(args, {n, begin, end, first, last, reinterpret_cast<std::uint8_t*>(panel.data())});
  };
  for (std::int64_t n = 0; n < s.batch; ++n) {
    const std::int64_t row = random.between(0, s.out_h), block = random.between(0, blocks);
    run(n, 0, row, 0, blocks);
    run(n, row, s.out_h, 0, block);
    run(n, row, s.out_h, block, blocks);
  }
}

void check(Random& random, const ConvCase& layer) {
  Int8Case c(random, layer, false);
  c.clear();
  conv_int8_reference(c.reference_args(), c.reference());
  const std::vector<std::uint8_t> expected = c.results();
  const Packed packed(c);
  if (tiles_form(packed.shape).steps > kTilesMostSteps) return;
  for (const ConvTilesInt8Kernel* kernel : kernels()) {
    SCOPED_TRACE(kernel->name.text() + " " + c.layer.text());
    ConvInt8Args args = c.kernel_args();
    args.lookup = kernels_for(Isa::kBaseline).lookup.run;
    args.weights = packed.weights->data();
    args.bias = packed.starts.data();
    args.zeros = packed.zeros.data();
    args.finish = packed.finish.get();
    c.clear();
    run_in_parts(random, *kernel, packed, args);
    expect_results(c, expected);
  }
}

TEST(ConvTilesInt8, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 150 && !testing::Test::HasFatalFailure(); ++i) check(random, random_conv(random));
}

TEST(ConvTilesInt8, SpecialShapes) {
  Random random(2);
  for (const ConvCase& c : special_convs()) {
    if (!testing::Test::HasFatalFailure() && c.shape.kernel_h <= kInt8MaxKernelHeight) check(random, c);
  }
}

// Runs of taps in a chunk, chunks of several pixels, every rest of a quad; strides and dilations.
TEST(ConvTilesInt8, EveryNumberOfChannels) {
  Random random(3);
  for (std::int64_t channels = 1; channels <= 140 && !testing::Test::HasFatalFailure(); ++channels) {
    check(random, conv_of_channels(channels));
  }
}

TEST(ConvTilesInt8, FormsAreAsTheyAreMeantToBe) {
  ConvShape s;
  s.in_c = int8_quads(64);
  s.out_w = 80;
  s.kernel_h = s.kernel_w = 3;
  EXPECT_TRUE(tiles_form(s).shifted);
  EXPECT_EQ(tiles_form(s).columns, 82);
  EXPECT_EQ(tiles_form(s).steps, 9);
  s.stride_h = s.stride_w = 2;
  EXPECT_FALSE(tiles_form(s).shifted);
  EXPECT_EQ(tiles_form(s).steps, 9);
  s.stride_h = s.stride_w = 1;
  s.in_c = int8_quads(16);
  EXPECT_FALSE(tiles_form(s).shifted);
  EXPECT_EQ(tiles_form(s).steps, 3);  // three taps of 16 bytes in a chunk
  s.in_c = int8_quads(32);
  EXPECT_EQ(tiles_form(s).steps, 6);  // two, and one
  s.in_c = int8_quads(3);
  s.kernel_h = s.kernel_w = 6;
  EXPECT_EQ(tiles_form(s).steps, 6);
}

}  // namespace
}  // namespace saker
