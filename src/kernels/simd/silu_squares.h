// SiLU to the accuracy of 8-bit results, the same to the last bit on every ISA level: by 32 polynomials of degree 2,
//
//   i = round half to even(2 * clamp(x, -9, 6.5)) + 18;  silu(x) = fma(fma(c2[i], x, c1[i]), x, c0[i])
//
// of which the first is 0 and the last x. Absolute error below 2.1e-4 where -8.75 < x < 6.25, below 0.0138 above (there
// a step of 8 bits is 0.024 or more) and below 1.4e-3 beneath.
// Only for kernel files and the reference: everything is in an anonymous namespace (see cmake/isa.cmake).
#pragma once

namespace saker {
namespace {

constexpr float kSiluLow = -9, kSiluHigh = 6.5F;
// x * 2 + this: the index is in the low five bits of the number's mantissa, as 1.5 * 2^23 is a multiple of 32.
constexpr float kSiluMagic = 12582912.0F + 18;

// Coefficient [power][segment] of scripts/silu_squares.py.
alignas(64) constexpr float kSiluSquares[3][32] = {
    {0.000000000e+00F,  -6.271551802e-02F, -8.614546198e-02F, -1.169033972e-01F, -1.564421542e-01F, -2.059612696e-01F,
     -2.659391357e-01F, -3.353902836e-01F, -4.107952037e-01F, -4.847574605e-01F, -5.447502902e-01F, -5.729936617e-01F,
     -5.492560069e-01F, -4.602661087e-01F, -3.147664129e-01F, -1.555472698e-01F, -4.309725219e-02F, -2.998011066e-03F,
     1.007831801e-05F,  -2.998011066e-03F, -4.309725219e-02F, -1.555472698e-01F, -3.147664129e-01F, -4.602661087e-01F,
     -5.492560069e-01F, -5.729936617e-01F, -5.447502902e-01F, -4.847574605e-01F, -4.107952037e-01F, -3.353902836e-01F,
     -2.659391357e-01F, 0.000000000e+00F},
    {0.000000000e+00F,  -1.281565812e-02F, -1.850604982e-02F, -2.645857730e-02F, -3.738694540e-02F, -5.208807962e-02F,
     -7.131834495e-02F, -9.551968569e-02F, -1.242895003e-01F, -1.554550536e-01F, -1.836442494e-01F, -1.985116128e-01F,
     -1.834011719e-01F, -1.176938088e-01F, 1.316365957e-02F,  1.967263597e-01F,  3.769644580e-01F,  4.812859170e-01F,
     5.000000000e-01F,  5.187140830e-01F,  6.230355420e-01F,  8.032736403e-01F,  9.868363404e-01F,  1.117693809e+00F,
     1.183401172e+00F,  1.198511613e+00F,  1.183644249e+00F,  1.155455054e+00F,  1.124289500e+00F,  1.095519686e+00F,
     1.071318345e+00F,  1.000000000e+00F},
    {0.000000000e+00F,  -6.636217044e-04F, -1.009151303e-03F, -1.523230126e-03F, -2.278443127e-03F, -3.369675412e-03F,
     -4.911291312e-03F, -7.019951525e-03F, -9.764654594e-03F, -1.304846847e-02F, -1.636074606e-02F, -1.831762385e-02F,
     -1.591424493e-02F, -3.779121720e-03F, 2.566997802e-02F,  7.866288618e-02F,  1.511210707e-01F,  2.195361425e-01F,
     2.487059896e-01F,  2.195361425e-01F,  1.511210707e-01F,  7.866288618e-02F,  2.566997802e-02F,  -3.779121720e-03F,
     -1.591424493e-02F, -1.831762385e-02F, -1.636074606e-02F, -1.304846847e-02F, -9.764654594e-03F, -7.019951525e-03F,
     -4.911291312e-03F, 0.000000000e+00F},
};

}  // namespace
}  // namespace saker
