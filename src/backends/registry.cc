// The engines this version knows of, and how their plug-ins are loaded.
#include "backends/registry.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <mutex>

#include "backends/abi.h"
#include "base/plugin_file.h"
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

Result<Plugin> load_plugin(const std::string& name, std::span<const std::string> folders) {
  const PluginKind kind{
      name,      "the backend " + name, "scripts/install_backends.sh " + name, "saker_backend_abi", "saker_backend",
      kPluginAbi};
  SAKER_ASSIGN(const LoadedPlugin<Backend> plugin, start_plugin<Backend>(kind, folders));
  return Plugin{plugin.object, plugin.file, plugin.version};
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
