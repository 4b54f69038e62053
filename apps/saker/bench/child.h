// `saker bench-child`: the process that loads one engine and measures it; not for people.
#pragma once

namespace saker::cli {

// Answers requests (protocol.h) until its input ends; the exit code.
int bench_child();

}  // namespace saker::cli
