// saker annotate: videos, cameras and pictures in, the same with boxes out.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "annotate/annotate_flags.h"
#include "annotate/annotate_run.h"
#include "annotate/sources.h"
#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "command.h"
#include "model/pt/facts.h"
#include "output.h"
#include "report.h"

namespace saker::cli {
namespace {

// "yolox-s" of "yolox_s" and "YOLOX-S".
std::string plain_name(const std::string& name) {
  std::string plain = lower_case(name);
  std::ranges::replace(plain, '_', '-');
  return plain;
}

// A checkpoint tells which network it is; other files do not.
Status check_name(const AnnotateFlags& flags) {
  if (flags.name.empty()) return {};
  const std::string extension = lower_extension(flags.model);
  std::string known;
  if (extension == ".pt" || extension == ".pth") {
    SAKER_ASSIGN(const FileBytes bytes, read_named_file(flags.model, ModelOptions{}.max_file_bytes));
    const auto facts = pt::checkpoint_facts(bytes);
    if (facts.ok()) known = facts->network;
  }
  if (known.empty()) {
    if (!flags.quiet) say(fmt::format("note: -n {}: {} is taken as it is", flags.name, flags.model));
  } else if (plain_name(known) != plain_name(flags.name)) {
    return Error{ErrorCode::kInvalid, fmt::format("-n {}: {} is {}", flags.name, flags.model, printable_name(known))};
  }
  return {};
}

bool uses_stdout(const AnnotateFlags& flags) {
  return flags.json == "-" || flags.jsonl == "-" || flags.mot == "-" || flags.events == "-";
}

Result<AnnotateRun> annotate(const AnnotateFlags& flags) {
  SAKER_TRY(check_model_path("annotate", flags.model));
  SAKER_ASSIGN(const Sources sources, sort_sources(flags.sources));
  SAKER_TRY(check_name(flags));
  return sources.videos.empty() ? annotate_pictures(flags, sources.pictures) : annotate_videos(flags, sources.videos);
}

int run_annotate(AnnotateFlags& flags) {
  if (const Status settled = settle(flags); !settled.ok()) return usage_error("annotate", settled.error().message);
  const auto run = annotate(flags);
  if (!run.ok()) return fail(run.error());
  if (!flags.quiet && !uses_stdout(flags)) {
    if (const Status shown = show(figures_text(*run)); !shown.ok()) return fail(shown.error());
  }
  if (!flags.json.empty()) {
    if (const Status written = write_output(flags.json, dump(figures_json(*run))); !written.ok())
      return fail(written.error());
  }
  // As shells tell of a program that a signal has ended.
  if (run->signal != 0) return 128 + run->signal;
  return run->trouble ? kFailure : kSuccess;
}

}  // namespace

Status check_outputs(const AnnotateFlags& flags, const std::vector<std::string>& read) {
  std::vector<std::string> sources = {flags.model, flags.labels, flags.allowed_classes_file, flags.tracker_file,
                                      flags.scene};
  sources.insert(sources.end(), read.begin(), read.end());
  std::vector<std::string> seen;
  for (const auto& [flag, path] : {std::pair("--json", flags.json), std::pair("--jsonl", flags.jsonl),
                                   std::pair("--mot", flags.mot), std::pair("--events", flags.events)}) {
    if (path.empty() || path == "-") continue;
    const auto same = [&path = path](const std::string& other) { return same_file(path, other); };
    if (path != "/dev/null" && std::ranges::any_of(sources, same))
      return Error{ErrorCode::kInvalid, fmt::format("{} would overwrite {}, which is read", flag, path)};
    if (std::ranges::find(seen, path) != seen.end())
      return Error{ErrorCode::kInvalid, fmt::format("{} names a file that another flag names: {}", flag, path)};
    seen.push_back(path);
    SAKER_TRY(check_output(flag, path));
  }
  return {};
}

std::function<int()> add_annotate(CLI::App& app) {
  auto flags = std::make_shared<AnnotateFlags>();
  add_annotate_flags(app, *flags);
  return [flags] { return run_annotate(*flags); };
}

}  // namespace saker::cli
