// Random layers of 8-bit numbers and their expected results, for the tests of conv_int8 and depthwise_int8.
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "kernels/conv_int8/conv_int8.h"
#include "support/conv_cases.h"

namespace saker {

// Bytes that end where readable memory ends.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::int64_t count) : floats_((count + 3) / 4), count_(count) {}
  std::uint8_t* data() { return reinterpret_cast<std::uint8_t*>(floats_.data() + floats_.size()) - count_; }
  std::int64_t size() const { return count_; }

 private:
  GuardedFloats floats_;
  std::int64_t count_;
};

inline std::vector<float> padded_to(const std::vector<float>& values, std::int64_t size) {
  std::vector<float> padded(values);
  padded.resize(static_cast<std::size_t>(size), 0.0F);
  return padded;
}

// `depthwise`: in_c = out_c channels, weights [channels][taps]; else weights [out_c][in_c][taps].
struct Int8Case {
  Int8Case(Random& random, ConvCase c, bool depthwise)
      : layer(adapted(random, std::move(c), depthwise)),
        src(layer.src.size()),
        residual(layer.residual.size()),
        dst_bytes(layer.dst.size()),
        dst(layer.dst.size()) {
    const ConvShape& s = layer.shape;
    for (std::size_t i = 0; i < src.size() * 4; ++i) bytes(src)[i] = byte(random);
    for (std::int64_t i = 0; i < residual.size(); ++i) residual.data()[i] = byte(random);
    const std::int64_t per_output = depthwise ? s.taps() : s.in_c * s.taps();
    weights.resize(static_cast<std::size_t>(s.out_c * per_output));
    for (std::int8_t& w : weights)
      w = static_cast<std::int8_t>(extreme(random) ? random.one_of({-128, 127}) : random.between(-128, 127));
    zero_points.resize(static_cast<std::size_t>(s.in_c));
    const bool same = random.chance(50);
    const std::uint8_t first = byte(random);
    for (std::uint8_t& z : zero_points) z = same ? first : byte(random);
    // Sums of this many products, to numbers around [-6, 6]; then to around [0, 255].
    const float size = 74.0F * 104.0F * std::sqrt(static_cast<float>(per_output));
    multiplier = random.numbers(s.out_c, 0.5F / size, 6 / size);
    bias = random.numbers(s.out_c, -2, 2);
    out_scale = random.numbers(s.out_c, 5, 60);
    out_offset = random.numbers(s.out_c, -3, 200);
    residual_scale = random.numbers(s.out_c, -1, 1);
    for (std::uint8_t& t : table) t = byte(random);
    float_results = random.chance(30);
    scaled = layer.has_residual || random.chance(80);
    with_table = !float_results && random.chance(30);
  }

  static std::uint8_t* bytes(GuardedFloats& floats) { return reinterpret_cast<std::uint8_t*>(floats.data()); }

  // Everything but what is packed.
  ConvInt8Args args() {
    ConvInt8Args a;
    a.shape = layer.shape;
    a.activation = layer.activation;
    a.dst_at = layer.dst.at;
    a.residual_at = layer.residual.at;
    a.residual_bytes = layer.has_residual ? residual.data() : nullptr;
    a.dst = float_results ? dst.data() : nullptr;
    a.dst_bytes = float_results ? nullptr : dst_bytes.data();
    a.table = with_table ? table : nullptr;
    return a;
  }

  ConvInt8Args reference_args() {
    ConvInt8Args a = args();
    a.src_at = layer.src.at;
    for (std::int64_t* step : {&a.src_at.n_step, &a.src_at.y_step, &a.src_at.x_step}) *step *= kInt8Quad;
    a.finish = {multiplier.data(), bias.data(), scaled ? out_scale.data() : nullptr, out_offset.data(),
                residual_scale.data()};
    return a;
  }

  ConvInt8Args kernel_args() {
    ConvInt8Args a = args();
    a.shape.in_c = int8_quads(layer.shape.in_c);
    a.src = src.data();
    a.src_at = layer.src.at;
    return a;
  }

