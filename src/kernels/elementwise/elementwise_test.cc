// The elementwise kernels of every ISA level against the formulas, and the activations at extreme inputs.
#include "kernels/elementwise/elementwise.h"

#include <gtest/gtest.h>

#include "support/kernel_testing.h"

namespace saker {
namespace {

// Zeros of both signs, denormals, neighbours of the bends, and numbers beyond exp's range.
const std::vector<float>& edge_numbers() {
  static const std::vector<float> numbers = [] {
    std::vector<float> result;
    for (const float x :
         {0.0F,  1e-45F, 1e-40F, 1.1754944e-38F, 1e-30F, 1e-7F, 0.5F,   0.75F,  1.0F,   2.4F, 2.5F,  3.0F,  5.5F, 6.0F,
          20.0F, 80.0F,  87.0F,  87.5F,          88.0F,  89.0F, 100.0F, 126.0F, 200.0F, 1e4F, 1e10F, 1e30F, 3e38F}) {
      result.push_back(x);
      result.push_back(-x);
    }
    return result;
  }();
  return numbers;
}

double bound_at(const Activation& activation, float x, float y) {
  return activation_error(activation, static_cast<double>(x), static_cast<double>(y));
}

TEST(Activation, EveryLengthAtTheEdgeOfMemory) {
  Random random(21);
  for (const Isa isa : isas()) {
    const ElementwiseKernel& kernel = kernels_for(isa).elementwise;
    for (const Activation& activation : all_activations()) {
      for (std::int64_t n = 0; n <= 70; ++n) {
        const GuardedFloats src(random.numbers(n, -8, 8));
        GuardedFloats dst(n + 3);  // sentinels before and behind what is written
        GuardedFloats exact(n);
        kernel.activate(activation, n, src.data(), dst.data() + 1);
        kernel.activate(activation, n, src.data(), exact.data());
        EXPECT_TRUE(is_sentinel(dst[0]) && is_sentinel(dst[dst.size() - 2]) && is_sentinel(dst[dst.size() - 1]));
        for (std::size_t i = 0; i < src.size(); ++i) {
          const float y = activation_reference(activation, src[i]);
          ASSERT_NEAR(dst[i + 1], y, bound_at(activation, src[i], y))
              << kernel.name.text() << " activation " << static_cast<int>(activation.kind) << " at " << src[i];
          ASSERT_EQ(exact[i], dst[i + 1]);
        }
      }
    }
  }
}

TEST(Activation, ExtremeInputsStayFiniteAndRight) {
  const std::vector<float>& x = edge_numbers();
  for (const Isa isa : isas()) {
    const ElementwiseKernel& kernel = kernels_for(isa).elementwise;
    for (const Activation& activation : all_activations()) {
      std::vector<float> y(x.size());
      kernel.activate(activation, static_cast<std::int64_t>(x.size()), x.data(), y.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        const float expected = activation_reference(activation, x[i]);
        EXPECT_TRUE(std::isfinite(y[i])) << kernel.name.text() << " at " << x[i];
        EXPECT_NEAR(y[i], expected, bound_at(activation, x[i], expected))
            << kernel.name.text() << " activation " << static_cast<int>(activation.kind) << " at " << x[i];
      }
    }
  }
}

// A dense sweep of the two activations that are approximated.
TEST(Activation, SigmoidAndSiluOverTheirWholeRange) {
  std::vector<float> x;
  for (int i = -40000; i <= 40000; ++i) x.push_back(static_cast<float>(i) / 400);
  for (const Isa isa : isas()) {
    const ElementwiseKernel& kernel = kernels_for(isa).elementwise;
    for (const ActivationKind kind : {ActivationKind::kSigmoid, ActivationKind::kSilu}) {
      const Activation activation{kind, 0, 0};
      std::vector<float> y(x.size());
      kernel.activate(activation, static_cast<std::int64_t>(x.size()), x.data(), y.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double exact = 1 / (1 + std::exp(-static_cast<double>(x[i]))) *
                             (kind == ActivationKind::kSilu ? static_cast<double>(x[i]) : 1.0);
        ASSERT_NEAR(y[i], exact, activation_error(activation, static_cast<double>(x[i]), exact))
            << kernel.name.text() << " at " << x[i];
      }
    }
  }
}

TEST(Activation, InPlace) {
  Random random(22);
  for (const Isa isa : isas()) {
    const ElementwiseKernel& kernel = kernels_for(isa).elementwise;
    const std::vector<float> x = random.numbers(53, -4, 4);
    std::vector<float> expected(x.size());
    std::vector<float> y = x;
    kernel.activate({ActivationKind::kSilu, 0, 0}, 53, x.data(), expected.data());
    kernel.activate({ActivationKind::kSilu, 0, 0}, 53, y.data(), y.data());
    EXPECT_EQ(y, expected);
  }
}

// One IEEE operation each: the same bits as the reference.
TEST(Binary, EveryKindLengthAndStep) {
  Random random(23);
  for (const Isa isa : isas()) {
    const ElementwiseKernel& kernel = kernels_for(isa).elementwise;
    for (int kind = 0; kind < kBinaryKinds; ++kind) {
      for (std::int64_t n = 0; n <= 70; ++n) {
        for (int steps = 0; steps < 4; ++steps) {
          const std::int64_t a_step = steps & 1;
          const std::int64_t b_step = steps >> 1;
          const GuardedFloats a(random.numbers(a_step == 0 ? 1 : n, -3, 3));
          const GuardedFloats b(random.numbers(b_step == 0 ? 1 : n, 0.5F, 4));
          GuardedFloats exact(n);
          GuardedFloats dst(n + 2);
          kernel.binary(static_cast<BinaryKind>(kind), n, a.data(), a_step, b.data(), b_step, exact.data());
          kernel.binary(static_cast<BinaryKind>(kind), n, a.data(), a_step, b.data(), b_step, dst.data() + 1);
          EXPECT_TRUE(is_sentinel(dst[0]) && is_sentinel(dst[dst.size() - 1]));
          for (std::int64_t i = 0; i < n; ++i) {
            const float expected =
                binary_reference(static_cast<BinaryKind>(kind), a[static_cast<std::size_t>(i * a_step)],
                                 b[static_cast<std::size_t>(i * b_step)]);
            ASSERT_EQ(exact[static_cast<std::size_t>(i)], expected) << kernel.name.text() << " kind " << kind;
            ASSERT_EQ(dst[static_cast<std::size_t>(i) + 1], expected);
          }
        }
      }
    }
  }
}

TEST(Binary, ExtremeInputs) {
  const std::vector<float>& x = edge_numbers();
  const auto n = static_cast<std::int64_t>(x.size());
  for (const Isa isa : isas()) {
    const ElementwiseKernel& kernel = kernels_for(isa).elementwise;
    for (int kind = 0; kind < kBinaryKinds; ++kind) {
      for (const float other : x) {
        std::vector<float> y(x.size());
        kernel.binary(static_cast<BinaryKind>(kind), n, x.data(), 1, &other, 0, y.data());
        for (std::size_t i = 0; i < x.size(); ++i) {
          const float expected = binary_reference(static_cast<BinaryKind>(kind), x[i], other);
          EXPECT_TRUE(y[i] == expected || (std::isnan(y[i]) && std::isnan(expected)))
              << kernel.name.text() << " kind " << kind << ": " << x[i] << ", " << other;
        }
      }
    }
  }
}

TEST(Binary, ShortRunsOfAnyStride) {
  Random random(26);
  for (int kind = 0; kind < kBinaryKinds; ++kind) {
    for (std::int64_t n = 1; n < 8; ++n) {
      const std::int64_t rows = random.between(1, 5);
      const auto steps = [&] { return ShortRuns{random.between(0, 9), random.between(0, 2)}; };
      const ShortRuns a_at = steps(), b_at = steps(), dst_at{n + 2, 1};
      const auto span = [&](ShortRuns at) { return (rows - 1) * at.row_step + (n - 1) * at.step + 1; };
      const GuardedFloats a(random.numbers(span(a_at))), b(random.numbers(span(b_at)));
      GuardedFloats dst(span(dst_at));
      binary_short_runs(static_cast<BinaryKind>(kind), rows, n, a.data(), a_at, b.data(), b_at, dst.data(), dst_at);
      for (std::int64_t i = 0; i < span(dst_at); ++i) {
        const std::int64_t r = i / (n + 2), k = i % (n + 2);
        const float got = dst[static_cast<std::size_t>(i)];
        if (k >= n) {
          EXPECT_TRUE(is_sentinel(got));
          continue;
        }
        EXPECT_EQ(got, binary_reference(static_cast<BinaryKind>(kind),
                                        a[static_cast<std::size_t>(r * a_at.row_step + k * a_at.step)],
                                        b[static_cast<std::size_t>(r * b_at.row_step + k * b_at.step)]));
      }
    }
  }
}

}  // namespace
}  // namespace saker
