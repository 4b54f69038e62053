// The 8-bit depthwise convolution of every ISA level against the plain loops: the same bits.
#include "kernels/depthwise_int8/depthwise_int8.h"

#include <gtest/gtest.h>

#include "support/int8_cases.h"

namespace saker {
namespace {

void check(Random& random, Isa isa, Int8Case& c, const std::vector<std::uint8_t>& expected) {
  const DepthwiseInt8Kernel& kernel = kernels_for(isa).depthwise_int8;
  SCOPED_TRACE(kernel.name.text() + " " + c.layer.text());
  const ConvShape& s = c.layer.shape;
  const std::int64_t padded = depthwise_int8_packed_channels(kernel, s.out_c);
  GuardedFloats weights(padded * s.taps(), 16), starts(padded * conv_int8_start_sets(s.kernel_h), 16);
  depthwise_int8_pack_weights(kernel, s, c.weights.data(), weights.data());
  depthwise_int8_pack_starts(kernel, s, c.weights.data(), c.zero_points.data(), starts.data());
  const GuardedFloats zeros = zero_quads(c);
  const PackedFinish finish(c, padded);
  ConvInt8Args args = c.kernel_args();
  args.lookup = kernels_for(isa).lookup.run;
  args.weights = weights.data();
  args.bias = starts.data();
  args.start_step = padded;
  args.zeros = zeros.data();
  args.finish = finish.get();
  c.clear();
  run_in_two(random, kernel.run, args);
  expect_results(c, expected);
}

void check_everywhere(Random& random, const ConvCase& layer) {
  Int8Case c(random, layer, true);
  c.clear();
  depthwise_int8_reference(c.reference_args(), c.reference());
  const std::vector<std::uint8_t> expected = c.results();
  for (const Isa isa : int8_isas()) check(random, isa, c, expected);
}

TEST(DepthwiseInt8, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 600 && !testing::Test::HasFatalFailure(); ++i) check_everywhere(random, random_conv(random));
}

TEST(DepthwiseInt8, EveryNumberOfChannels) {
  Random random(2);
  for (std::int64_t channels = 1; channels <= 140 && !testing::Test::HasFatalFailure(); ++channels) {
    ConvCase c;
    c.shape.in_h = c.shape.out_h = 4;
    c.shape.in_w = c.shape.out_w = 16;
    c.shape.in_c = channels;
    c.shape.kernel_h = c.shape.kernel_w = 3;
    c.shape.pad_top = c.shape.pad_left = 1;
    check_everywhere(random, c);
  }
}

TEST(DepthwiseInt8, SpecialShapes) {
  Random random(3);
  for (const ConvCase& c : special_convs()) {
    if (!testing::Test::HasFatalFailure() && c.shape.kernel_h <= kInt8MaxKernelHeight) check_everywhere(random, c);
  }
}

}  // namespace
}  // namespace saker
