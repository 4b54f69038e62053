// Random convolutions and the bound on their error, for the convolution and depthwise tests.
#pragma once

#include <string>

#include "support/kernel_testing.h"

namespace saker {

struct ConvCase {
  ConvShape shape;
  PictureLayout src, dst, residual, coarse;
  bool has_bias = true, has_residual = false, has_coarse = false;
  Activation activation;

  std::string text() const {
    const ConvShape& s = shape;
    std::string out;
    for (const std::int64_t v : {s.batch, s.in_h, s.in_w, s.in_c, s.out_h, s.out_w, s.out_c, s.kernel_h, s.kernel_w,
                                 s.stride_h, s.stride_w, s.dilation_h, s.dilation_w, s.pad_top, s.pad_left}) {
      out += std::to_string(v) + " ";
    }
    return "n h w c oh ow oc kh kw sh sw dh dw top left: " + out + "pixel steps " + std::to_string(src.at.x_step) +
           " " + std::to_string(dst.at.x_step) + " activation " + std::to_string(static_cast<int>(activation.kind)) +
           (has_bias ? " bias" : "") + (has_residual ? " residual" : "") + (has_coarse ? " coarse" : "");
  }
};

inline std::int64_t random_channels(Random& random) {
  return random.chance(50) ? random.one_of({1, 3, 5, 15, 16, 17, 33, 64, 70, 80}) : random.between(1, 70);
}

// Kernels that reach over the picture, pads larger than the kernel, strides that leave pixels out.
inline ConvCase random_conv(Random& random) {
  ConvCase c;
  ConvShape& s = c.shape;
  s.batch = random.between(1, 2);
  s.in_h = random.between(1, 13);
  s.in_w = random.between(1, 17);
  s.in_c = random_channels(random);
  s.out_c = random_channels(random);
  const std::vector<std::int64_t> kernels = {1, 1, 2, 3, 3, 5, 6, 7};
  s.kernel_h = random.one_of(kernels);
  s.kernel_w = random.chance(70) ? s.kernel_h : random.one_of(kernels);
  if (s.kernel_h * s.kernel_w > 16) s.in_c = std::min<std::int64_t>(s.in_c, 20);
  s.stride_h = random.between(1, 3);
  s.stride_w = random.chance(70) ? s.stride_h : random.between(1, 3);
  s.dilation_h = random.between(1, 2);
  s.dilation_w = random.chance(70) ? s.dilation_h : random.between(1, 2);
  const std::int64_t span_h = (s.kernel_h - 1) * s.dilation_h + 1;
  const std::int64_t span_w = (s.kernel_w - 1) * s.dilation_w + 1;
  s.pad_top = random.chance(10) ? span_h + 1 : random.between(0, s.kernel_h / 2);
  s.pad_left = random.chance(10) ? span_w : random.between(0, s.kernel_w / 2);
  const std::int64_t bottom = std::max(random.between(0, s.kernel_h), span_h - s.in_h - s.pad_top);
  const std::int64_t right = std::max(random.between(0, s.kernel_w), span_w - s.in_w - s.pad_left);
  s.out_h = (s.in_h + s.pad_top + bottom - span_h) / s.stride_h + 1;
  s.out_w = (s.in_w + s.pad_left + right - span_w) / s.stride_w + 1;
  c.has_bias = random.chance(70);
  c.has_residual = random.chance(30);
  const auto activations = all_activations();
  c.activation = activations[static_cast<std::size_t>(random.between(0, 7))];
  return c;
}

// What random shapes seldom are, for every convolution kernel: all activations with and without residual, maps of one
// pixel under kernels that reach far over them, a sum of thousands of terms.
inline std::vector<ConvCase> special_convs() {
  std::vector<ConvCase> cases;
  for (const Activation& activation : all_activations()) {
    for (const bool residual : {false, true}) {
      ConvCase c;
      c.shape.in_h = c.shape.out_h = 4;
      c.shape.in_w = c.shape.out_w = 7;
      c.shape.in_c = 9;
      c.shape.out_c = 37;
      c.activation = activation;
      c.has_residual = residual;
      cases.push_back(c);
    }
  }
  for (const std::int64_t kernel : {1, 2, 3, 5, 7, 11}) {
    for (const std::int64_t pad : {std::int64_t{0}, kernel / 2, kernel, kernel + 3}) {
      ConvCase c;
      ConvShape& s = c.shape;
      s.in_h = s.in_w = 1;
      s.in_c = 5;
      s.out_c = 19;
      s.kernel_h = s.kernel_w = kernel;
      s.pad_top = s.pad_left = pad;
      s.out_h = s.out_w = std::max<std::int64_t>(1 + 2 * pad - kernel + 1, 1);
      cases.push_back(c);
    }
  }
  ConvCase deep;
  deep.shape.in_h = deep.shape.out_h = 2;
  deep.shape.in_w = deep.shape.out_w = 9;
  deep.shape.in_c = 515;
  deep.shape.out_c = 66;
  deep.shape.kernel_h = deep.shape.kernel_w = 3;
  deep.shape.pad_top = deep.shape.pad_left = 1;
  deep.activation = {ActivationKind::kSilu, 0, 0};
  cases.push_back(deep);
  return cases;
}

// Of so many input channels, 1 to 140: strides, dilations and 1x1 take turns.
inline ConvCase conv_of_channels(std::int64_t channels) {
  ConvCase c;
  c.shape.in_h = 7;
  c.shape.in_w = 9;
  c.shape.in_c = channels;
  c.shape.out_c = 141 - channels;
  c.shape.kernel_h = c.shape.kernel_w = channels % 4 == 0 ? 1 : 3;
  c.shape.stride_h = c.shape.stride_w = 1 + channels % 2;
  c.shape.dilation_h = c.shape.dilation_w = 1 + channels % 5 / 4;
  const std::int64_t reach = (c.shape.kernel_h - 1) * c.shape.dilation_h;
  c.shape.pad_top = c.shape.pad_left = reach / 2;
  c.shape.out_h = (c.shape.in_h + 2 * (reach / 2) - reach - 1) / c.shape.stride_h + 1;
  c.shape.out_w = (c.shape.in_w + 2 * (reach / 2) - reach - 1) / c.shape.stride_w + 1;
  return c;
}

inline void lay_out(Random& random, ConvCase& c) {
  const ConvShape& s = c.shape;
  c.src = picture_layout(random, s.batch, s.in_h, s.in_w, s.in_c);
  c.dst = picture_layout(random, s.batch, s.out_h, s.out_w, s.out_c);
  c.residual = picture_layout(random, s.batch, s.out_h, s.out_w, s.out_c);
  c.coarse = picture_layout(random, s.batch, (s.out_h + 1) / 2, (s.out_w + 1) / 2, s.out_c);
}

// Everything one case needs; buffers end at unreadable memory.
struct ConvData {
  GuardedFloats src, residual, coarse, dst;
  std::vector<float> weights, bias;
  ConvArgs args;
  std::vector<float> expected, bound;  // dense [n][y][x][c]

