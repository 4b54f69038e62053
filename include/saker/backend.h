// Backends: the engines that can run a model. "saker" is built in; the others are plug-ins, shared
// objects loaded the first time they are asked for (docs/how-to/backends.md).
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

namespace saker {

struct BackendInfo {
  std::string name;     // what ModelOptions::backend takes
  std::string formats;  // "ONNX, OpenVINO IR"
  bool installed = false;
  std::string version;  // of the engine's own library; empty if not installed
  std::string file;     // the plug-in; empty for the built-in engine
  std::string remedy;   // not installed: why, and how to get it
};

// Every backend this version knows of, the built-in one first. Loads the plug-ins that are there.
std::vector<BackendInfo> list_backends();

}  // namespace saker
