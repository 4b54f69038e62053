// What every subcommand offers to main(), and the exit codes.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace saker::cli {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;  // also when only some of the pictures failed
constexpr int kUsage = 2;

struct Command {
  const char* name;
  const char* what;   // one line for `saker --help`
  const char* usage;  // "saker detect MODEL SOURCE... [FLAGS]"
  // Adds the flags; calling the result after parsing runs the command and gives the exit code.
  std::function<int()> (*add)(CLI::App& app);
};

std::function<int()> add_detect(CLI::App& app);
std::function<int()> add_bench(CLI::App& app);
std::function<int()> add_inspect(CLI::App& app);
// "saker 0.1.0 (commit), avx512 on this CPU"
std::string version_line();

}  // namespace saker::cli
