// saker_trial FOLDER NAME FILE: the engine of FOLDER/saker_NAME.so loads, compiles and runs a file once. Says that it
// has survived, errors or not: those are told to whoever loads the file next (trial.h).
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "backends/assumed_extent.h"
#include "backends/registry.h"
#include "backends/trial.h"
#include "base/try.h"

namespace saker {
namespace {

Shape assumed_shape(const TensorInfo& input) {
  Shape shape = input.has_shape ? input.shape : Shape(4, -1);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] < 0) shape[axis] = assumed_extent(shape.size(), axis);
  }
  return shape;
}

Status run_once(const std::string& folder, const std::string& name, const std::string& file) {
  SAKER_ASSIGN(const Plugin plugin, load_plugin(name, std::array{folder}));
  SAKER_ASSIGN(const auto model, plugin.backend->load(file));
  SAKER_ASSIGN(const ModelDescription description, model->describe());
  SessionOptions options;
  for (const TensorInfo& input : description.inputs) options.input_shapes.push_back(assumed_shape(input));
  SAKER_ASSIGN(const auto session, model->compile(options));
  return session->run();  // the inputs are zeros
}

}  // namespace
}  // namespace saker

int main(int argc, char** argv) {
  constexpr int kUsage = 2;
  if (argc != 4) return kUsage;
  const rlimit no_core = {0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  // Engines may write to stdout; that goes to stderr, and stdout is ours alone.
  const int answer = ::dup(STDOUT_FILENO);
  if (answer < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return EXIT_FAILURE;
  (void)saker::run_once(argv[1], argv[2], argv[3]);
  const bool told = ::dprintf(answer, "%s\n", saker::kSurvived) > 0;
  std::_Exit(told ? EXIT_SUCCESS : EXIT_FAILURE);  // what engines do at exit is not what is tried
}
