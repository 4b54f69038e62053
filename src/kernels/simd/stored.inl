// How numbers in memory become floats in a Vec. Those of float32; of other types there are more before this is included
// (stored_*.h). Include after one vec_*.h, in kernel files only.
#pragma once

namespace saker {
namespace {

inline Vec load_stored(const float* p) {
  return Vec::load(p);
}
inline Vec load_stored_n(const float* p, int n) {
  return Vec::load_n(p, n);
}
inline void store_stored(Vec value, float* p) {
  value.store(p);
}
inline void store_stored_n(Vec value, float* p, int n) {
  value.store_n(p, n);
}

}  // namespace
}  // namespace saker