  const float* bias_or_null(const ConvCase& c) const { return c.has_bias ? bias.data() : nullptr; }
};

using ConvReference = void (*)(const ConvArgs&, const float* weights, const float* bias);

// Results of the reference, and eps * depth * magnitudes: (terms + a few roundings) * 2^-24 * sum of
// |x * w| through the activation's slope, the activation's own error, and the residual's rounding. Algorithms that
// regroup the sum give their own sum of magnitudes: `magnitude_of` is the reference on absolute values.
inline void add_expectations(const ConvCase& c, ConvReference reference, std::int64_t depth, ConvData& data,
                             ConvReference magnitude_of = nullptr) {
  const ConvShape& s = c.shape;
  const std::int64_t count = s.batch * s.out_h * s.out_w * s.out_c;
  ConvArgs dense = data.args;
  dense.dst_at = {s.pixels() * s.out_c, s.out_w * s.out_c, s.out_c};
  const auto run = [&](const ConvArgs& args, const std::vector<float>& weights, const std::vector<float>& bias,
                       ConvReference function) {
    std::vector<float> result(static_cast<std::size_t>(count));
    ConvArgs own = args;
    own.dst = result.data();
    function(own, weights.data(), c.has_bias ? bias.data() : nullptr);
    return result;
  };
  data.expected = run(dense, data.weights, data.bias, reference);
  dense.residual = nullptr;
  const auto activated = run(dense, data.weights, data.bias, reference);
  dense.activation = {};
  const auto linear = run(dense, data.weights, data.bias, reference);
  const std::vector<float> positive = magnitudes({data.src.data(), data.src.data() + data.src.size()});
  const std::vector<float> coarse = magnitudes({data.coarse.data(), data.coarse.data() + data.coarse.size()});
  dense.src = positive.data();
  if (c.has_coarse) dense.coarse.data = coarse.data();
  const auto magnitude =
      run(dense, magnitudes(data.weights), magnitudes(data.bias), magnitude_of == nullptr ? reference : magnitude_of);
  for (std::size_t i = 0; i < data.expected.size(); ++i) {
    const double y = static_cast<double>(activated[i]);
    const double before = static_cast<double>(depth + 4) * kUnit * static_cast<double>(magnitude[i]);
    const double after = 2 * kUnit * (std::fabs(y) + std::fabs(static_cast<double>(data.expected[i])));
    data.bound.push_back(static_cast<float>(before * slope(c.activation) +
                                            activation_error(c.activation, static_cast<double>(linear[i]), y) + after));
  }
}

inline ConvData make_data(Random& random, const ConvCase& c, std::int64_t weights_per_output, GuardedFloats src) {
  const ConvShape& s = c.shape;
  ConvData data{std::move(src),
                random_picture(random, c.residual),
                random_picture(random, c.coarse),
                GuardedFloats(c.dst.size()),
                random.numbers(s.out_c * weights_per_output),
                random.numbers(s.out_c),
                {},
                {},
                {}};
  data.args.shape = s;
  data.args.activation = c.activation;
  data.args.src = data.src.data();
  data.args.dst = data.dst.data();
  data.args.residual = c.has_residual ? data.residual.data() : nullptr;
  data.args.src_at = c.src.at;
  data.args.dst_at = c.dst.at;
  data.args.residual_at = c.residual.at;
  if (c.has_coarse) data.args.coarse = {data.coarse.data(), c.coarse.at, s.out_w};
  return data;
}

inline ConvData make_data(Random& random, const ConvCase& c, std::int64_t weights_per_output) {
  return make_data(random, c, weights_per_output, random_picture(random, c.src));
}

// Pixels [begin, end) of picture n, channels [first, last): right there, and untouched elsewhere.
struct Written {
  std::int64_t n, begin, end, first, last;
};

inline testing::AssertionResult only_written(const ConvCase& c, const ConvData& data, const Written& w) {
  std::vector<char> seen(data.dst.size(), 0);
  for (std::int64_t pixel = w.begin; pixel < w.end; ++pixel) {
    const std::int64_t y = pixel / c.shape.out_w;
    const std::int64_t x = pixel % c.shape.out_w;
    for (std::int64_t o = w.first; o < w.last; ++o) {
      const auto at = static_cast<std::size_t>(c.dst.index(w.n, y, x, o));
      const auto i = static_cast<std::size_t>((w.n * c.shape.pixels() + pixel) * c.shape.out_c + o);
      seen[at] = 1;
      const double difference = std::fabs(static_cast<double>(data.dst[at]) - static_cast<double>(data.expected[i]));
      if (difference <= static_cast<double>(data.bound[i])) continue;
      return testing::AssertionFailure() << "at " << w.n << " " << y << " " << x << " " << o << ": " << data.dst[at]
                                         << " instead of " << data.expected[i] << " +- " << data.bound[i];
    }
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == 0 && !is_sentinel(data.dst[i])) return testing::AssertionFailure() << "wrote element " << i;
  }
  return testing::AssertionSuccess();
}

inline void refill(GuardedFloats& buffer) {
  for (std::size_t i = 0; i < buffer.size(); ++i) __builtin_memcpy(&buffer[i], &kSentinelBits, sizeof kSentinelBits);
}

}  // namespace saker
