// Plug-ins: shared objects that lie beside the library and are loaded when they are asked for. Each exports two
// functions: one gives the text of its ABI (base/plugin_abi.h), the other its object, which lives as long as the
// process.
#pragma once

#include <saker/result.h>

#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

struct PluginKind {
  std::string name;  // the file is saker_NAME.so
  std::string what;  // "the backend onnxruntime", for messages
  std::string installer;
  const char* abi_symbol;     // of a function const char*()
  const char* object_symbol;  // of a function Interface*()
  const char* abi;            // the text that the first must give
};

template <typename Interface>
struct LoadedPlugin {
  Interface* object = nullptr;
  std::string file;
  std::string version;  // of what the plug-in is made for, as object->version() says
};

// The shared object, or the program, that has this address. Empty: none, or not to be found.
std::string object_of(const void* address);

// $SAKER_BACKENDS if set, then beside the library (or the program it is part of): backends/ and ../lib/saker/backends/;
// for a library in lib/MACHINE/ lib/saker/backends/, too.
std::vector<std::string> plugin_folders();

struct PluginFile {
  std::string file;
  void (*object)();  // an Interface*()
};

// From the first folder that has it. Errors: kNotFound, with the installer; kInternal (a file that is not such a
// plug-in, or of another build).
Result<PluginFile> open_plugin(const PluginKind& kind, std::span<const std::string> folders);
Error broken_plugin(const PluginKind& kind, const std::string& file, std::string_view why);

// open_plugin(), and its object. What a library throws while it starts, or is asked for its version, ends here as
// kInternal. Loads it again at each call.
template <typename Interface>
Result<LoadedPlugin<Interface>> start_plugin(const PluginKind& kind, std::span<const std::string> folders) {
  auto opened = open_plugin(kind, folders);
  if (!opened.ok()) return opened.error();
  try {
    Interface* const object = reinterpret_cast<Interface* (*)()>(opened->object)();
    if (object == nullptr) return broken_plugin(kind, opened->file, "does not start");
    return LoadedPlugin<Interface>{object, opened->file, object->version()};
  } catch (const std::exception& e) {
    return broken_plugin(kind, opened->file, std::string("does not start: ") + e.what());
  } catch (...) {
    return broken_plugin(kind, opened->file, "does not start");
  }
}

}  // namespace saker
