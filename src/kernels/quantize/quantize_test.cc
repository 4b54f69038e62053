// Every ISA level against the reference: the same bits.
#include "kernels/quantize/quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/int8_cases.h"

namespace saker {
namespace {

std::vector<std::uint8_t> random_bytes(Random& random, std::int64_t n) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(n));
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random.between(0, 255));
  return bytes;
}

// Scales and offsets that end where readable memory ends.
struct Parameters {
  Parameters(Random& random, std::int64_t n)
      : step(random.between(0, 1)),
        scale(random.numbers(step == 0 ? 1 : n, 0.01F, 30)),
        offset(random.numbers(step == 0 ? 1 : n, -10, 200)) {}
  std::int64_t step;
  GuardedFloats scale, offset;
};

TEST(Quantize, ToBytesAndBack) {
  Random random(1);
  for (const Isa isa : isas()) {
    const QuantizeKernel& kernel = kernels_for(isa).quantize;
    SCOPED_TRACE(kernel.name.text());
    for (std::int64_t n = 1; n < 150; ++n) {
      const Parameters p(random, n);
      const GuardedFloats x(random.numbers(n, -10, 20));
      GuardedBytes bytes(n), expected(n);
      kernel.quantize(n, x.data(), p.scale.data(), p.offset.data(), p.step, bytes.data());
      kQuantizeReference.quantize(n, x.data(), p.scale.data(), p.offset.data(), p.step, expected.data());
      GuardedFloats back(n), expected_back(n);
      kernel.dequantize(n, bytes.data(), p.scale.data(), p.offset.data(), p.step, back.data());
      kQuantizeReference.dequantize(n, bytes.data(), p.scale.data(), p.offset.data(), p.step, expected_back.data());
      for (std::int64_t i = 0; i < n; ++i) {
        ASSERT_EQ(bytes.data()[i], expected.data()[i]) << i << " of " << n;
        ASSERT_EQ(back[static_cast<std::size_t>(i)], expected_back[static_cast<std::size_t>(i)]) << i << " of " << n;
      }
    }
  }
}

TEST(Quantize, PlanesToPixels) {
  Random random(2);
  for (const Isa isa : isas()) {
    const QuantizeKernel& kernel = kernels_for(isa).quantize;
    SCOPED_TRACE(kernel.name.text());
    for (std::int64_t n = 1; n < 600; n += random.between(1, 20)) {
      for (int planes = 1; planes <= 4; ++planes) {
        const std::int64_t step = n + random.between(0, 5);
        const GuardedFloats x(random.numbers((planes - 1) * step + n, -1, 2));
        const std::vector<float> scale = random.numbers(4, 50, 255), offset = random.numbers(4, 0, 100);
        GuardedBytes quads(4 * n), expected(4 * n);
        kernel.quantize_planes(n, planes, x.data(), step, scale.data(), offset.data(), quads.data());
        kQuantizeReference.quantize_planes(n, planes, x.data(), step, scale.data(), offset.data(), expected.data());
        for (std::int64_t i = 0; i < 4 * n; ++i) ASSERT_EQ(quads.data()[i], expected.data()[i]) << i << " of " << 4 * n;
      }
    }
  }
}

TEST(Quantize, Sums) {
  Random random(3);
  for (const Isa isa : isas()) {
    const QuantizeKernel& kernel = kernels_for(isa).quantize;
    SCOPED_TRACE(kernel.name.text());
    for (std::int64_t n = 1; n < 700; n += random.between(1, 30)) {
      const int count = static_cast<int>(random.between(1, kMaxByteTerms));
      std::vector<std::vector<std::uint8_t>> bytes;
      std::vector<Parameters> parameters;
      std::vector<ByteTerm> terms;
      parameters.reserve(kMaxByteTerms);
      for (int k = 0; k < count; ++k) {
        bytes.push_back(random_bytes(random, n));
        const Parameters& p = parameters.emplace_back(random, n);
        const auto activations = all_activations();
        Activation activation = activations[static_cast<std::size_t>(random.between(0, 7))];
        if (!int8_can_apply(activation.kind)) activation = {};
        terms.push_back({bytes.back().data(), p.scale.data(), p.offset.data(), p.step, activation});
      }
      const Parameters out(random, n);
      GuardedFloats small(random.numbers(out.step == 0 ? 1 : n, 0.001F, 0.05F));
      GuardedBytes sums(n), expected(n);
      kernel.sum(n, terms.data(), count, small.data(), out.offset.data(), out.step, sums.data());
      kQuantizeReference.sum(n, terms.data(), count, small.data(), out.offset.data(), out.step, expected.data());
      for (std::int64_t i = 0; i < n; ++i) ASSERT_EQ(sums.data()[i], expected.data()[i]) << i << " of " << n;
    }
  }
}

// Many numbers lie halfway between two steps.
TEST(Quantize, DividedByTheRange) {
  Random random(4);
  for (const Isa isa : isas()) {
    const QuantizeKernel& kernel = kernels_for(isa).quantize;
    SCOPED_TRACE(kernel.name.text());
    for (std::int64_t n = 1; n < 600; n += random.between(1, 9)) {
      const int planes = static_cast<int>(random.between(1, 4));
      std::vector<float> numbers = random.numbers(planes * n, -3, 5);
      const float scale = 1.0F / 32, zero = static_cast<float>(random.between(0, 255));
      for (std::size_t i = 0; i < numbers.size(); i += 2) numbers[i] = std::round(numbers[i] * 64) / 64;
      const GuardedFloats x(numbers);
      float range[2] = {0, 0}, expected_range[2] = {0, 0};
      kernel.range(n, x.data(), range);
      kQuantizeReference.range(n, x.data(), expected_range);
      ASSERT_EQ(range[0], expected_range[0]);
      ASSERT_EQ(range[1], expected_range[1]);
      GuardedBytes bytes(n), expected(n), quads(4 * n), expected_quads(4 * n);
      kernel.divide(n, x.data(), scale, zero, bytes.data());
      kQuantizeReference.divide(n, x.data(), scale, zero, expected.data());
      for (std::int64_t i = 0; i < n; ++i) ASSERT_EQ(bytes.data()[i], expected.data()[i]) << i << " of " << n;
      kernel.divide_planes(n, planes, x.data(), n, scale, zero, quads.data());
      kQuantizeReference.divide_planes(n, planes, x.data(), n, scale, zero, expected_quads.data());
      for (std::int64_t i = 0; i < 4 * n; ++i)
        ASSERT_EQ(quads.data()[i], expected_quads.data()[i]) << i << " of " << 4 * n;
    }
  }
}

}  // namespace
}  // namespace saker
