// saker runs: trainings side by side.
#include <memory>

#include "base/files.h"
#include "base/try.h"
#include "command.h"
#include "flags.h"
#include "output.h"
#include "report.h"
#include "runs/compare.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker runs runs/detect                        all runs in the folder\n"
    "  saker runs exp exp2 ../theirs/train3\n"
    "  saker runs runs/train --out runs.html         curves over each other, on one page\n"
    "  saker runs exp exp2 --json\n"
    "\n"
    "Reads the results.csv of Ultralytics, YOLOv5 and saker, and args.yaml or opt.yaml beside it.";

struct RunsFlags {
  std::vector<std::string> folders;
  std::string out, json;
};

Status write_page(const RunsFlags& flags, const Document& document) {
  SAKER_ASSIGN(const std::string html, as_html(document));
  return write_output(flags.out, html);
}

int run_runs(const RunsFlags& flags) {
  if (auto status = check_json(flags.json); !status.ok()) return usage_error("runs", status.error().message);
  if (flags.out == "-" && flags.json == "-") return usage_error("runs", "--out and --json both go to stdout");
  for (const auto& [flag, path] : {std::pair("--out", flags.out), std::pair("--json", flags.json)}) {
    if (path.empty()) continue;
    if (auto status = check_output(flag, path); !status.ok()) return fail(status.error());
  }
  const auto runs = runs::find_runs(flags.folders);
  if (!runs.ok()) return fail(runs.error());
  for (const runs::TrainingRun& run : *runs) {
    const std::string file = run.folder + "/results.csv";
    if (same_file(flags.out, file)) return usage_error("runs", "--out would overwrite " + file);
  }
  const Document document = runs::compare_runs(*runs, !flags.out.empty());
  Status status;
  if (!flags.out.empty()) status = write_page(flags, document);
  if (status.ok() && !flags.json.empty()) status = write_output(flags.json, dump(runs::comparison_json(*runs)));
  if (status.ok() && flags.out != "-" && flags.json != "-") status = show(as_text(document));
  return status.ok() ? kSuccess : fail(status.error());
}

}  // namespace

std::function<int()> add_runs(CLI::App& app) {
  auto flags = std::make_shared<RunsFlags>();
  app.add_option("DIR", flags->folders, "the folder of a run, or one with several")->option_text(" ")->required();
  add_value(app, "--out", "FILE", flags->out, "one HTML page with the curves and the tables");
  add_json(app, flags->json);
  app.footer(kExamples);
  return [flags] { return run_runs(*flags); };
}

}  // namespace saker::cli
