// A benchmark from its configurations to its report.
#include "measure/bench.h"

#include <iterator>
#include <set>

#include "base/version.h"
#include "measure/engine_process.h"

namespace saker {
namespace {

using Command = std::vector<std::string>;

void add_versions(const Command& command, double timeout_ms, std::map<std::string, std::string>& versions) {
  auto child = EngineProcess::start(command);
  if (!child.ok()) return;
  auto found = child->ask_for<std::map<std::string, std::string>>({{"backends", nlohmann::json::object()}}, timeout_ms);
  if (found.ok()) versions.merge(*found);
}

std::map<std::string, std::string> engine_versions(const std::vector<Measured>& results, const Command& command,
                                                   double timeout_ms) {
  std::map<std::string, std::string> versions = {{"saker", version()}};
  std::set<Command> commands;
  for (const Measured& each : results) {
    const Command& own = each.configuration.command;
    if (each.loaded_ok && each.loaded.backend != "saker") commands.insert(own.empty() ? command : own);
  }
  for (const Command& each : commands) add_versions(each, timeout_ms, versions);
  return versions;
}

}  // namespace

BenchReport run_bench(const std::vector<std::vector<Configuration>>& groups, const MeasureOptions& options,
                      const std::vector<std::string>& command, const BenchProgress& progress) {
  BenchReport report;
  report.machine = machine_json();
  report.options = options;
  std::size_t before = 0, all = 0;
  const std::size_t steps = static_cast<std::size_t>(effective_rounds(options)) + 1;  // of each: loading is one
  for (const auto& group : groups) all += group.size() * steps;
  for (const auto& group : groups) {
    auto results = measure(group, options, command, [&](std::size_t done) { progress.step(before + done, all); });
    before += group.size() * steps;
    progress.group(results);
    std::move(results.begin(), results.end(), std::back_inserter(report.results));
  }
  report.versions = engine_versions(report.results, command, options.timeout_ms);
  return report;
}

}  // namespace saker
