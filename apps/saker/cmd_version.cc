// saker --version.
#include <fmt/format.h>

#include <string_view>

#include "base/cpu.h"
#include "command.h"

namespace saker::cli {

std::string version_line() {
  constexpr std::string_view kCommit = SAKER_COMMIT;
  return fmt::format("saker {}{}; {} on {}", SAKER_VERSION, kCommit.empty() ? "" : fmt::format(" ({})", kCommit),
                     isa_name(best_isa()), cpu_model_name());
}

}  // namespace saker::cli
