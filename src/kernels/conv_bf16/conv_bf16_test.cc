// The bfloat16 convolution against the plain loops over rounded numbers. Skipped where the CPU lacks it.
#include "kernels/conv_bf16/conv_bf16.h"

#include <gtest/gtest.h>

#include "base/half.h"
#include "support/bf16_cases.h"

namespace saker {
namespace {

class ConvBf16 : public testing::Test {
 protected:
  void SetUp() override {
    const Status status = require_bf16(best_isa());
    if (!status.ok()) GTEST_SKIP() << status.error().message;
    kernel_ = kernels_for(best_isa()).conv_bf16;
    ASSERT_NE(kernel_, nullptr);
  }

  // Output rows [begin, end) of picture n, channel blocks [first, last), as a job of a layer runs them.
  void run(const ConvBf16Args& args, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first,
           std::int64_t last) const {
    const InputRows rows = conv_bf16_input_rows(args.shape, begin, end);
    GuardedFloats panel(conv_bf16_panel_floats(args.shape, rows.last - rows.first));
    kernel_->pack_rows(args, n, rows.first, rows.last, panel.data());
    const ConvBf16Args own = conv_bf16_panel_args(args, n, begin, end, panel.data());
    kernel_->run(own, 0, 0, own.shape.pixels(), first, last);
  }

  std::int64_t first_channel(const ConvBlocks& blocks, std::int64_t block, std::int64_t out_c) const {
    return std::min(blocks.first_vector(block) * kernel_->multiply.width, out_c);
  }

  // The whole, then parts cut anywhere.
  void check(Random& random, const ConvCase& c, ConvData& data, bool stored_too = false) const {
    SCOPED_TRACE(c.text());
    const ConvShape& s = c.shape;
    GuardedFloats weights(conv_bf16_packed_weights(kernel_->multiply, s), 16);
    GuardedFloats bias(conv_packed_bias(kernel_->multiply, s.out_c), 16);
    conv_bf16_pack_weights(kernel_->multiply, s, data.weights.data(), weights.data());
    conv_pack_bias(kernel_->multiply, s.out_c, data.bias_or_null(c), bias.data());
    data.args.weights = weights.data();
    data.args.bias = bias.data();
    const ConvBlocks blocks(kernel_->multiply, s.out_c);
    for (int cut = 0; cut < 3; ++cut) {
      const bool whole = cut == 0;
      const std::int64_t n = random.between(0, s.batch - 1);
      const std::int64_t begin = whole ? 0 : random.between(0, s.out_h - 1);
      const std::int64_t end = whole ? s.out_h : random.between(begin + 1, s.out_h);
      const std::int64_t first = whole ? 0 : random.between(0, blocks.blocks);
      const std::int64_t last = whole ? blocks.blocks : random.between(first, blocks.blocks);
      refill(data.dst);
      run({data.args}, n, begin, end, first, last);
      ASSERT_TRUE(only_written(c, data,
                               {n, begin * s.out_w, end * s.out_w, first_channel(blocks, first, s.out_c),
                                first_channel(blocks, last, s.out_c)}));
      if (!stored_too) continue;
      StoredAsBf16 stored(data, random.chance(70), true);
      run(stored.args, n, begin, end, first, last);
      ASSERT_TRUE(stored.dst.holds(data.dst));
    }
  }

  void check_everything(Random& random, ConvCase c) const {
    lay_out(random, c);
    const std::int64_t depth = c.shape.taps() * c.shape.in_c;
    ConvData data = make_data(random, c, depth);
    round_inputs(data);
    add_expectations(c, conv_bf16_reference, depth, data);
    check(random, c, data, true);
  }

