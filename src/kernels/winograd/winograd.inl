// The transforms, compiled once per ISA level. Include after one vec_*.h.
// Each works on one tile and one vector of channels at a time: columns first, rows second.
#pragma once

#include "kernels/simd/math.inl"
// (the output transform uses the activations)
#include "kernels/winograd/winograd.h"

namespace saker {
namespace {

constexpr int kOut = kWinogradTile;

inline Vec load_part(const float* p, int n) {
  return n >= Vec::kWidth ? Vec::load(p) : Vec::load_n(p, n);
}
inline void store_part(Vec v, float* p, int n) {
  if (n >= Vec::kWidth) {
    v.store(p);
  } else {
    v.store_n(p, n);
  }
}

// B^T and A^T along one side of a tile.
struct Stride1 {
  static constexpr WinogradForm kForm = kWinogradStride1;
  static constexpr int kSide = kForm.side, kTransformed = kSide;

  static void input_points(const Vec (&d)[kSide], Vec (&t)[kSide]) {
    const Vec two = Vec::broadcast(2), minus4 = Vec::broadcast(-4), minus5 = Vec::broadcast(-5);
    const Vec four = Vec::broadcast(4);
    const Vec even = fma(minus4, d[2], d[4]), odd = fma(minus4, d[1], d[3]);
    const Vec even2 = d[4] - d[2], odd2 = (d[3] - d[1]) * two;
    t[0] = fma(four, d[0], fma(minus5, d[2], d[4]));
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = even2 + odd2;
    t[4] = even2 - odd2;
    t[5] = fma(four, d[1], fma(minus5, d[3], d[5]));
  }

  static void output_points(const Vec (&m)[kSide], Vec (&y)[kOut]) {
    const Vec sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const Vec sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    y[0] = m[0] + sum1 + sum2;
    y[1] = fma(Vec::broadcast(2), difference2, difference1);
    y[2] = fma(Vec::broadcast(4), sum2, sum1);
    y[3] = fma(Vec::broadcast(8), difference2, difference1) + m[5];
  }
};

// The first five of nine are transformed, the others the inputs between.
struct Stride2 {
  static constexpr WinogradForm kForm = kWinogradStride2;
  static constexpr int kSide = kForm.side, kTransformed = 5;

  static void input_points(const Vec (&d)[kSide], Vec (&t)[kSide]) {
    const Vec two = Vec::broadcast(2), minus2 = Vec::broadcast(-2), minus3 = Vec::broadcast(-3);
    const Vec difference31 = d[6] - d[2];  // of the five, which are every other input
    t[0] = fma(two, d[0] - d[4], difference31);
    t[1] = fma(minus2, d[2], d[6] - d[4]);
    t[2] = fma(minus3, d[4], fma(two, d[2], d[6]));
    t[3] = difference31;
    t[4] = fma(minus2, difference31, d[8] - d[4]);
    t[5] = d[1];
    t[6] = d[3];
    t[7] = d[5];
    t[8] = d[7];
  }

