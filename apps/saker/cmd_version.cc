// saker --version.
#include <fmt/format.h>

#include "base/cpu.h"
#include "base/version.h"
#include "command.h"

namespace saker::cli {

std::string version_line() {
  const std::string built = commit();
  return fmt::format("saker {}{}; {} on {}", version(), built.empty() ? "" : fmt::format(" ({})", built),
                     isa_name(best_isa()), cpu_model_name());
}

}  // namespace saker::cli
