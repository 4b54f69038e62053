#include "serve/model_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/try.h"

namespace saker::serve {
namespace {
namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> kExtensions = {".onnx", ".xml",         ".pt",
                                                         ".pth",  ".torchscript", ".safetensors"};
constexpr std::size_t kLongestName = 128, kMostFiles = 10'000;
constexpr int kDeepest = 8;

bool is_model_file(const fs::path& path) {
  return std::ranges::find(kExtensions, lower_extension(path)) != kExtensions.end();
}

// Nothing: no version.
std::int64_t version_of(const std::string& name) {
  constexpr std::size_t kMostDigits = 18;
  if (name.empty() || name.size() > kMostDigits || name[0] == '0') return 0;
  if (name.find_first_not_of("0123456789") != std::string::npos) return 0;
  return parse_whole(name).value_or(0);
}

Status check_inside(const fs::path& root, const fs::path& path) {
  std::error_code error;
  const fs::path top = fs::canonical(root, error), real = error ? fs::path() : fs::canonical(path, error);
  if (error) return Error{ErrorCode::kIo, fmt::format("{}: {}", path.string(), error.message())};
  if (std::ranges::mismatch(top, real).in1 == top.end()) return {};
  return Error{ErrorCode::kInvalid, fmt::format("{}: the link leads out of the repository {}\nput the files themselves "
                                                "there",
                                                path.string(), root.string())};
}

Result<std::vector<fs::path>> entries_of(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (all.size() >= kMostFiles)
      return Error{ErrorCode::kLimit, fmt::format("{}: more than {} files", folder.string(), kMostFiles)};
    all.push_back(it->path());
  }
  if (error) {
    const bool missing = error == std::errc::no_such_file_or_directory;
    return Error{missing ? ErrorCode::kNotFound : ErrorCode::kIo,
                 fmt::format("{}: {}", folder.string(), missing ? "no such folder" : error.message())};
  }
  std::ranges::sort(all);
  return all;
}

void append_stamp(const fs::path& path, int depth, std::string& out) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || out.size() > (kMostFiles << 8)) return;
  out += fmt::format("{}:{}:{}:{}.{:09}\n", path.filename().string(), status.st_ino, status.st_size,
                     status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  if (!S_ISDIR(status.st_mode) || depth >= kDeepest) return;
  const auto inside = entries_of(path);
  if (!inside.ok()) return;
  for (const fs::path& entry : *inside) append_stamp(entry, depth + 1, out);
}

}  // namespace

bool is_model_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kLongestName && plain(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-' || c == '_' || c == '.'; });
}

Result<FolderNames> names_in(const fs::path& root) {
  SAKER_ASSIGN(const std::vector<fs::path> entries, entries_of(root));
  FolderNames names;
  for (const fs::path& entry : entries) {
    const std::string name = entry.filename().string();
    std::error_code ignored;
    if (name.starts_with('.') || !fs::is_directory(entry, ignored)) continue;
    if (!is_model_name(name)) {
      names.skipped.push_back(fmt::format("{}: no name of a model: letters, digits, '-', '_' and '.', at most {}",
                                          printable_name(name), kLongestName));
    } else if (const Status status = check_inside(root, entry); !status.ok()) {
      names.skipped.push_back(status.error().message);
    } else {
      names.models.push_back(name);
    }
  }
  return names;
}

Result<std::map<std::int64_t, fs::path>> versions_in(const fs::path& root, const fs::path& model) {
  SAKER_ASSIGN(const std::vector<fs::path> entries, entries_of(model));
  SAKER_TRY(check_inside(root, model));
  std::error_code ignored;
  std::map<std::int64_t, fs::path> versions;
  for (const fs::path& entry : entries) {
    const std::int64_t version = version_of(entry.filename().string());
    if (version == 0 || !fs::is_directory(entry, ignored)) continue;
    SAKER_TRY(check_inside(root, entry));
    versions[version] = entry;
  }
  return versions;
}

Result<std::string> config_in(const fs::path& root, const fs::path& model) {
  std::error_code ignored;
  const fs::path path = model / "config.yaml";
  if (!fs::exists(path, ignored)) return std::string();
  SAKER_TRY(check_inside(root, path));
  return path.string();
}

Result<std::string> model_in(const fs::path& root, const fs::path& version) {
  SAKER_ASSIGN(const std::vector<fs::path> entries, entries_of(version));
  std::vector<fs::path> named, others;
  for (const fs::path& entry : entries) {
    if (!is_model_file(entry)) continue;
    (entry.stem() == "model" ? named : others).push_back(entry);
  }
  const std::vector<fs::path>& found = named.empty() ? others : named;
  if (found.empty()) {
    return Error{ErrorCode::kNotFound, fmt::format("{}: there is no model in it: model.onnx, .xml, .pt, .pth, "
                                                   ".torchscript or .safetensors",
                                                   version.string())};
  }
  if (found.size() > 1) {
    return Error{ErrorCode::kInvalid, fmt::format("{}: {} and {} are there; a version is one model", version.string(),
                                                  found[0].filename().string(), found[1].filename().string())};
  }
  SAKER_TRY(check_inside(root, found[0]));
  return found[0].string();
}

std::string stamp_of(const fs::path& path) {
  std::string out;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return out;
  if (fs::is_directory(path, ignored)) {
    append_stamp(path, 0, out);
    return out;
  }
  const fs::path folder = path.parent_path().empty() ? "." : path.parent_path();
  append_stamp(path, 0, out);
  for (const std::string_view extension : {".bin", ".yaml", ".names"}) {
    fs::path beside = folder / path.stem();
    append_stamp(beside += extension, 0, out);
  }
  return out;
}

}  // namespace saker::serve
