// The convolution kernels of every ISA level against the plain loops.
#include "kernels/conv/conv.h"

#include <gtest/gtest.h>

#include "support/conv_cases.h"

namespace saker {
namespace {

// Weights and bias packed for one kernel, and the row of zeros.
struct Packed {
  Packed(const ConvKernel& kernel, const ConvCase& c, const ConvData& data)
      : weights(conv_packed_weights(kernel, c.shape.out_c, c.shape.taps(), c.shape.in_c), 16),
        bias(conv_packed_bias(kernel, c.shape.out_c), 16),
        zeros(c.shape.in_c) {
    const ConvShape& s = c.shape;
    if (data.args.src_c_step != 1) {
      conv_pack_planar(kernel, s, data.weights.data(), weights.data());
    } else {
      conv_pack_weights(kernel, s.out_c, s.taps(), s.in_c, data.weights.data(), {s.in_c * s.taps(), 1, s.taps()},
                        weights.data());
    }
    conv_pack_bias(kernel, s.out_c, data.bias_or_null(c), bias.data());
    std::fill(zeros.data(), zeros.data() + s.in_c, 0.0F);
  }
  void bind(ConvArgs& args) const {
    args.weights = weights.data();
    args.bias = bias.data();
    args.zeros = zeros.data();
  }
  GuardedFloats weights, bias, zeros;
};

std::int64_t first_channel(const ConvKernel& kernel, const ConvBlocks& blocks, std::int64_t block, std::int64_t out_c) {
  return std::min(blocks.first_vector(block) * kernel.width, out_c);
}

// The whole, then a part cut anywhere.
void check(Random& random, const ConvKernel& kernel, const ConvCase& c, ConvData& data) {
  SCOPED_TRACE(kernel.name.text() + " " + c.text());
  const Packed packed(kernel, c, data);
  packed.bind(data.args);
  const ConvBlocks blocks(kernel, c.shape.out_c);
  const std::int64_t pixels = c.shape.pixels();
  for (std::int64_t n = 0; n < c.shape.batch; ++n) {
    refill(data.dst);
    kernel.run(data.args, n, 0, pixels, 0, blocks.blocks);
    ASSERT_TRUE(only_written(c, data, {n, 0, pixels, 0, c.shape.out_c}));
  }
  for (int cut = 0; cut < 2; ++cut) {
    const std::int64_t n = random.between(0, c.shape.batch - 1);
    const std::int64_t begin = random.between(0, pixels);
    const std::int64_t end = random.between(begin, pixels);
    const std::int64_t first = random.between(0, blocks.blocks);
    const std::int64_t last = random.between(first, blocks.blocks);
    refill(data.dst);
    kernel.run(data.args, n, begin, end, first, last);
    ASSERT_TRUE(only_written(c, data,
                             {n, begin, end, first_channel(kernel, blocks, first, c.shape.out_c),
                              first_channel(kernel, blocks, last, c.shape.out_c)}));
  }
}

void check_everywhere(Random& random, ConvCase c) {
  lay_out(random, c);
  const std::int64_t depth = c.shape.taps() * c.shape.in_c;
  ConvData data = make_data(random, c, depth);
  add_expectations(c, conv_reference, depth, data);
  for (const Isa isa : isas()) check(random, kernels_for(isa).conv, c, data);
}

TEST(Conv, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 500 && !testing::Test::HasFatalFailure(); ++i) check_everywhere(random, random_conv(random));
}

// [N, C, H, W] memory, perhaps with gaps between rows and planes, and ends at unreadable memory.
TEST(Conv, PlanarPictures) {
  Random random(5);
  for (int i = 0; i < 300 && !testing::Test::HasFatalFailure(); ++i) {
    ConvCase c = random_conv(random);
    ConvShape& s = c.shape;
    s.dilation_w = 1;
    s.in_c = random.between(2, 3);
    s.kernel_h = std::min<std::int64_t>(s.kernel_h, 6);
    s.kernel_w = std::min<std::int64_t>(s.kernel_w, 6);
    s.out_h = (s.in_h + 2 * s.pad_top) / s.stride_h + 1;
    s.out_w = (s.in_w + 2 * s.pad_left) / s.stride_w + 1;
    lay_out(random, c);
    const std::int64_t row = s.in_w + random.between(0, 3), plane = row * s.in_h + random.between(0, 3);
    c.src.at = {plane * s.in_c, row, 1};
    const std::int64_t depth = s.taps() * s.in_c;
    const std::int64_t size = (s.batch * s.in_c - 1) * plane + (s.in_h - 1) * row + s.in_w;
    ConvData data = make_data(random, c, depth, GuardedFloats(random.numbers(size)));
    data.args.src_c_step = plane;
    add_expectations(c, conv_reference, depth, data);
    for (const Isa isa : isas()) check(random, kernels_for(isa).conv, c, data);
  }
}

// A picture of half the size, under 1x1 kernels, which may see the results as one long row, and others.
TEST(Conv, CoarsePictures) {
  Random random(6);
  for (int i = 0; i < 300 && !testing::Test::HasFatalFailure(); ++i) {
    ConvCase c = random_conv(random);
    if (i % 2 == 0) {
      ConvCase pointwise;
      pointwise.shape.batch = c.shape.batch;
      pointwise.shape.in_h = pointwise.shape.out_h = c.shape.in_h;
      pointwise.shape.in_w = pointwise.shape.out_w = c.shape.in_w;
      pointwise.shape.in_c = c.shape.in_c;
      pointwise.shape.out_c = c.shape.out_c;
      pointwise.activation = c.activation;
      c = pointwise;
    }
    c.has_coarse = true;
    check_everywhere(random, c);
  }
}

TEST(Conv, EveryNumberOfOutputChannels) {
  Random random(2);
  for (std::int64_t channels = 1; channels <= 140 && !testing::Test::HasFatalFailure(); ++channels) {
    ConvCase c;
    c.shape.in_h = c.shape.out_h = 3;
    c.shape.in_w = c.shape.out_w = 5;
    c.shape.in_c = 1 + channels % 5;
    c.shape.out_c = channels;
    c.shape.kernel_h = c.shape.kernel_w = channels % 2 == 0 ? 1 : 3;
    c.shape.pad_top = c.shape.pad_left = c.shape.kernel_h / 2;
    check_everywhere(random, c);
  }
}

TEST(Conv, SpecialShapes) {
  Random random(3);
  for (const ConvCase& c : special_convs()) {
    if (!testing::Test::HasFatalFailure()) check_everywhere(random, c);
  }
}

TEST(Conv, BlocksCoverEveryVectorOnce) {
  for (const Isa isa : isas()) {
    const ConvKernel& kernel = kernels_for(isa).conv;
    for (std::int64_t out_c = 1; out_c < 700; ++out_c) {
      const ConvBlocks blocks(kernel, out_c);
      EXPECT_EQ(blocks.first_vector(0), 0);
      EXPECT_GE(blocks.first_vector(blocks.blocks) * kernel.width, out_c);
      for (std::int64_t b = 0; b < blocks.blocks; ++b) {
        const std::int64_t vectors = blocks.first_vector(b + 1) - blocks.first_vector(b);
        EXPECT_GE(vectors, 1);
        EXPECT_LE(vectors, kernel.max_vectors);
      }
    }
  }
}

// The empty range writes nothing.
TEST(Conv, EmptyRanges) {
  Random random(6);
  ConvCase c;
  c.shape.in_h = c.shape.out_h = 3;
  c.shape.in_w = c.shape.out_w = 3;
  c.shape.in_c = 4;
  c.shape.out_c = 20;
  lay_out(random, c);
  ConvData data = make_data(random, c, 4);
  for (const Isa isa : isas()) {
    const ConvKernel& kernel = kernels_for(isa).conv;
    const Packed packed(kernel, c, data);
    packed.bind(data.args);
    const std::int64_t blocks = ConvBlocks(kernel, 20).blocks;
    refill(data.dst);
    kernel.run(data.args, 0, 4, 4, 0, blocks);
    kernel.run(data.args, 0, 0, 9, 1, 1);
    EXPECT_TRUE(only_written(c, data, {0, 0, 0, 0, 0}));
  }
}

}  // namespace
}  // namespace saker
