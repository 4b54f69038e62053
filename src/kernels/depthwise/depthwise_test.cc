// The depthwise kernels of every ISA level against the plain loops.
#include "kernels/depthwise/depthwise.h"

#include <gtest/gtest.h>

#include "support/bf16_cases.h"

namespace saker {
namespace {

bool has_even_steps(const ImageStrides& at) {
  return at.n_step % 2 == 0 && at.y_step % 2 == 0 && at.x_step % 2 == 0;
}

// Where there is one, the kernel of bfloat16 too.
void check(Random& random, const DepthwiseKernel& kernel, const ConvCase& c, ConvData& data) {
  SCOPED_TRACE(kernel.name.text() + " " + c.text());
  const std::int64_t channels = c.shape.out_c;
  const std::int64_t padded = depthwise_packed_channels(kernel, channels);
  GuardedFloats weights(padded * c.shape.taps(), 16);
  GuardedFloats bias(padded, 16);
  GuardedFloats zeros(channels);
  std::fill(zeros.data(), zeros.data() + channels, 0.0F);
  depthwise_pack_weights(kernel, channels, c.shape.taps(), data.weights.data(), weights.data());
  depthwise_pack_bias(kernel, channels, data.bias_or_null(c), bias.data());
  data.args.weights = weights.data();
  data.args.bias = bias.data();
  data.args.zeros = zeros.data();
  const std::int64_t pixels = c.shape.pixels();
  for (std::int64_t n = 0; n < c.shape.batch; ++n) {
    refill(data.dst);
    kernel.run(data.args, n, 0, pixels);
    ASSERT_TRUE(only_written(c, data, {n, 0, pixels, 0, channels}));
  }
  for (int cut = 0; cut < 2; ++cut) {
    const std::int64_t n = random.between(0, c.shape.batch - 1);
    const std::int64_t begin = random.between(0, pixels);
    const std::int64_t end = random.between(begin, pixels);
    refill(data.dst);
    kernel.run(data.args, n, begin, end);
    ASSERT_TRUE(only_written(c, data, {n, begin, end, 0, channels}));
    const DepthwiseBf16Kernel* bf16 = kernels_for(best_isa()).depthwise_bf16;
    if (bf16 == nullptr || kernel.name.isa.level != Isa::kAvx512 || !has_even_steps(data.args.src_at)) continue;
    StoredAsBf16 stored(data, true, true);
    for (std::int64_t* step : {&stored.args.src_at.n_step, &stored.args.src_at.y_step, &stored.args.src_at.x_step})
      *step /= 2;
    bf16->run(stored.args, n, begin, end);
    ASSERT_TRUE(stored.dst.holds(data.dst));
  }
}

void check_everywhere(Random& random, ConvCase c) {
  c.shape.in_c = c.shape.out_c;
  lay_out(random, c);
  ConvData data = make_data(random, c, c.shape.taps());
  round_inputs(data);
  add_expectations(c, depthwise_reference, c.shape.taps(), data);
  for (const Isa isa : isas()) check(random, kernels_for(isa).depthwise, c, data);
}

TEST(Depthwise, RandomShapes) {
  Random random(11);
  for (int i = 0; i < 700 && !testing::Test::HasFatalFailure(); ++i) check_everywhere(random, random_conv(random));
}

TEST(Depthwise, EveryNumberOfChannels) {
  Random random(12);
  for (std::int64_t channels = 1; channels <= 70 && !testing::Test::HasFatalFailure(); ++channels) {
    ConvCase c;
    ConvShape& s = c.shape;
    s.in_h = s.out_h = 5;
    s.in_w = s.out_w = 4;
    s.out_c = channels;
    s.kernel_h = s.kernel_w = 3;
    s.pad_top = s.pad_left = 1;
    c.activation = {ActivationKind::kSilu, 0, 0};
    check_everywhere(random, c);
  }
}

}  // namespace
}  // namespace saker
