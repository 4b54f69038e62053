// The sparse convolutions of every ISA level against the plain loops: of bytes the same bits.
#include "kernels/conv_sparse/conv_sparse.h"

#include <gtest/gtest.h>

#include "support/int8_cases.h"

namespace saker {
namespace {

// What is left of weights [out_c][in_c][taps] in blocks of that many channels; at times all or nothing.
template <typename T>
void make_sparse(Random& random, const ConvShape& s, std::vector<T>& weights) {
  const std::int64_t outputs = random.one_of({1, 2, 4}), inputs = random.one_of({1, 4});
  const auto zeros = static_cast<int>(random.one_of({0, 50, 85, 97, 100}));
  for (std::int64_t o = 0; o < s.out_c; o += outputs) {
    for (std::int64_t c = 0; c < s.in_c; c += inputs) {
      for (std::int64_t t = 0; t < s.taps(); ++t) {
        if (!random.chance(zeros)) continue;
        for (std::int64_t i = o; i < std::min(o + outputs, s.out_c); ++i) {
          for (std::int64_t k = c; k < std::min(c + inputs, s.in_c); ++k)
            weights[static_cast<std::size_t>((i * s.in_c + k) * s.taps() + t)] = T{0};
        }
      }
    }
  }
}

// A layer packed for blocks of so many outputs. `shape` counts cells.
struct Packed {
  Packed(const ConvShape& layer_shape, const std::vector<float>& cells, int outputs, std::int64_t rows)
      : shape(layer_shape),
        planes(sparse_planes(shape, rows)),
        offsets(sparse_offsets(shape, planes)),
        blocks(sparse_count_blocks(shape, cells.data(), outputs)),
        packed(sparse_packed(shape, blocks, outputs), 16) {
    sparse_pack(shape, cells.data(), blocks, outputs, packed.data());
    layer = {sparse_lists(shape, blocks, outputs, packed.data()), planes, offsets.data()};
  }
  ConvShape shape;
  SparsePlanes planes;
  std::vector<std::int32_t> offsets;
  std::int64_t blocks;
  GuardedFloats packed;
  SparseLayer layer;
};

// A picture in parts of rows and quads, cut anywhere.
template <typename Args>
void run_in_parts(Random& random, const SparseKernel<Args>& kernel, const Packed& packed, const Args& args,
                  std::int64_t cells_of_quad, std::int64_t n) {
  const std::int64_t quads = sparse_padded(packed.shape.out_c) / kSparseQuad, rows = packed.planes.rows;
  GuardedFloats scratch(sparse_scratch(kernel, packed.layer, quads * cells_of_quad), 16);
  for (std::int64_t row = 0; row < packed.shape.out_h;) {
    const std::int64_t end = std::min(row + random.between(1, rows), packed.shape.out_h);
    const std::int64_t cut = random.between(0, quads);
    kernel.run(args, packed.layer, {n, row, end, 0, cut, scratch.data()});
    kernel.run(args, packed.layer, {n, row, end, cut, quads, scratch.data()});
    row = end;
  }
}

void check_int8(Random& random, Isa isa, int outputs, Int8Case& c, const std::vector<std::uint8_t>& expected) {
  const ConvSparseInt8Kernel& kernel = kernels_for(isa).conv_sparse_int8;
  SCOPED_TRACE(kernel.name.text() + " " + std::to_string(outputs) + " outputs, " + c.layer.text());
  const ConvShape& s = c.layer.shape;
  ConvInt8Args args = c.kernel_args();
  const Packed packed(args.shape, conv_int8_quads(s.out_c, s.taps(), s.in_c, c.weights.data()), outputs,
                      random.between(1, s.out_h));
  GuardedFloats starts(sparse_padded(s.out_c), 16);
  sparse_int8_starts(s.out_c, s.in_c, s.taps(), c.weights.data(), c.zero_points.data(), starts.data());
  const PackedFinish finish(c, sparse_padded(s.out_c));
  const GuardedFloats zeros = zero_quads(c);
  args.bias = starts.data();
  args.zeros = zeros.data();
  args.finish = finish.get();
  args.lookup = kernels_for(isa).lookup.run;
  c.clear();
  const std::int64_t cells_of_quad = (c.float_results ? kSparseQuad : 1) + (c.layer.has_residual ? 1 : 0);
  for (std::int64_t n = 0; n < s.batch; ++n) run_in_parts(random, kernel, packed, args, cells_of_quad, n);
  expect_results(c, expected);
}

void check_int8_everywhere(Random& random, const ConvCase& layer) {
  Int8Case c(random, layer, false);
  make_sparse(random, c.layer.shape, c.weights);
  c.clear();
  conv_int8_reference(c.reference_args(), c.reference());
  const std::vector<std::uint8_t> expected = c.results();
  for (const Isa isa : int8_isas()) {
    for (const int outputs : {1, 2, 4}) {
      check_int8(random, isa, outputs, c, expected);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(ConvSparse, RandomLayersOfBytes) {
  Random random(1);
  for (int i = 0; i < 400 && !testing::Test::HasFatalFailure(); ++i) check_int8_everywhere(random, random_conv(random));
}

// Every rest of a quad and of a vector of cells.
TEST(ConvSparse, EveryNumberOfChannelsOfBytes) {
  Random random(2);
  for (std::int64_t channels = 1; channels <= 80 && !testing::Test::HasFatalFailure(); ++channels) {
    ConvCase c;
    c.shape.in_h = c.shape.out_h = 3;
    c.shape.in_w = c.shape.out_w = 19;
    c.shape.in_c = channels;
    c.shape.out_c = 81 - channels;
    c.shape.kernel_h = c.shape.kernel_w = channels % 3 == 0 ? 1 : 3;
    c.shape.pad_top = c.shape.pad_left = c.shape.kernel_h / 2;
    check_int8_everywhere(random, c);
  }
}

TEST(ConvSparse, SpecialLayersOfBytes) {
  Random random(3);
  for (const ConvCase& c : special_convs()) {
    if (!testing::Test::HasFatalFailure() && c.shape.kernel_h <= kInt8MaxKernelHeight) check_int8_everywhere(random, c);
  }
}

void check_float_everywhere(Random& random, ConvCase c) {
  lay_out(random, c);
  const ConvShape& s = c.shape;
  const std::int64_t depth = s.taps() * s.in_c;
  ConvData data = make_data(random, c, depth);
  make_sparse(random, s, data.weights);
  add_expectations(c, conv_reference, depth, data);
  GuardedFloats starts(sparse_padded(s.out_c), 16);
  std::fill(starts.data(), starts.data() + starts.size(), 0.0F);
  if (c.has_bias) std::copy(data.bias.begin(), data.bias.end(), starts.data());
  GuardedFloats zeros(s.in_c);
  std::fill(zeros.data(), zeros.data() + s.in_c, 0.0F);
  data.args.bias = starts.data();
  data.args.zeros = zeros.data();
  for (const Isa isa : isas()) {
    for (const int outputs : {1, 2, 4}) {
      const ConvSparseKernel& kernel = kernels_for(isa).conv_sparse;
      SCOPED_TRACE(kernel.name.text() + " " + std::to_string(outputs) + " outputs, " + c.text());
      const Packed packed(s, sparse_float_cells(s.out_c, s.in_c, s.taps(), data.weights.data()), outputs,
                          random.between(1, s.out_h));
      for (std::int64_t n = 0; n < s.batch; ++n) {
        refill(data.dst);
        run_in_parts(random, kernel, packed, data.args, kSparseQuad * (c.has_residual ? 2 : 1), n);
        ASSERT_TRUE(only_written(c, data, {n, 0, s.pixels(), 0, s.out_c}));
      }
    }
  }
}

TEST(ConvSparse, RandomLayersOfFloats) {
  Random random(4);
  for (int i = 0; i < 400 && !testing::Test::HasFatalFailure(); ++i)
    check_float_everywhere(random, random_conv(random));
}

TEST(ConvSparse, SpecialLayersOfFloats) {
  Random random(5);
  for (const ConvCase& c : special_convs()) {
    if (!testing::Test::HasFatalFailure()) check_float_everywhere(random, c);
  }
}

// Blocks that are not zero, and nothing else, are packed.
TEST(ConvSparse, PacksWhatIsNotZero) {
  ConvShape s;
  s.in_c = 3;
  s.out_c = 5;
  s.kernel_w = 2;
  std::vector<float> weights(static_cast<std::size_t>(s.out_c * s.in_c * s.taps()));
  weights[1] = 2;                    // output 0, channel 0, tap 1
  weights[(1 * 3 + 2) * 2] = 3;      // output 1, channel 2, tap 0
  weights[(4 * 3 + 1) * 2 + 1] = 4;  // output 4, channel 1, tap 1
  weights[(3 * 3) * 2] = -0.0F;      // no weight
  const std::vector<float> cells = sparse_float_cells(s.out_c, s.in_c, s.taps(), weights.data());
  EXPECT_EQ(sparse_count_blocks(s, cells.data(), 1), 3);
  EXPECT_EQ(sparse_count_blocks(s, cells.data(), 2), 3);
  const Packed packed(s, cells, 4, 1);
  const SparseLists& lists = packed.layer.lists;
  ASSERT_EQ(packed.blocks, 3);
  EXPECT_EQ(lists.first[0], 0);
  EXPECT_EQ(lists.first[1], 2);
  EXPECT_EQ(lists.first[2], 3);
  EXPECT_EQ(lists.inputs[0], 2);  // tap 0, channel 2
  EXPECT_EQ(lists.inputs[1], 3);  // tap 1, channel 0
  EXPECT_EQ(lists.inputs[2], 4);  // tap 1, channel 1
  EXPECT_EQ(std::vector<float>(lists.words, lists.words + 12),
            (std::vector<float>{0, 3, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0}));
}

TEST(ConvSparse, RefusesMoreInputsThanAListCanName) {
  ConvShape s;
  s.in_c = kSparseMostInputs / 4 + 1;
  s.kernel_h = s.kernel_w = 2;
  EXPECT_TRUE(sparse_offsets(s, sparse_planes(s, 1)).empty());
  --s.in_c;
  EXPECT_EQ(sparse_offsets(s, sparse_planes(s, 1)).size(), static_cast<std::size_t>(kSparseMostInputs));
}

}  // namespace
}  // namespace saker