  const ConvBf16Kernel* kernel_ = nullptr;
};

TEST_F(ConvBf16, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 800 && !HasFatalFailure(); ++i) {
    ConvCase c = random_conv(random);
    c.has_coarse = random.chance(20);
    check_everything(random, c);
  }
}

// Runs of every length, and every width of the last block.
TEST_F(ConvBf16, EveryNumberOfChannels) {
  Random random(2);
  for (std::int64_t channels = 1; channels <= 140 && !HasFatalFailure(); ++channels) {
    ConvCase c;
    c.shape.in_h = c.shape.out_h = 3;
    c.shape.in_w = c.shape.out_w = 5;
    c.shape.in_c = channels;
    c.shape.out_c = 141 - channels;
    c.shape.kernel_h = c.shape.kernel_w = channels % 3 == 0 ? 1 : 3;
    c.shape.pad_top = c.shape.pad_left = c.shape.kernel_h / 2;
    check_everything(random, c);
  }
}

TEST_F(ConvBf16, SpecialShapes) {
  Random random(3);
  for (const ConvCase& c : special_convs()) {
    if (!HasFatalFailure()) check_everything(random, c);
  }
}

// The instruction takes numbers below 2^-126 for zero and makes none.
TEST_F(ConvBf16, TinyNumbers) {
  Random random(6);
  for (int i = 0; i < 50 && !HasFatalFailure(); ++i) {
    ConvCase c = random_conv(random);
    c.activation = {};
    c.has_residual = c.has_bias = false;
    lay_out(random, c);
    const std::int64_t depth = c.shape.taps() * c.shape.in_c;
    ConvData data = make_data(random, c, depth);
    const float scale = i % 2 == 0 ? 0x1p-124F : 0x1p-62F;
    for (std::size_t k = 0; k < data.src.size(); ++k) data.src[k] *= scale;
    for (float& x : data.weights) x *= i % 2 == 0 ? 1 : scale;
    add_expectations(c, conv_bf16_reference, depth, data);
    for (float& bound : data.bound) bound += static_cast<float>(depth) * 0x1p-126F;
    check(random, c, data);
  }
}

// Values that are not rounded give exact sums: nothing is rounded twice, no product is lost.
TEST_F(ConvBf16, SmallIntegersAreExact) {
  Random random(7);
  for (int i = 0; i < 100 && !HasFatalFailure(); ++i) {
    ConvCase c = random_conv(random);
    c.activation = {};
    lay_out(random, c);
    const std::int64_t depth = c.shape.taps() * c.shape.in_c;
    ConvData data = make_data(random, c, depth);
    const auto whole = [&](auto& values) {
      for (std::size_t k = 0; k < values.size(); ++k) {
        if (!is_sentinel(values[k])) values[k] = static_cast<float>(random.between(-100, 100));
      }
    };
    whole(data.src), whole(data.weights), whole(data.bias), whole(data.residual);
    add_expectations(c, conv_reference, depth, data);
    std::fill(data.bound.begin(), data.bound.end(), 0.0F);
    check(random, c, data);
  }
}

// Products of float32, stored as bfloat16.
TEST_F(ConvBf16, IntoBf16) {
  Random random(8);
  const ConvKernel& floats = kernels_for(best_isa()).conv;
  for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
    ConvCase c = random_conv(random);
    SCOPED_TRACE(c.text());
    lay_out(random, c);
    const ConvShape& s = c.shape;
    ConvData data = make_data(random, c, s.taps() * s.in_c);
    round_inputs(data);
    GuardedFloats weights(conv_packed_weights(floats, s.out_c, s.taps(), s.in_c), 16);
    GuardedFloats bias(conv_packed_bias(floats, s.out_c), 16), zeros(s.in_c);
    std::fill_n(zeros.data(), s.in_c, 0.0F);
    conv_pack_weights(floats, s.out_c, s.taps(), s.in_c, data.weights.data(), {s.in_c * s.taps(), 1, s.taps()},
                      weights.data());
    conv_pack_bias(floats, s.out_c, data.bias_or_null(c), bias.data());
    data.args.weights = weights.data();
    data.args.bias = bias.data();
    data.args.zeros = zeros.data();
    StoredAsBf16 stored(data, false, true);
    const std::int64_t n = random.between(0, s.batch - 1), begin = random.between(0, s.pixels());
    const std::int64_t last = ConvBlocks(floats, s.out_c).blocks;
    floats.run(data.args, n, begin, s.pixels(), 0, last);
    kernels_for(best_isa()).conv_into_bf16->run(stored.args, n, begin, s.pixels(), 0, last);
    ASSERT_TRUE(stored.dst.holds(data.dst));
  }
}

TEST_F(ConvBf16, RateIsAPowerOfTwo) {
  const double rate = measure_bf16_rate(*kernel_);
  EXPECT_GE(rate, 1.0 / 16);
  EXPECT_LE(rate, 4);
  EXPECT_EQ(std::exp2(std::round(std::log2(rate))), rate);
}

}  // namespace
}  // namespace saker
