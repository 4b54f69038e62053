// The Winograd kernels of every ISA level against the plain loops.
#include "kernels/winograd/winograd.h"

#include <gtest/gtest.h>

#include "support/conv_cases.h"

namespace saker {
namespace {

constexpr std::int64_t kRoundings = 40;  // of the transforms, on top of one for each input channel

// The sum of the magnitudes of all terms that the algorithm adds up for one result: the algorithm on absolute values
// with the absolute values of its matrices. A forward error bound is roundings * 2^-24 * this
// (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
using Matrix = std::vector<std::vector<double>>;

struct Magnitudes {
  Matrix b, a, g;  // of B^T, A^T and G; G has a row for each product along a side
};

const Magnitudes kStride1 = {{{4, 0, 5, 0, 1, 0},
                              {0, 4, 4, 1, 1, 0},
                              {0, 4, 4, 1, 1, 0},
                              {0, 2, 1, 2, 1, 0},
                              {0, 2, 1, 2, 1, 0},
                              {0, 4, 0, 5, 0, 1}},
                             {{1, 1, 1, 1, 1, 0}, {0, 1, 1, 2, 2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, 1, 8, 8, 1}},
                             {{1. / 4, 0, 0},
                              {1. / 6, 1. / 6, 1. / 6},
                              {1. / 6, 1. / 6, 1. / 6},
                              {1. / 24, 1. / 12, 1. / 6},
                              {1. / 24, 1. / 12, 1. / 6},
                              {0, 0, 1}}};
const Magnitudes kStride2 = {{{2, 0, 1, 0, 2, 0, 1, 0, 0},
                              {0, 0, 2, 0, 1, 0, 1, 0, 0},
                              {0, 0, 2, 0, 3, 0, 1, 0, 0},
                              {0, 0, 1, 0, 0, 0, 1, 0, 0},
                              {0, 0, 2, 0, 1, 0, 2, 0, 1},
                              {0, 1, 0, 0, 0, 0, 0, 0, 0},
                              {0, 0, 0, 1, 0, 0, 0, 0, 0},
                              {0, 0, 0, 0, 0, 1, 0, 0, 0},
                              {0, 0, 0, 0, 0, 0, 0, 1, 0}},
                             {{1, 1, 1, 1, 0, 1, 0, 0, 0},
                              {0, 1, 1, 2, 0, 0, 1, 0, 0},
                              {0, 1, 1, 4, 0, 0, 0, 1, 0},
                              {0, 1, 1, 8, 1, 0, 0, 0, 1}},
                             {{1. / 2, 0, 0},
                              {1. / 2, 0, 1. / 2},
                              {1. / 6, 0, 1. / 6},
                              {1. / 6, 0, 1. / 3},
                              {0, 0, 1},
                              {0, 1, 0},
                              {0, 1, 0},
                              {0, 1, 0},
                              {0, 1, 0}}};

// left * middle * right^T
Matrix sandwich(const Matrix& left, const Matrix& middle, const Matrix& right) {
  Matrix out(left.size(), std::vector<double>(right.size(), 0));
  for (std::size_t i = 0; i < left.size(); ++i) {
    for (std::size_t q = 0; q < middle[0].size(); ++q) {
      double sum = 0;
      for (std::size_t r = 0; r < middle.size(); ++r) sum += left[i][r] * middle[r][q];
      for (std::size_t j = 0; j < right.size(); ++j) out[i][j] += sum * right[j][q];
    }
  }
  return out;
}

Matrix weight_magnitude(const Magnitudes& m, const float* w) {
  Matrix filter(3, std::vector<double>(3));
  for (std::size_t i = 0; i < 9; ++i) filter[i / 3][i % 3] = static_cast<double>(w[i]);
  return sandwich(m.g, filter, m.g);
}

Matrix input_magnitude(const Magnitudes& m, const ConvArgs& args, std::int64_t n, std::int64_t top, std::int64_t left,
                       std::int64_t c) {
  const ConvShape& s = args.shape;
  const std::size_t side = m.b.size();
  Matrix d(side, std::vector<double>(side, 0));
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t j = 0; j < side; ++j) {
      const std::int64_t y = top + static_cast<std::int64_t>(i), x = left + static_cast<std::int64_t>(j);
      if (y < 0 || y >= s.in_h || x < 0 || x >= s.in_w) continue;
      d[i][j] =
          static_cast<double>(args.src[n * args.src_at.n_step + y * args.src_at.y_step + x * args.src_at.x_step + c]);
    }
  }
  return sandwich(m.b, d, m.b);
}