  Int8Reference reference() { return {bytes(src), weights.data(), zero_points.data()}; }

  // The results as bytes of their types, whatever they are; sentinels between them.
  std::vector<std::uint8_t> results() {
    const auto* from = float_results ? reinterpret_cast<const std::uint8_t*>(dst.data()) : dst_bytes.data();
    return {from, from + (float_results ? dst.size() * sizeof(float) : static_cast<std::size_t>(dst_bytes.size()))};
  }
  void clear() {
    refill(dst);
    std::memset(dst_bytes.data(), 0xa5, static_cast<std::size_t>(dst_bytes.size()));
  }

  ConvCase layer;  // src in quads
  GuardedFloats src;
  GuardedBytes residual, dst_bytes;
  GuardedFloats dst;
  std::vector<std::int8_t> weights;
  std::vector<std::uint8_t> zero_points;
  std::vector<float> multiplier, bias, out_scale, out_offset, residual_scale;
  std::uint8_t table[256];
  bool float_results, scaled, with_table;

 private:
  static std::uint8_t byte(Random& random) {
    return static_cast<std::uint8_t>(extreme(random) ? random.one_of({0, 255}) : random.between(0, 255));
  }
  static bool extreme(Random& random) { return random.chance(10); }

  static ConvCase adapted(Random& random, ConvCase c, bool depthwise) {
    if (depthwise) c.shape.out_c = c.shape.in_c;
    if (!int8_can_apply(c.activation.kind)) c.activation = {ActivationKind::kSilu, 0, 0};
    lay_out(random, c);
    c.src = picture_layout(random, c.shape.batch, c.shape.in_h, c.shape.in_w, int8_quads(c.shape.in_c));
    return c;
  }
};

// Every picture in two jobs, cut anywhere, of a depthwise kernel.
template <typename Run>
void run_in_two(Random& random, Run run, const ConvInt8Args& args) {
  for (std::int64_t n = 0; n < args.shape.batch; ++n) {
    const std::int64_t cut = random.between(0, args.shape.pixels());
    run(args, n, 0, cut);
    run(args, n, cut, args.shape.pixels());
  }
}

inline void expect_results(Int8Case& c, const std::vector<std::uint8_t>& expected) {
  const std::vector<std::uint8_t> results = c.results();
  for (std::size_t i = 0; i < expected.size(); ++i)
    ASSERT_EQ(results[i], expected[i]) << "byte " << i << " of " << expected.size();
}

// Packed finish of a kernel whose channels are padded to `size`.
struct PackedFinish {
  PackedFinish(const Int8Case& c, std::int64_t size)
      : multiplier(padded_to(c.multiplier, size), 16),
        bias(padded_to(c.bias, size), 16),
        out_scale(padded_to(c.out_scale, size), 16),
        out_offset(padded_to(c.out_offset, size), 16),
        residual_scale(padded_to(c.residual_scale, size), 16),
        scaled(c.scaled) {}
  Int8Finish get() const {
    return {multiplier.data(), bias.data(), scaled ? out_scale.data() : nullptr, out_offset.data(),
            residual_scale.data()};
  }
  GuardedFloats multiplier, bias, out_scale, out_offset, residual_scale;
  bool scaled;
};

inline GuardedFloats zero_quads(const Int8Case& c) {
  GuardedFloats zeros(int8_quads(c.layer.shape.in_c));
  std::memset(zeros.data(), 0, zeros.size() * sizeof(float));
  std::memcpy(zeros.data(), c.zero_points.data(), c.zero_points.size());
  return zeros;
}

// Levels whose 8-bit kernels differ: all.
inline std::vector<Isa> int8_isas() {
  std::vector<Isa> levels = named_isas();
  std::erase_if(levels, [](Isa isa) { return !isa_supported(isa); });
  return levels;
}

}  // namespace saker
