// What every subcommand offers to main(), and the exit codes.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace saker::cli {

constexpr int kSuccess = 0;
constexpr int kFailure = 1;  // also when only some of the pictures failed
constexpr int kUsage = 2;

struct Command {
  const char* name;   // "detect", or two words: "data check"
  const char* what;   // one line for `saker --help`
  const char* usage;  // "saker detect MODEL SOURCE... [FLAGS]"
  // Adds the flags; calling the result after parsing runs the command and gives the exit code. Null: the command is a
  // program of its own.
  std::function<int()> (*add)(CLI::App& app);
};

// start_program.cc: the program saker-NAME in place of this one, with these words; found beside this one, in ../libexec/
// saker, or in PATH. Comes back, with an exit code, only if there is none or it cannot be started.
int start_program(const std::string& name, const std::vector<std::string>& words);

std::function<int()> add_annotate(CLI::App& app);
std::function<int()> add_detect(CLI::App& app);
std::function<int()> add_eval(CLI::App& app);
std::function<int()> add_export(CLI::App& app);
std::function<int()> add_bench(CLI::App& app);
std::function<int()> add_compare(CLI::App& app);
std::function<int()> add_memory(CLI::App& app);
std::function<int()> add_doctor(CLI::App& app);
std::function<int()> add_quantize(CLI::App& app);
std::function<int()> add_sparsify(CLI::App& app);
std::function<int()> add_inspect(CLI::App& app);
std::function<int()> add_backends(CLI::App& app);
std::function<int()> add_data_calib(CLI::App& app);
std::function<int()> add_data_check(CLI::App& app);
std::function<int()> add_data_classes(CLI::App& app);
std::function<int()> add_data_convert(CLI::App& app);
std::function<int()> add_data_sample(CLI::App& app);
std::function<int()> add_data_synth(CLI::App& app);
std::function<int()> add_pull(CLI::App& app);
std::function<int()> add_runs(CLI::App& app);
std::function<int()> add_tune(CLI::App& app);
int bench_child();  // answers `saker bench` until its input ends; the exit code
// "saker 0.1.0 (commit), avx512 on this CPU"
std::string version_line();

}  // namespace saker::cli
