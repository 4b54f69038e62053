#include <immintrin.h>

#include "kernels/lookup/lookup.h"

namespace saker {
namespace {

// vpshufb looks up 16 entries by the low four bits, and gives 0 where the index has bit 7: index - 16 * k with unsigned
// saturation below, and + 0x70 with signed saturation above, hits only the k-th 16.
inline __m256i look_up_32(const __m256i* parts, __m256i index) {
  __m256i result = _mm256_setzero_si256();
#pragma GCC unroll 16
  for (int k = 0; k < 16; ++k) {
    const __m256i shifted = _mm256_sub_epi8(index, _mm256_set1_epi8(static_cast<char>(16 * k)));
    const __m256i own = _mm256_adds_epu8(shifted, _mm256_set1_epi8(0x70));
    result = _mm256_or_si256(result, _mm256_shuffle_epi8(_mm256_load_si256(parts + k), own));
  }
  return result;
}

void look_up(const std::uint8_t* table, std::uint8_t* bytes, std::int64_t count) {
  alignas(32) __m256i parts[16];
  for (int k = 0; k < 16; ++k)
    parts[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * k)));
  for (; count >= 32; count -= 32, bytes += 32) {
    auto* at = reinterpret_cast<__m256i*>(bytes);
    _mm256_storeu_si256(at, look_up_32(parts, _mm256_loadu_si256(at)));
  }
  for (; count > 0; --count, ++bytes) *bytes = table[*bytes];
}

}  // namespace

extern const LookupKernel kLookupAvx2;
const LookupKernel kLookupAvx2 = {{"lookup", Isa::kAvx2}, look_up};

}  // namespace saker
