// The 8-bit dot product where there is no instruction for it: as 16-bit products, which cannot overflow as those of
// vpmaddubsw do. Include after one vec_*.h and WordOps, which has the operations on 16-bit lanes of a Vec.
#pragma once

namespace saker {
namespace {

// sum + x[0]w[0] + x[1]w[1] + x[2]w[2] + x[3]w[3] in each 32-bit lane: x bytes without, w with sign.
inline Vec multiply_add(Vec x, Vec weight, Vec sum) {
  const auto xi = WordOps::bits(x), wi = WordOps::bits(weight);
  const auto even = WordOps::multiply_pairs(WordOps::low_bytes(xi), WordOps::shift_right(WordOps::shift_left(wi)));
  const auto odd = WordOps::multiply_pairs(WordOps::high_bytes(xi), WordOps::shift_right(wi));
  return WordOps::add(sum, even, odd);
}

}  // namespace
}  // namespace saker
