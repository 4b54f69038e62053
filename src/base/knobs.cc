#include "base/knobs.h"

#include <cstdlib>

namespace saker {

const Knobs& knobs() {
  static const Knobs instance = [] {
    Knobs k;
    if (const char* isa = std::getenv("SAKER_ISA")) k.isa = isa;
    return k;
  }();
  return instance;
}

}  // namespace saker
