#include "backends/trial.h"

#include <fmt/format.h>

#include <filesystem>

#include "backends/registry.h"
#include "base/process.h"
#include "base/try.h"

namespace saker {

namespace {

std::string ending_of(Process& process) {
  constexpr double kMoment = 2000;  // its output has ended, so it is about to
  const auto ending = process.wait(kMoment);
  return ending.ok() ? to_string(*ending) : "no answer";
}

}  // namespace

Status try_out(const std::string& name, const std::string& path, double timeout_ms) {
  SAKER_ASSIGN(const Plugin plugin, find_plugin(name));
  const std::filesystem::path folder = std::filesystem::path(plugin.file).parent_path();
  const std::string program = folder / "saker_trial";
  auto process = Process::start({program, folder, name, path});
  if (!process.ok()) {
    return Error{ErrorCode::kInternal,
                 fmt::format("{}\nscripts/install_backends.sh {} builds it anew", process.error().message, name)};
  }
  const auto answer = process->read_line(timeout_ms);
  if (answer.ok() && *answer == kSurvived) return {};
  const std::string how = answer.ok() ? "ended with " + ending_of(*process) : "gave " + answer.error().message;
  return Error{ErrorCode::kInvalid,
               fmt::format("{0} was tried on it in a process of its own, which {1}\n"
                           "`backend` {0} runs it all the same, in this process",
                           name, how),
               "backend"};
}

}  // namespace saker
