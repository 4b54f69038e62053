// What the command says on stderr, and checks of paths that end in a clear message.
#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/files.h"
#include "base/nearest.h"
#include "base/text.h"
#include "model/read.h"
#include "output.h"

namespace saker::cli {
namespace fs = std::filesystem;
namespace {

// The library's options that errors name, and the flags that set them.
constexpr auto kFlags = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"anchors", "--anchors"},
    {"backend", "--backend"},
    {"batch", "--batch"},
    {"conf", "--conf"},
    {"crowd_as_object", "--crowd-as-object"},
    {"dynamic", "--dynamic"},
    {"eval", "--eval"},
    {"half", "--half"},
    {"head", "--head"},
    {"images", "--images"},
    {"inputs", "--input"},
    {"labels", "--labels"},
    {"max_drop", "--max-drop"},
    {"max_pixels", "--max-pixels"},
    {"name", "--name"},
    {"observer", "--observer"},
    {"out", "--out"},
    {"replace", "--force"},
    {"sha256", "--sha256"},
    {"shape", "--shape"},
    {"size", "--imgsz"},
    {"skip_bad", "--skip-bad"},
    {"timeout", "--timeout"},
});

std::vector<std::string> onnx_files(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (fs::directory_iterator it(folder, ignored), end; it != end; it.increment(ignored)) {
    if (it->path().extension() == ".onnx") names.push_back(it->path().filename().string());
    if (names.size() >= 1000) break;
  }
  return names;
}

Error no_such_model(const std::string& command, const fs::path& model) {
  const fs::path folder = model.parent_path().empty() ? "." : model.parent_path();
  std::string text = fmt::format("{}: no such file", model.string());
  const auto similar = nearest(model.filename().string(), onnx_files(folder));
  if (similar) {
    const fs::path path = model.parent_path() / *similar;
    text += fmt::format("\ndid you mean {0}?  saker {1} {0} ...", path.string(), command);
  }
  return {ErrorCode::kNotFound, text};
}

Error folder_as_model(const std::string& command, const fs::path& model) {
  std::string text =
      fmt::format("{}: is a folder; a model is one .onnx file, or a folder with one .xml", model.string());
  const auto names = onnx_files(model);
  if (!names.empty()) text += fmt::format("\ntry: saker {} {} ...", command, (model / names[0]).string());
  return {ErrorCode::kInvalid, text};
}

}  // namespace

void say(std::string_view message) {
  std::string text = "saker: ";
  for (const char c : printable(message)) {
    text.push_back(c);
    if (c == '\n') text += "       ";
  }
  text.push_back('\n');
  std::fflush(stdout);  // what was printed before comes first when both go to one file
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string in_flags(std::string_view text, std::string_view setting) {
  const auto found = std::ranges::find(kFlags, setting, &std::pair<std::string_view, std::string_view>::first);
  std::string out(text);
  if (found == kFlags.end()) return out;
  const std::string named = fmt::format("`{}`", setting);
  for (std::size_t at = 0; (at = out.find(named, at)) != std::string::npos; at += found->second.size()) {
    out.replace(at, named.size(), found->second);
  }
  return out;
}

std::string in_flags(const Error& error) {
  return in_flags(error.message, error.setting);
}

int fail(const Error& error) {
  say(in_flags(error));
  return 1;
}

int usage_error(std::string_view command, std::string_view message) {
  say(fmt::format("{}\nsaker {}{}--help lists the flags", message, command, command.empty() ? "" : " "));
  return 2;
}

Status check_model_path(const std::string& command, const std::string& model) {
  std::error_code ignored;
  const fs::file_status status = fs::status(model, ignored);
  if (status.type() == fs::file_type::not_found) return no_such_model(command, model);
  if (fs::is_directory(status)) {
    const auto file = model_file(model);
    if (file.ok() || file.error().code != ErrorCode::kNotFound) return file.ok() ? Status() : file.error();
    return folder_as_model(command, model);
  }
  return {};
}

Status check_folder(const std::string& flag, const std::string& folder) {
  const Status made = make_folder(folder);
  if (!made.ok()) return made.error().with_context(flag);
  return {};
}

Status check_output(const std::string& flag, const std::string& path) {
  if (path == "-" || is_special(path)) return {};
  auto writable = check_writable(path);
  if (writable.ok()) return {};
  Error error = writable.error().with_context(flag);
  const fs::path folder = fs::path(path).parent_path();
  std::error_code ignored;
  if (!folder.empty() && !fs::exists(folder, ignored)) error.message += "\ntry: mkdir -p " + folder.string();
  return error;
}

}  // namespace saker::cli
