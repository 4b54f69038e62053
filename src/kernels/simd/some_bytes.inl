// Bytes that are no whole vector, where no instruction moves them. Include after one vec_*.h, in kernel files only.
#pragma once

#include <cstring>

namespace saker {
namespace {

inline Vec load_some(const void* p, std::int64_t bytes) {
  Vec v = Vec::broadcast(0);
  std::memcpy(&v, p, static_cast<std::size_t>(bytes));
  return v;
}
inline void store_some(Vec v, void* p, std::int64_t bytes) {
  std::memcpy(p, &v, static_cast<std::size_t>(bytes));
}

}  // namespace
}  // namespace saker
