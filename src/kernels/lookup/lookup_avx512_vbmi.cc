#include <immintrin.h>

#include "kernels/lookup/lookup.h"

namespace saker {
namespace {

void look_up(const std::uint8_t* table, std::uint8_t* bytes, std::int64_t count) {
  const __m512i first = _mm512_loadu_si512(table), second = _mm512_loadu_si512(table + 64);
  const __m512i third = _mm512_loadu_si512(table + 128), fourth = _mm512_loadu_si512(table + 192);
  for (; count > 0; count -= 64, bytes += 64) {
    const __mmask64 mask = count >= 64 ? ~__mmask64{0} : (__mmask64{1} << count) - 1;
    const __m512i index = _mm512_maskz_loadu_epi8(mask, bytes);
    const __m512i low = _mm512_permutex2var_epi8(first, index, second);  // by the low seven bits
    const __m512i high = _mm512_permutex2var_epi8(third, index, fourth);
    _mm512_mask_storeu_epi8(bytes, mask, _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high));
  }
}

}  // namespace

extern const LookupKernel kLookupAvx512Vbmi;
const LookupKernel kLookupAvx512Vbmi = {{"lookup", {Isa::kAvx512, Isa::kVbmi}}, look_up};

}  // namespace saker