void winograd_magnitude(const ConvArgs& args, const float* weights, const float* bias) {
  const ConvShape& s = args.shape;
  const Magnitudes& m = s.stride_h == 1 ? kStride1 : kStride2;
  const WinogradTiles tiles(s);
  for (std::int64_t job = 0; job < s.batch * tiles.count * s.out_c; ++job) {
    const std::int64_t o = job % s.out_c, t = job / s.out_c % tiles.count, n = job / s.out_c / tiles.count;
    const std::int64_t y0 = t / tiles.across * 4, x0 = t % tiles.across * 4;
    Matrix sum(m.b.size(), std::vector<double>(m.b.size(), 0));
    for (std::int64_t c = 0; c < s.in_c; ++c) {
      const Matrix u = weight_magnitude(m, weights + (o * s.in_c + c) * 9);
      const Matrix v = input_magnitude(m, args, n, y0 * s.stride_h - s.pad_top, x0 * s.stride_w - s.pad_left, c);
      for (std::size_t i = 0; i < sum.size(); ++i)
        for (std::size_t j = 0; j < sum.size(); ++j) sum[i][j] += u[i][j] * v[i][j];
    }
    const Matrix results = sandwich(m.a, sum, m.a);
    for (std::int64_t y = y0; y < std::min(y0 + 4, s.out_h); ++y) {
      for (std::int64_t x = x0; x < std::min(x0 + 4, s.out_w); ++x) {
        const double own = bias == nullptr ? 0 : static_cast<double>(bias[o]);
        args.dst[n * args.dst_at.n_step + y * args.dst_at.y_step + x * args.dst_at.x_step + o] =
            static_cast<float>(own + results[static_cast<std::size_t>(y - y0)][static_cast<std::size_t>(x - x0)]);
      }
    }
  }
}

// Tiles [begin, end) of picture n through all three parts.
void run_tiles(const WinogradKernel& kernel, const ConvKernel& multiply, const ConvArgs& args, const float* weights,
               std::int64_t n, std::int64_t begin, std::int64_t end) {
  const ConvShape& s = args.shape;
  const std::int64_t tiles = end - begin;
  const WinogradForm& form = kernel.form;
  GuardedFloats inputs(form.products() * tiles * s.in_c, 16), products(form.products() * tiles * s.out_c, 16);
  std::vector<float> zeros(static_cast<std::size_t>(std::max(s.in_c, conv_packed_bias(multiply, s.out_c))));
  kernel.transform_input(args, n, begin, end, tiles * s.in_c, inputs.data());
  ConvArgs product = winograd_product(tiles, s.in_c, s.out_c, zeros.data());
  for (int p = 0; p < form.products(); ++p) {
    product.bias = p == form.bias_product() ? args.bias : zeros.data();
    product.src = inputs.data() + p * tiles * s.in_c;
    product.dst = products.data() + p * tiles * s.out_c;
    product.weights = weights + form.matrix(p) * conv_packed_weights(multiply, s.out_c, 1, s.in_c);
    multiply.run(product, 0, 0, tiles, 0, ConvBlocks(multiply, s.out_c).blocks);
  }
  kernel.transform_output(args, n, begin, end, tiles * s.out_c, products.data());
}

