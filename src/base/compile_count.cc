#include "base/compile_count.h"

namespace saker {

std::atomic<std::int64_t>& compile_count() {
  static std::atomic<std::int64_t> count{0};
  return count;
}

}  // namespace saker
