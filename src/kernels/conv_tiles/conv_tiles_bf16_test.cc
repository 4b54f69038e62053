// The convolution of bfloat16 by tiles against the plain loops over rounded numbers. Everywhere by the tiles in loops,
// where the CPU has AMX by its instructions too.
#include "kernels/conv_tiles/conv_tiles_bf16.h"

#include <gtest/gtest.h>

#include "support/bf16_cases.h"

namespace saker {
namespace {

std::vector<const ConvTilesBf16Kernel*> kernels() {
  std::vector<const ConvTilesBf16Kernel*> all = {&kConvTilesBf16Software};
  if (kernels_for(best_isa()).conv_tiles_bf16 != nullptr) all.push_back(kernels_for(best_isa()).conv_tiles_bf16);
  return all;
}

// Weights and bias as the kernel wants them, and a job with a panel that ends where readable memory does.
class Layer {
 public:
  Layer(const ConvCase& c, ConvData& data)
      : shape_(in_words(c.shape)), weights_(tiles_packed_weights(shape_), 16), bias_(tiles_padded(shape_.out_c), 16) {
    tiles_pack_bf16_weights(shape_, c.shape.in_c, data.weights.data(), weights_.data());
    tiles_pack_bias(shape_.out_c, data.bias_or_null(c), bias_.data());
    data.args.weights = weights_.data();
    data.args.bias = bias_.data();
  }
  bool is_taken() const { return tiles_form(shape_).steps <= kTilesMostSteps; }
  std::int64_t blocks() const { return tiles_padded(shape_.out_c) / kTilesBlock; }
  void run(const ConvTilesBf16Kernel& kernel, const ConvBf16Args& args, const Written& w) const {
    if (w.begin == w.end || w.first == w.last) return;
    GuardedFloats panel(tiles_panel_bytes(shape_, w.end - w.begin) / 4, 16);
    kernel.run(args, {w.n, w.begin, w.end, w.first, w.last, reinterpret_cast<std::uint8_t*>(panel.data())});
  }

 private:
  static ConvShape in_words(ConvShape s) {
    s.in_c = conv_bf16_pairs(s.in_c);
    return s;
  }
  ConvShape shape_;
  GuardedFloats weights_, bias_;
};

// Rows and blocks cut anywhere; then the same with numbers stored as bfloat16.
void check(Random& random, ConvCase c) {
  lay_out(random, c);
  const ConvShape& s = c.shape;
  const std::int64_t depth = s.taps() * s.in_c;
  ConvData data = make_data(random, c, depth);
  round_inputs(data);
  add_expectations(c, conv_bf16_reference, depth, data);
  const Layer layer(c, data);
  if (!layer.is_taken()) return;
  for (const ConvTilesBf16Kernel* kernel : kernels()) {
    SCOPED_TRACE(kernel->name.text() + " " + c.text());
    for (const bool whole : {true, false}) {
      Written w{random.between(0, s.batch - 1), 0, s.out_h, 0, layer.blocks()};
      if (!whole) {
        w.begin = random.between(0, s.out_h);
        w.end = random.between(w.begin, s.out_h);
        w.first = random.between(0, w.last);
      }
      refill(data.dst);
      layer.run(*kernel, {data.args}, w);
      const bool empty = w.first == w.last;
      ASSERT_TRUE(only_written(c, data,
                               {w.n, w.begin * s.out_w, w.end * s.out_w, empty ? 0 : w.first * kTilesBlock,
                                empty ? 0 : std::min(w.last * kTilesBlock, s.out_c)}));
      StoredAsBf16 stored(data, random.chance(70), true);
      layer.run(*kernel, stored.args, w);
      ASSERT_TRUE(stored.dst.holds(data.dst));
    }
  }
}

TEST(ConvTilesBf16, RandomShapes) {
  Random random(1);
  for (int i = 0; i < 150 && !testing::Test::HasFatalFailure(); ++i) {
    ConvCase c = random_conv(random);
    c.has_coarse = random.chance(20);
    check(random, c);
  }
}

TEST(ConvTilesBf16, SpecialShapes) {
  Random random(2);
  for (const ConvCase& c : special_convs()) {
    if (!testing::Test::HasFatalFailure()) check(random, c);
  }
}

// Runs of taps in a chunk, chunks of several pixels, the rest of a pair; strides and dilations.
TEST(ConvTilesBf16, EveryNumberOfChannels) {
  Random random(3);
  for (std::int64_t channels = 1; channels <= 70 && !testing::Test::HasFatalFailure(); ++channels)
    check(random, conv_of_channels(channels));
}

}  // namespace
}  // namespace saker
