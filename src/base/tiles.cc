#include "base/tiles.h"

#include "base/cpu.h"
#if defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace saker {
namespace {

bool ask() {
#if defined(__x86_64__)
  // Linux 5.16; Documentation/arch/x86/xstate.rst.
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace

bool tiles_permitted() {
  static const bool permitted = (best_isa().has(Isa::kAmxInt8) || best_isa().has(Isa::kAmxBf16)) && ask();
  return permitted;
}

}  // namespace saker
