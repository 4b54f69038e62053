// `saker bench-child`: the process that `saker bench` starts for each configuration; not for people.
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "command.h"
#include "measure/child.h"

namespace saker::cli {

int bench_child() {
  // Some engines' libraries write to stdout; that goes to stderr, and stdout is ours alone.
  std::FILE* out = ::fdopen(::dup(STDOUT_FILENO), "w");
  if (out == nullptr || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return kFailure;
  return answer_requests(std::cin, out) ? kSuccess : kFailure;
}

}  // namespace saker::cli
