#include "base/version.h"

namespace saker {

const char* version() {
  return SAKER_VERSION;
}

const char* commit() {
  return SAKER_COMMIT;
}

}  // namespace saker
