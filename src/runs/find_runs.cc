#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/files.h"
#include "base/try.h"
#include "runs/compare.h"
#include "runs/results.h"

namespace saker::runs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostRuns = 1000;
constexpr std::size_t kMostNumbers = 20'000'000;  // of all runs: 160 MB
constexpr std::size_t kMaxArgsBytes = std::size_t{1} << 20;
constexpr std::size_t kMostArgs = 1000;

// A scalar, or a list in brackets as it would be written.
std::string text_of(const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  if (!node.IsSequence()) return node.IsNull() ? "null" : "{...}";
  std::string list;
  for (const YAML::Node& entry : node) {
    list += (list.empty() ? "" : ", ") + (entry.IsScalar() ? entry.Scalar() : std::string("..."));
  }
  return "[" + list + "]";
}

void add_args(const YAML::Node& map, bool inner, Args& args) {
  for (const auto& entry : map) {
    if (args.size() == kMostArgs) return;
    if (!entry.first.IsScalar()) continue;
    if (entry.second.IsMap() && !inner) {
      add_args(entry.second, true, args);
    } else {
      args.emplace_back(entry.first.Scalar(), text_of(entry.second));
    }
  }
}

bool is_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / kResultsFile, ignored);
}

// The folders of runs in `folder`, by name.
Result<std::vector<fs::path>> inner_runs(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!is_run(entry->path())) continue;
    if (found.size() == kMostRuns)
      return Error{ErrorCode::kLimit, fmt::format("{}: more than {} runs", folder.string(), kMostRuns)};
    found.push_back(entry->path());
  }
  if (error) return Error{ErrorCode::kIo, fmt::format("{}: cannot read: {}", folder.string(), error.message())};
  if (found.empty())
    return Error{ErrorCode::kNotFound, fmt::format("{}: no run: there is no {} in it or in the folders in it",
                                                   folder.string(), kResultsFile)};
  std::ranges::sort(found);
  return found;
}

Result<std::vector<fs::path>> folders_of(const std::string& path) {
  const fs::path given(path);
  std::error_code error;
  if (!fs::exists(given, error))
    return Error{ErrorCode::kNotFound,
                 fmt::format("{}: no such file or folder: name the folder of a run, or of several", path)};
  if (fs::is_directory(given, error)) return is_run(given) ? std::vector<fs::path>{given} : inner_runs(given);
  if (given.filename() == kResultsFile) return std::vector<fs::path>{given.parent_path()};
  return Error{ErrorCode::kInvalid, fmt::format("{}: neither a folder nor a {}", path, kResultsFile)};
}

Result<TrainingRun> read_run(const fs::path& folder) {
  TrainingRun run;
  run.folder = folder.empty() ? "." : folder.string();
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(run.folder, error);
  run.name = error ? run.folder : whole.filename().string();
  SAKER_ASSIGN(run.results, read_results((folder / kResultsFile).string()));
  for (const char* name : {"args.yaml", "opt.yaml"}) {
    if (!fs::exists(folder / name, error)) continue;
    SAKER_ASSIGN(run.args, read_args((folder / name).string()));
    break;
  }
  return run;
}

void tell_apart(std::vector<TrainingRun>& runs) {
  std::vector<std::string> names;
  for (const TrainingRun& run : runs) names.push_back(run.name);
  for (TrainingRun& run : runs) {
    if (std::ranges::count(names, run.name) > 1) run.name = run.folder;
  }
}

}  // namespace

Result<Args> read_args(const std::string& path) {
  SAKER_ASSIGN(const FileBytes bytes, read_file(path, kMaxArgsBytes));
  Args args;
  try {
    const YAML::Node root = YAML::Load(std::string(reinterpret_cast<const char*>(bytes.data.get()), bytes.size));
    if (!root.IsMap()) return Error{ErrorCode::kInvalid, path + ": not a map of arguments"};
    add_args(root, false, args);
  } catch (const YAML::Exception& problem) {
    return Error{ErrorCode::kInvalid, fmt::format("{}: {}", path, problem.what())};
  }
  return args;
}

Result<std::vector<TrainingRun>> find_runs(const std::vector<std::string>& paths) {
  std::vector<TrainingRun> runs;
  std::size_t numbers = 0;
  for (const std::string& path : paths) {
    SAKER_ASSIGN(const std::vector<fs::path> folders, folders_of(path));
    for (const fs::path& folder : folders) {
      if (runs.size() == kMostRuns) return Error{ErrorCode::kLimit, fmt::format("more than {} runs", kMostRuns)};
      SAKER_ASSIGN(TrainingRun run, read_run(folder));
      numbers += run.results.rows.size() * run.results.columns.size();
      if (numbers > kMostNumbers)
        return Error{ErrorCode::kLimit, fmt::format("{}: together with the runs before it more than {} numbers",
                                                    run.folder, kMostNumbers)};
      runs.push_back(std::move(run));
    }
  }
  tell_apart(runs);
  return runs;
}

}  // namespace saker::runs
