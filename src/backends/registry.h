// Finds plug-ins and loads them when asked for. The table of known engines is in registry.cc.
#pragma once

#include <saker/backend.h>

#include <span>
#include <string>
#include <string_view>

#include "backends/backend.h"

namespace saker {

// An engine outside the library.
struct KnownBackend {
  const char* name;                         // "onnxruntime"
  const char* formats;                      // for people
  std::span<const char* const> extensions;  // of the files it takes: ".onnx", ".xml"
};

// In the order in which "auto" tries them.
std::span<const KnownBackend> known_backends();

struct Plugin {
  Backend* backend = nullptr;
  std::string file;
  std::string version;  // of the engine
};

// Loads the plug-in at the first call; thread-safe. Errors: kNotFound (unknown name, with those there are; not
// installed, with the remedy), kInternal (a file that is not such a plug-in, or of another build).
Result<Plugin> find_plugin(std::string_view name);
Result<Backend*> find_backend(std::string_view name);

// Of find_plugin, for tests: from the first folder that has saker_NAME.so. Loads it again at each call.
Result<Plugin> load_plugin(const std::string& name, std::span<const std::string> folders);

}  // namespace saker
