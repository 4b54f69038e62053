// Graph -> an archive of TorchScript, written without LibTorch: torch.jit.load and LibTorch 1.13 and later read it.
//
//   saker/data.pkl                  the module: its weights by name
//   saker/data/N                    their bytes
//   saker/code/__torch__/saker.py   class Net, whose forward() has a statement or more for each node
//   saker/extra/config.txt          metadata as Ultralytics has them
//   saker/constants.pkl, version, byteorder
//
// Layout of the archive: pytorch's torch/csrc/jit/docs/serialization.md.
#pragma once

#include <saker/result.h>

#include <string>

#include "graph/graph.h"

namespace saker::torchscript {

// The file's bytes, of a graph as the portable passes leave it. Several outputs are a tuple. Errors: kUnsupported names
// the node that torch cannot do; kLimit beyond 4 GB.
Result<std::string> export_model(const Graph& graph);

}  // namespace saker::torchscript
