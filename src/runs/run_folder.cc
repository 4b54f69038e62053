#include "runs/run_folder.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <system_error>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "report/json.h"

namespace saker::runs {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRuns = 100'000;  // of one name

Error cannot_make(const fs::path& folder, const std::string& why) {
  return {ErrorCode::kIo, fmt::format("{}: cannot make the folder of the run: {}", folder.string(), why)};
}

// Whether `key: text` gives this text, a list, or what has another type: numbers, true, null.
bool reads_as_it_is(const std::string& text) {
  if (text.empty() || printable_line(text) != text) return false;
  try {
    const YAML::Node root = YAML::Load("key: " + text);
    if (!root.IsMap() || root.size() != 1) return false;
    const YAML::Node value = root["key"];
    if (value.IsSequence()) return text.front() == '[' && text.back() == ']';
    if (value.IsNull()) return text == "null" || text == "~";
    return value.IsScalar() && (value.Scalar() == text || value.Tag() == "!");  // "!": quoted already
  } catch (const YAML::Exception&) {
    return false;
  }
}

}  // namespace

std::string yaml_value(const std::string& text) {
  if (reads_as_it_is(text)) return text;
  // A text of JSON is one of YAML.
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::string> make_run_folder(const std::string& project, const std::string& name, bool exist_ok) {
  if (name.empty()) return Error{ErrorCode::kInvalid, "a run needs a name"};
  const fs::path first = fs::path(project) / name;
  std::error_code error;
  if (first.has_parent_path()) fs::create_directories(first.parent_path(), error);
  if (error) return cannot_make(first, error.message());
  for (int n = 1; n <= kMostRuns; ++n) {
    const fs::path folder = n == 1 ? first : fs::path(fmt::format("{}{}", first.string(), n));
    // Of two that ask for the same name only one gets it.
    if (fs::create_directory(folder, error)) return folder.string();
    if (error && error != std::errc::file_exists) return cannot_make(folder, error.message());
    if (!exist_ok) continue;
    if (!fs::is_directory(folder, error)) return cannot_make(folder, "a file of that name exists");
    SAKER_TRY(make_folder(folder.string()));
    return folder.string();
  }
  return cannot_make(first, fmt::format("there are {} of that name", kMostRuns));
}

Status write_args(const std::string& folder, const std::vector<std::pair<std::string, std::string>>& args) {
  std::string text;
  for (const auto& [key, value] : args) text += fmt::format("{}: {}\n", key, yaml_value(value));
  return write_file((fs::path(folder) / "args.yaml").string(), text);
}

}  // namespace saker::runs
