// SiLU to the accuracy of 8-bit results, the same to the last bit on every ISA level:
//
//   silu(x) = max(x, 0) - g(min(|x|, 11.999999)),  g(t) = t / (1 + e^t) by 32 polynomials of degree 2:
//   s = fma(t, 1/0.8, 1); i = bits 20 to 24 of s;  g = fma(fma(c2[i], t, c1[i]), t, c0[i])
//
// Absolute error below 2.5e-5 where |x| < 12 (a step of 8 bits over a range of 1 is 4e-3); beyond, g counts as g(12)
// = 7.4e-5. (Parabolas on x itself, 2e-4 to 3e-4 off, take two operations fewer: YOLOv8n 41.07 to 41.28 instead of
// the 41.3 that exact arithmetic gives.) Only for kernel files and the reference: everything is in an anonymous
// namespace (see cmake/isa.cmake).
#pragma once

namespace saker {
namespace {

constexpr float kSiluSquaresLimit = 11.999999F;
constexpr float kSiluSquaresUnit = 1 / 0.8F;

// Coefficient [power][segment] of scripts/silu_table.py.
alignas(64) constexpr float kSiluSquares[3][32] = {
    {3.129394801e-02F, 6.196821389e-02F, 1.051097543e-01F, 1.591641410e-01F, 2.209440461e-01F, 2.863355722e-01F,
     3.510520827e-01F, 4.112464855e-01F, 4.847823463e-01F, 5.502585767e-01F, 5.735610867e-01F, 5.611721634e-01F,
     5.233967903e-01F, 4.703746691e-01F, 4.104885925e-01F, 3.498335643e-01F, 2.673004765e-01F, 1.760609499e-01F,
     1.108307463e-01F, 6.736460881e-02F, 3.980976739e-02F, 2.298723872e-02F, 1.301750753e-02F, 7.250176092e-03F,
     1.319745364e-07F, 2.931486981e-05F, 2.333278888e-04F, 8.891295366e-04F, 2.377996634e-03F, 5.148895017e-03F,
     9.676300900e-03F, 1.641690182e-02F},
    {4.040798504e-01F,  3.427939486e-01F,  2.708824997e-01F,  1.936008674e-01F,  1.162827389e-01F,  4.351759868e-02F,
     -2.130807191e-02F, -7.613176677e-02F, -1.367571832e-01F, -1.840025149e-01F, -1.988413993e-01F, -1.920959061e-01F,
     -1.732614268e-01F, -1.491679527e-01F, -1.242011807e-01F, -1.008499720e-01F, -7.168432824e-02F, -4.302967374e-02F,
     -2.482032375e-02F, -1.390207484e-02F, -7.611352914e-03F, -4.091723804e-03F, -2.166754630e-03F, -1.132958614e-03F,
     4.999804777e-01F,  4.994455673e-01F,  4.974523167e-01F,  4.931241854e-01F,  4.857197575e-01F,  4.746713260e-01F,
     4.596098373e-01F,  4.403752341e-01F},
    {-1.664449946e-01F, -1.358079644e-01F, -1.058238798e-01F, -7.818976645e-02F, -5.399084547e-02F, -3.374312961e-02F,
     -1.750603426e-02F, -5.020876963e-03F, 7.477560611e-03F,  1.600309412e-02F,  1.836546689e-02F,  1.744746466e-02F,
     1.509933140e-02F,  1.236182268e-02F,  9.759259550e-03F,  7.511525110e-03F,  4.934444893e-03F,  2.683937474e-03F,
     1.412824904e-03F,  7.270552307e-04F,  3.679585011e-04F,  1.838390506e-04F,  9.090976889e-05F,  4.457826101e-05F,
     -2.496230471e-01F, -2.471403626e-01F, -2.422489894e-01F, -2.350920320e-01F, -2.258744016e-01F, -2.148519639e-01F,
     -2.023183701e-01F, -1.885908676e-01F},
};

}  // namespace
}  // namespace saker
