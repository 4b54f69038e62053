// saker --version.
#include <fmt/format.h>

#include "base/cpu.h"
#include "command.h"

namespace saker::cli {

std::string version_text() {
  return SAKER_VERSION;
}

std::string commit_text() {
  return SAKER_COMMIT;
}

std::string version_line() {
  const std::string commit = commit_text();
  return fmt::format("saker {}{}; {} on {}", version_text(), commit.empty() ? "" : fmt::format(" ({})", commit),
                     isa_name(best_isa()), cpu_model_name());
}

}  // namespace saker::cli