  static void output_points(const Vec (&m)[kSide], Vec (&y)[kOut]) {
    const Vec sum = m[1] + m[2], difference = m[1] - m[2];
    y[0] = m[0] + m[3] + sum + m[5];
    y[1] = fma(Vec::broadcast(2), m[3], difference) + m[6];
    y[2] = fma(Vec::broadcast(4), m[3], sum) + m[7];
    y[3] = fma(Vec::broadcast(8), m[3], difference) + m[4] + m[8];
  }
};

// Where the inputs of a tile at the picture's border are; outside the picture: the row of zeros.
template <int kSide>
struct BorderInputs {
  const float* from[kSide][kSide];
  const float* at(int i, int j) const { return from[i][j]; }
};

struct InsideInputs {
  const float* first;
  std::int64_t y_step, x_step;
  const float* at(int i, int j) const { return first + i * y_step + j * x_step; }
};

template <int kSide>
inline bool is_inside(const ConvShape& s, std::int64_t top, std::int64_t left) {
  return top >= 0 && left >= 0 && top + kSide <= s.in_h && left + kSide <= s.in_w;
}

template <int kSide>
inline BorderInputs<kSide> border_inputs(const ConvArgs& args, const float* src, std::int64_t top, std::int64_t left) {
  const ConvShape& s = args.shape;
  BorderInputs<kSide> inputs;
  for (int i = 0; i < kSide; ++i) {
    const std::int64_t y = top + i;
    const bool row_inside = y >= 0 && y < s.in_h;
    for (int j = 0; j < kSide; ++j) {
      const std::int64_t x = left + j;
      const bool inside = row_inside && x >= 0 && x < s.in_w;
      inputs.from[i][j] = inside ? src + y * args.src_at.y_step + x * args.src_at.x_step : args.zeros;
    }
  }
  return inputs;
}

// Along the columns first, then along the rows, those that the columns leave as they are straight from the input.
template <typename Stride, typename Inputs>
inline void transform_input_part(const Inputs& inputs, std::int64_t c, int lanes, std::int64_t product_step,
                                 float* to) {
  constexpr int kSide = Stride::kSide, kTransformed = Stride::kTransformed;
  Vec half[kTransformed][kSide];
#pragma GCC unroll 6
  for (int j = 0; j < kSide; ++j) {
    Vec d[kSide], t[kSide];
#pragma GCC unroll 9
    for (int i = 0; i < kSide; ++i) d[i] = load_part(inputs.at(i, j) + c, lanes);
    Stride::input_points(d, t);
#pragma GCC unroll 9
    for (int i = 0; i < kTransformed; ++i) half[i][j] = t[i];
  }
  const auto finish_row = [&](const Vec(&d)[kSide]) {
    Vec t[kSide];
    Stride::input_points(d, t);
#pragma GCC unroll 9
    for (int j = 0; j < kSide; ++j, to += product_step) store_part(t[j], to, lanes);
  };
#pragma GCC unroll 6
  for (int i = 0; i < kTransformed; ++i) finish_row(half[i]);
  for (int i = kTransformed; i < kSide; ++i) {
    Vec d[kSide];
#pragma GCC unroll 9
    for (int j = 0; j < kSide; ++j) d[j] = load_part(inputs.at(2 * (i - kTransformed) + 1, j) + c, lanes);
    finish_row(d);
  }
}

template <typename Stride, typename Inputs>
void transform_input_tile(const Inputs& inputs, std::int64_t channels, std::int64_t product_step, float* to) {
  std::int64_t c = 0;
  for (; c + Vec::kWidth <= channels; c += Vec::kWidth) {
    transform_input_part<Stride>(inputs, c, Vec::kWidth, product_step, to + c);
  }
  if (c < channels) transform_input_part<Stride>(inputs, c, static_cast<int>(channels - c), product_step, to + c);
}

template <typename Stride>
void transform_input(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                     std::int64_t product_step, float* transformed) {
  const WinogradTiles tiles(args.shape);
  const float* src = args.src + n * args.src_at.n_step;
  const std::int64_t channels = args.shape.in_c, y_step = args.src_at.y_step, x_step = args.src_at.x_step;
  for (std::int64_t t = begin; t < end; ++t, transformed += channels) {
    constexpr int kStep = kOut * Stride::kForm.stride;
    const std::int64_t top = t / tiles.across * kStep - args.shape.pad_top;
    const std::int64_t left = t % tiles.across * kStep - args.shape.pad_left;
    if (is_inside<Stride::kSide>(args.shape, top, left)) {
      const InsideInputs inputs{src + top * y_step + left * x_step, y_step, x_step};
      transform_input_tile<Stride>(inputs, channels, product_step, transformed);
    } else {
      transform_input_tile<Stride>(border_inputs<Stride::kSide>(args, src, top, left), channels, product_step,
                                   transformed);
    }
  }
}

// The part of a tile that lies in the output.
struct TileOutputs {
  float* dst;
  const float* residual;
  int rows, columns;
};

inline TileOutputs find_outputs(const ConvArgs& args, std::int64_t n, std::int64_t tile_y, std::int64_t tile_x) {
  const ConvShape& s = args.shape;
  const std::int64_t y = tile_y * kOut, x = tile_x * kOut;
  const auto at = [&](const ImageStrides& steps) { return n * steps.n_step + y * steps.y_step + x * steps.x_step; };
  return {args.dst + at(args.dst_at), args.residual == nullptr ? nullptr : args.residual + at(args.residual_at),
          static_cast<int>(s.out_h - y < kOut ? s.out_h - y : kOut),
          static_cast<int>(s.out_w - x < kOut ? s.out_w - x : kOut)};
}

template <typename Stride, ActivationKind kKind>
inline void transform_output_part(const ConvArgs& args, const TileOutputs& outputs, std::int64_t c, int lanes,
                                  std::int64_t product_step, const float* from) {
  constexpr int kSide = Stride::kSide;
  Vec half[kOut][kSide];
#pragma GCC unroll 9
  for (int j = 0; j < kSide; ++j) {
    Vec m[kSide], y[kOut];
#pragma GCC unroll 9
    for (int i = 0; i < kSide; ++i) m[i] = load_part(from + (i * kSide + j) * product_step, lanes);
    Stride::output_points(m, y);
#pragma GCC unroll 4
    for (int i = 0; i < kOut; ++i) half[i][j] = y[i];
  }
  const Vec alpha = Vec::broadcast(args.activation.alpha), beta = Vec::broadcast(args.activation.beta);
#pragma GCC unroll 4
  for (int i = 0; i < kOut; ++i) {
    if (i >= outputs.rows) break;
    Vec y[kOut];
    Stride::output_points(half[i], y);
    float* dst = outputs.dst + i * args.dst_at.y_step + c;
    const float* residual = outputs.residual == nullptr ? nullptr : outputs.residual + i * args.residual_at.y_step + c;
#pragma GCC unroll 4
    for (int j = 0; j < kOut; ++j) {
      if (j >= outputs.columns) break;
      Vec value = activate<kKind>(y[j], alpha, beta);
      if (residual != nullptr) value = value + load_part(residual + j * args.residual_at.x_step, lanes);
      store_part(value, dst + j * args.dst_at.x_step, lanes);
    }
  }
}

template <typename Stride>
void transform_output(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end,
                      std::int64_t product_step, const float* transformed) {
  const WinogradTiles tiles(args.shape);
  const std::int64_t channels = args.shape.out_c;
  with_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    const float* from = transformed;
    for (std::int64_t t = begin; t < end; ++t, from += channels) {
      const TileOutputs outputs = find_outputs(args, n, t / tiles.across, t % tiles.across);
      std::int64_t c = 0;
      for (; c + Vec::kWidth <= channels; c += Vec::kWidth) {
        transform_output_part<Stride, kKind>(args, outputs, c, Vec::kWidth, product_step, from + c);
      }
      if (c < channels) {
        transform_output_part<Stride, kKind>(args, outputs, c, static_cast<int>(channels - c), product_step, from + c);
      }
    }
  });
}

}  // namespace
}  // namespace saker
