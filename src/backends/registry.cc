// The engines this version knows of, where their plug-ins are looked for, and how they are loaded.
#include "backends/registry.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <link.h>

#include <array>
#include <cstring>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>

#include "backends/abi.h"
#include "base/knobs.h"
#include "base/try.h"
#include "base/version.h"

namespace saker {
namespace {

constexpr std::array kOnnxRuntimeFiles = {".onnx"};
constexpr std::array kOpenVinoFiles = {".xml", ".onnx"};
constexpr std::array kTorchScriptFiles = {".torchscript", ".pt", ".ts"};

constexpr std::array kKnown = {
    KnownBackend{"onnxruntime", "ONNX", kOnnxRuntimeFiles},
    KnownBackend{"openvino", "OpenVINO IR, ONNX", kOpenVinoFiles},
    KnownBackend{"torchscript", "TorchScript", kTorchScriptFiles},
};

const KnownBackend* find_known(std::string_view name) {
  for (const KnownBackend& known : kKnown) {
    if (name == known.name) return &known;
  }
  return nullptr;
}

std::string installer(std::string_view name) {
  return fmt::format("scripts/install_backends.sh {}", name);
}

Error broken(const std::string& name, const std::string& file, std::string_view why) {
  return {ErrorCode::kInternal, fmt::format("{}: {}\n{} builds it anew", file, why, installer(name))};
}

std::string last_dl_error() {
  const char* text = dlerror();
  return text == nullptr ? "unknown reason" : text;
}

template <typename Function>
Function* symbol(void* handle, const char* name) {
  return reinterpret_cast<Function*>(dlsym(handle, name));
}

// What an engine throws while it starts, or is asked for its version, ends here.
Result<Plugin> start(const std::string& name, const std::string& file, SakerBackendGet* get) {
  try {
    Backend* const backend = get();
    if (backend == nullptr) return broken(name, file, "the engine does not start");
    return Plugin{backend, file, backend->version()};
  } catch (const std::exception& e) {
    return broken(name, file, fmt::format("the engine does not start: {}", e.what()));
  } catch (...) {
    return broken(name, file, "the engine does not start");
  }
}

// Never unloaded: engines leave threads and thread-local data behind.
Result<Plugin> open_plugin(const std::string& name, const std::string& file) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return broken(name, file, "cannot be loaded: " + last_dl_error());
  auto* abi = symbol<SakerBackendAbi>(handle, "saker_backend_abi");
  auto* get = symbol<SakerBackendGet>(handle, "saker_backend");
  if (abi == nullptr || get == nullptr) return broken(name, file, "is not a plug-in of saker");
  if (const char* built = abi(); built == nullptr || std::strcmp(built, kPluginAbi) != 0) {
    return broken(name, file,
                  fmt::format("is of another build ({}; this is {})", built ? built : "unknown", kPluginAbi));
  }
  return start(name, file, get);
}

class Registry {
 public:
  static Registry& instance() {
    static auto* const registry = new Registry;  // never destroyed: the engines' threads may outlive main()
    return *registry;
  }

  Result<Plugin> find(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (const auto found = loaded_.find(name); found != loaded_.end()) return found->second;
    SAKER_ASSIGN(Plugin plugin, load_plugin(name, plugin_folders()));
    return loaded_[name] = std::move(plugin);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Plugin> loaded_;
};

}  // namespace

std::span<const KnownBackend> known_backends() {
  return kKnown;
}

std::string object_of(const void* address) {
  Dl_info info{};
  link_map* map = nullptr;
  if (dladdr1(address, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0 || map == nullptr) return "";
  std::error_code error;
  // The program itself has no name there, and no longer its own in argv.
  const bool program = map->l_name == nullptr || map->l_name[0] == '\0';
  const std::filesystem::path file =
      program ? std::filesystem::read_symlink("/proc/self/exe", error) : std::filesystem::canonical(map->l_name, error);
  return error ? "" : file.string();
}

std::vector<std::string> plugin_folders() {
  std::vector<std::string> folders;
  if (!knobs().backends.empty()) folders.push_back(knobs().backends);
  const std::filesystem::path ours = object_of(reinterpret_cast<const void*>(&plugin_folders));
  if (!ours.empty()) {
    const std::filesystem::path here = ours.parent_path();
    folders.push_back(here / "backends");
    folders.push_back(here.parent_path() / "lib/saker/backends");
  }
  return folders;
}

Result<Plugin> load_plugin(const std::string& name, std::span<const std::string> folders) {
  for (const std::string& folder : folders) {
    // Absolute: dlopen looks for a bare name in the system's folders.
    std::error_code error;
    const auto file = std::filesystem::absolute(std::filesystem::path(folder) / ("saker_" + name + ".so"), error);
    if (!error && std::filesystem::exists(file, error)) return open_plugin(name, file);
  }
  return Error{ErrorCode::kNotFound,
               fmt::format("the backend {} is not installed: no saker_{}.so in {}\n{} installs it", name, name,
                           fmt::join(folders, " or "), installer(name))};
}

Result<Plugin> find_plugin(std::string_view name) {
  if (find_known(name) == nullptr) {
    std::string names = "saker";
    for (const KnownBackend& known : kKnown) names += fmt::format(", {}", known.name);
    return Error{ErrorCode::kNotFound, fmt::format("no backend '{}': there are {}", name, names)};
  }
  return Registry::instance().find(std::string(name));
}

Result<Backend*> find_backend(std::string_view name) {
  SAKER_ASSIGN(const Plugin plugin, find_plugin(name));
  return plugin.backend;
}

std::vector<BackendInfo> list_backends() {
  std::vector<BackendInfo> all = {{"saker", "ONNX, OpenVINO IR, .pt", true, version(), "", ""}};
  for (const KnownBackend& known : kKnown) {
    BackendInfo info;
    info.name = known.name;
    info.formats = known.formats;
    if (const auto plugin = Registry::instance().find(known.name); plugin.ok()) {
      info.installed = true;
      info.version = plugin->version;
      info.file = plugin->file;
    } else {
      info.remedy = plugin.error().message;
    }
    all.push_back(std::move(info));
  }
  return all;
}

}  // namespace saker
