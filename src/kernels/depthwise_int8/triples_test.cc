// Three taps at a time against the plain loops: the same bits on every level that has them.
#include "kernels/depthwise_int8/triples.h"

#include <gtest/gtest.h>

#include "support/int8_cases.h"

namespace saker {
namespace {

std::vector<float> in_order(const std::vector<float>& values, const std::vector<std::int64_t>& order) {
  std::vector<float> ordered;
  for (const std::int64_t channel : order) ordered.push_back(values[static_cast<std::size_t>(channel)]);
  return ordered;
}

void check(Random& random, const DepthwiseTriplesKernel& kernel, Int8Case& c,
           const std::vector<std::uint8_t>& expected) {
  SCOPED_TRACE(kernel.name.text() + " " + c.layer.text());
  const ConvShape& s = c.layer.shape;
  const std::vector<std::int64_t> order = depthwise_triples_order(kernel, s.out_c);
  const auto size = static_cast<std::int64_t>(order.size());
  GuardedFloats weights(depthwise_triples_weights(s, size), 16), starts(size * conv_int8_start_sets(s.kernel_h), 16);
  depthwise_triples_pack_weights(kernel, s, order, c.weights.data(), weights.data());
  depthwise_triples_pack_starts(s, order, c.weights.data(), c.zero_points.data(), starts.data());
  const GuardedFloats zeros = zero_quads(c);
  const GuardedFloats multiplier(in_order(c.multiplier, order), 16), bias(in_order(c.bias, order), 16),
      out_scale(in_order(c.out_scale, order), 16), out_offset(in_order(c.out_offset, order), 16);
  ConvInt8Args args = c.kernel_args();
  args.weights = weights.data();
  args.bias = starts.data();
  args.start_step = size;
  args.zeros = zeros.data();
  args.finish = {multiplier.data(), bias.data(), c.scaled ? out_scale.data() : nullptr, out_offset.data(), nullptr};
  c.clear();
  run_in_two(random, kernel.run, args);
  expect_results(c, expected);
}

void check_everywhere(Random& random, ConvCase layer) {
  layer.has_residual = false;
  Int8Case c(random, layer, true);
  c.float_results = c.with_table = false;
  c.clear();
  depthwise_int8_reference(c.reference_args(), c.reference());
  const std::vector<std::uint8_t> expected = c.results();
  for (const Isa isa : int8_isas()) {
    const DepthwiseTriplesKernel* kernel = kernels_for(isa).depthwise_triples;
    if (kernel != nullptr) check(random, *kernel, c, expected);
  }
}

TEST(DepthwiseTriples, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 600 && !testing::Test::HasFatalFailure(); ++i) {
    ConvCase c = random_conv(random);
    c.shape.in_c = kTriplesLane * random.between(1, 9);
    check_everywhere(random, c);
  }
}

// Rows long enough for blocks in one piece, of pixels with fewer lanes than a block and with more; with gaps between
// pixels and, often enough, without.
TEST(DepthwiseTriples, EveryNumberOfLanes) {
  Random random(2);
  for (std::int64_t lanes = 1; lanes <= 9 && !testing::Test::HasFatalFailure(); ++lanes) {
    for (const std::int64_t stride : {1, 2}) {
      ConvCase c;
      c.shape.in_h = 5;
      c.shape.in_w = 33;
      c.shape.in_c = lanes * kTriplesLane;
      c.shape.kernel_h = c.shape.kernel_w = 3;
      c.shape.pad_top = c.shape.pad_left = 1;
      c.shape.stride_h = c.shape.stride_w = stride;
      c.shape.out_h = (c.shape.in_h - 1) / stride + 1;
      c.shape.out_w = (c.shape.in_w - 1) / stride + 1;
      c.activation = {ActivationKind::kSilu, 0, 0};
      for (int i = 0; i < 8 && !testing::Test::HasFatalFailure(); ++i) check_everywhere(random, c);
    }
  }
}

// Kernels up to 11x11 and pads beyond them, every activation.
TEST(DepthwiseTriples, SpecialShapes) {
  Random random(3);
  for (ConvCase c : special_convs()) {
    for (const std::int64_t channels : {16, 80}) {
      c.shape.in_c = channels;
      if (!testing::Test::HasFatalFailure() && c.shape.kernel_h * triples_of_row(c.shape) <= kMostTriples)
        check_everywhere(random, c);
    }
  }
}

}  // namespace
}  // namespace saker
