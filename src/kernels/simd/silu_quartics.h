// SiLU to the accuracy of 8-bit results, the same to the last bit on every ISA level:
//
//   silu(x) = max(x, 0) - g(min(|x|, 11.999999)),  g(t) = t / (1 + e^t) by 8 polynomials of degree 4:
//   i = the low 3 bits of fma(t, 0.625, 1.5 * 2^23): t * 0.625, rounded;
//   g = fma(fma(fma(fma(c4[i], t, c3[i]), t, c2[i]), t, c1[i]), t, c0[i])
//
// Absolute error below 3e-5 where |x| < 12 (a step of 8 bits over a range of 1 is 4e-3); beyond, g counts as g(12)
// = 7.4e-5. Eight segments are what one permutation of AVX2 chooses from. (Parabolas on 16 of them, 2e-4 to 3e-4 off:
// YOLOv8n 41.07 to 41.28 instead of the 41.3 that exact arithmetic gives.) Only for kernel files and the reference:
// everything is in an anonymous namespace (see cmake/isa.cmake).
#pragma once

namespace saker {
namespace {

constexpr int kSiluDegree = 4, kSiluSegments = 8;
constexpr float kSiluQuarticsLimit = 11.999999F;
constexpr float kSiluQuarticsPerUnit = 0.625F;  // segments
constexpr float kSiluRounder = 12582912;        // 1.5 * 2^23: what is added to it is rounded, into its low bits

// Coefficient [power][segment] of scripts/silu_table.py.
alignas(32) constexpr float kSiluQuartics[kSiluDegree + 1][kSiluSegments] = {
    {-2.666852845e-06F, -1.828426429e-02F, 2.324579260e-01F, 7.445718860e-01F, 7.272096500e-01F, 4.629536815e-01F,
     2.349015694e-01F, 1.029399926e-01F},
    {5.001572164e-01F, 5.724839980e-01F, 2.000976292e-01F, -3.406562542e-01F, -3.362831515e-01F, -1.887749018e-01F,
     -8.386684283e-02F, -3.246773895e-02F},
    {-2.514666592e-01F, -3.623370671e-01F, -1.561920233e-01F, 5.943015193e-02F, 6.047834792e-02F, 2.952427565e-02F,
     1.139671316e-02F, 3.880451811e-03F},
    {4.583056740e-03F, 8.406071048e-02F, 3.386485597e-02F, -4.586899341e-03F, -4.985507277e-03F, -2.091463197e-03F,
     -6.970385257e-04F, -2.079807798e-04F},
    {1.584988412e-02F, -6.963441274e-03F, -2.457802719e-03F, 1.276496669e-04F, 1.581588597e-04F, 5.644625584e-05F,
     1.615880701e-05F, 4.212593865e-06F},
};

}  // namespace
}  // namespace saker