void check(const Kernels& kernels, const ConvCase& c, ConvData& data) {
  const ConvShape& s = c.shape;
  const WinogradKernel& kernel = s.stride_h == 1 ? kernels.winograd : kernels.winograd_stride2;
  SCOPED_TRACE(kernel.name.text() + " " + c.text());
  GuardedFloats weights(winograd_packed_weights(kernels.conv, s.out_c, s.in_c), 16);
  GuardedFloats bias(conv_packed_bias(kernels.conv, s.out_c), 16);
  GuardedFloats zeros(s.in_c);
  winograd_pack_weights(kernel.form, kernels.conv, s.out_c, s.in_c, data.weights.data(), weights.data());
  conv_pack_bias(kernels.conv, s.out_c, data.bias_or_null(c), bias.data());
  std::fill(zeros.data(), zeros.data() + s.in_c, 0.0F);
  data.args.bias = bias.data();
  data.args.zeros = zeros.data();
  const std::int64_t tiles = WinogradTiles(s).count;
  for (std::int64_t n = 0; n < s.batch; ++n) {
    refill(data.dst);
    const std::int64_t cut = tiles / 3;
    if (cut > 0) run_tiles(kernel, kernels.conv, data.args, weights.data(), n, 0, cut);
    run_tiles(kernel, kernels.conv, data.args, weights.data(), n, cut, tiles);
    ASSERT_TRUE(only_written(c, data, {n, 0, s.pixels(), 0, s.out_c}));
  }
}

void check_everywhere(Random& random, ConvCase c) {
  lay_out(random, c);
  ConvData data = make_data(random, c, 9 * c.shape.in_c);
  add_expectations(c, conv_reference, c.shape.in_c + kRoundings, data, winograd_magnitude);
  for (const Isa isa : isas()) check(kernels_for(isa), c, data);
}

ConvCase three_by_three(std::int64_t h, std::int64_t w, std::int64_t in_c, std::int64_t out_c,
                        std::int64_t stride = 1) {
  ConvCase c;
  c.shape.stride_h = c.shape.stride_w = stride;
  c.shape.in_h = h;
  c.shape.in_w = w;
  c.shape.out_h = (h - 1) / stride + 1;
  c.shape.out_w = (w - 1) / stride + 1;
  c.shape.in_c = in_c;
  c.shape.out_c = out_c;
  c.shape.kernel_h = c.shape.kernel_w = 3;
  c.shape.pad_top = c.shape.pad_left = 1;
  return c;
}

TEST(Winograd, EverySizeOfPicture) {
  Random random(1);
  for (const std::int64_t stride : {1, 2}) {
    for (std::int64_t h = 1; h <= 9 * stride; ++h) {
      for (std::int64_t w = 1; w <= 9 * stride && !testing::Test::HasFatalFailure(); ++w)
        check_everywhere(random, three_by_three(h, w, 5, 7, stride));
    }
  }
}

TEST(Winograd, RandomShapes) {
  Random random(2);
  const auto activations = all_activations();
  for (int i = 0; i < 100 && !testing::Test::HasFatalFailure(); ++i) {
    const std::int64_t stride = 1 + i % 2;
    ConvCase c = three_by_three(random.between(1, 13 * stride), random.between(1, 17 * stride), random_channels(random),
                                random_channels(random), stride);
    ConvShape& s = c.shape;
    s.batch = random.between(1, 2);
    s.pad_top = random.between(0, 4);
    s.pad_left = random.between(0, 4);
    s.out_h = std::max<std::int64_t>((s.in_h + s.pad_top + random.between(0, 4) - 3) / stride + 1, 1);
    s.out_w = std::max<std::int64_t>((s.in_w + s.pad_left + random.between(0, 4) - 3) / stride + 1, 1);
    c.has_bias = random.chance(70);
    c.has_residual = random.chance(30);
    c.activation = activations[static_cast<std::size_t>(random.between(0, 7))];
    check_everywhere(random, c);
  }
}

TEST(Winograd, DeepSums) {
  Random random(3);
  for (const std::int64_t stride : {1, 2}) {
    ConvCase c = three_by_three(5 * stride, 9 * stride, 515, 66, stride);
    c.activation = {ActivationKind::kSilu, 0, 0};
    check_everywhere(random, c);
  }
}

}  // namespace
}  // namespace saker
