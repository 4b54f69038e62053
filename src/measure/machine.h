// The machine a benchmark ran on: what somebody needs to know before comparing the figures with others.
#pragma once

#include <string>
#include <vector>

#include "report/json.h"

namespace saker {

// Keys in order; null for what cannot be read (a container, another operating system). `root` is put before
// /proc, /sys and /etc, for tests.
Json machine_json(const std::string& root = "");

// "Intel Xeon ..., 2 cores, governor performance, ..."
std::string machine_line(const Json& machine);

// What makes figures doubtful: a busy machine, a power-saving governor, a container that may use less than `threads`.
std::vector<std::string> machine_warnings(const Json& machine, int threads);

}  // namespace saker
