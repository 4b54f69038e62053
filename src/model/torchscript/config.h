// extra/config.txt: the metadata as Ultralytics' exports and its readers have them, an object of JSON.
#pragma once

#include <string>

#include "graph/graph.h"

namespace saker::torchscript {

// "shape" of the first input, -1 where it is open, and the graph's metadata: numbers and lists of whole numbers as
// such, "names" as an object, the rest as texts.
std::string config_text(const Graph& graph);

}  // namespace saker::torchscript
