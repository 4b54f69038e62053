#include "base/plugin_file.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <link.h>

#include <cstring>
#include <filesystem>

#include "base/knobs.h"

namespace saker {
namespace {

std::string last_dl_error() {
  const char* text = dlerror();
  return text == nullptr ? "unknown reason" : text;
}

// Never unloaded: libraries leave threads and thread-local data behind.
Result<PluginFile> open_file(const PluginKind& kind, const std::string& file) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return broken_plugin(kind, file, "cannot be loaded: " + last_dl_error());
  auto* abi = reinterpret_cast<const char* (*)()>(dlsym(handle, kind.abi_symbol));
  auto* object = reinterpret_cast<void (*)()>(dlsym(handle, kind.object_symbol));
  if (abi == nullptr || object == nullptr) return broken_plugin(kind, file, "is not a plug-in of saker");
  if (const char* built = abi(); built == nullptr || std::strcmp(built, kind.abi) != 0) {
    return broken_plugin(kind, file,
                         fmt::format("is of another build ({}; this is {})", built ? built : "unknown", kind.abi));
  }
  return PluginFile{file, object};
}

}  // namespace

Error broken_plugin(const PluginKind& kind, const std::string& file, std::string_view why) {
  return {ErrorCode::kInternal, fmt::format("{}: {}\n{} builds it anew", file, why, kind.installer)};
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
    // libsaker.so in a folder for one machine's libraries, such as /usr/lib/x86_64-linux-gnu.
    if (here.parent_path().filename() == "lib") folders.push_back(here.parent_path() / "saker/backends");
  }
  return folders;
}

Result<PluginFile> open_plugin(const PluginKind& kind, std::span<const std::string> folders) {
  for (const std::string& folder : folders) {
    // Absolute: dlopen looks for a bare name in the system's folders.
    std::error_code error;
    const auto file = std::filesystem::absolute(std::filesystem::path(folder) / ("saker_" + kind.name + ".so"), error);
    if (!error && std::filesystem::exists(file, error)) return open_file(kind, file);
  }
  return Error{ErrorCode::kNotFound, fmt::format("{} is not installed: no saker_{}.so in {}\n{} installs it", kind.what,
                                                 kind.name, fmt::join(folders, " or "), kind.installer)};
}

}  // namespace saker
