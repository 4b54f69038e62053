// saker data check: all that is wrong with a dataset.
#include <fmt/format.h>

#include <memory>

#include "base/plural.h"
#include "base/text.h"
#include "command.h"
#include "data/check.h"
#include "data_flags.h"
#include "facts.h"
#include "output.h"
#include "progress.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker data check instances_val2017.json --images val2017\n"
    "  saker data check data.yaml --split train --decode\n"
    "  saker data check voc/ --json report.json\n"
    "\n"
    "Exit code: 0 nothing, or warnings only; 1 errors: training or evaluation would fail, or be wrong.";

struct CheckFlags {
  DataFlags data;
  std::string json;
  std::size_t limit = 20;
  bool all = false, decode = false;
};

std::string summary(const CheckFlags& flags, const CheckReport& report) {
  std::string text =
      fmt::format("{}: {}, {}", flags.data.data, counted(report.pictures, "picture"), counted(report.boxes, "box"));
  if (report.crowds > 0) text += fmt::format(" ({} of them crowds)", report.crowds);
  text += fmt::format(", {}\n", counted(report.classes.size(), "class"));
  if (report.empty_pictures > 0) text += counted(report.empty_pictures, "picture") + " without boxes\n";
  return text;
}

// The findings of one problem, which begin at `first`.
std::string problem_text(const CheckFlags& flags, const CheckReport& report, std::size_t problem, std::size_t first) {
  const ProblemInfo& info = problem_info(static_cast<Problem>(problem));
  const std::size_t count = report.counts[problem];
  std::string text = fmt::format("\n{} {} ({}): {}\n", info.error ? "error" : "warning", info.name, count, info.what);
  std::size_t shown = 0;
  for (std::size_t i = first; i < report.findings.size(); ++i) {
    if (static_cast<std::size_t>(report.findings[i].problem) != problem) break;
    if (!flags.all && shown == flags.limit) break;
    text += "  " + printable_line(in_flags(report.findings[i].text, report.findings[i].setting)) + "\n";
    ++shown;
  }
  if (shown < count) text += fmt::format("  and {} more{}\n", count - shown, flags.all ? "" : " (--all lists them)");
  return text;
}

std::string class_table(const CheckReport& report) {
  std::size_t width = 5;
  for (const ClassCount& each : report.classes) width = std::max(width, each.name.size());
  std::string text =
      fmt::format("\n{:<{}}  {:>8}  {:>8}  {:>8}  {:>8}\n", "class", width, "id", "boxes", "pictures", "crowds");
  for (const ClassCount& each : report.classes) {
    text += fmt::format("{:<{}}  {:>8}  {:>8}  {:>8}  {:>8}\n", each.name, width, each.id, each.boxes, each.pictures,
                        each.crowds);
  }
  return text;
}

std::string report_text(const CheckFlags& flags, const CheckReport& report) {
  std::string text = summary(flags, report) + class_table(report);
  std::size_t first = 0;
  for (std::size_t problem = 0; problem < kProblems; ++problem) {
    if (report.counts[problem] == 0) continue;
    while (first < report.findings.size() && static_cast<std::size_t>(report.findings[first].problem) < problem)
      ++first;
    text += problem_text(flags, report, problem, first);
  }
  return text + fmt::format("\n{}, {}\n", counted(report.errors(), "error"), counted(report.warnings(), "warning"));
}

Json report_json(const CheckFlags& flags, const CheckReport& report) {
  Json json = {
      {"data", flags.data.data},       {"pictures", report.pictures}, {"pictures_without_boxes", report.empty_pictures},
      {"boxes", report.boxes},         {"crowds", report.crowds},     {"errors", report.errors()},
      {"warnings", report.warnings()}, {"problems", Json::object()},  {"findings", Json::array()},
      {"classes", Json::array()}};
  for (std::size_t i = 0; i < kProblems; ++i) {
    if (report.counts[i] > 0) json["problems"][problem_info(static_cast<Problem>(i)).name] = report.counts[i];
  }
  for (const DataFinding& finding : report.findings) {
    const ProblemInfo& info = problem_info(finding.problem);
    json["findings"].push_back({{"severity", info.error ? "error" : "warning"},
                                {"problem", info.name},
                                {"text", in_flags(finding.text, finding.setting)}});
  }
  for (const ClassCount& each : report.classes) {
    json["classes"].push_back({{"id", each.id},
                               {"name", each.name},
                               {"boxes", each.boxes},
                               {"pictures", each.pictures},
                               {"crowds", each.crowds}});
  }
  return json;
}

Result<CheckReport> check(const CheckFlags& flags) {
  CheckOptions options;
  options.reading = flags.data.reading;
  options.decode = flags.decode;
  std::unique_ptr<Progress> progress;
  options.progress = [&](std::size_t done, std::size_t total) {
    if (!progress) progress = std::make_unique<Progress>(total, true);
    progress->show(done, 0);
  };
  return check_data(flags.data.data, options);
}

int run_check(const CheckFlags& flags) {
  if (auto status = check_json(flags.json); !status.ok()) return usage_error("data check", status.error().message);
  if (!flags.json.empty() && same_file(flags.json, flags.data.data))
    return usage_error("data check", "--json would overwrite " + flags.data.data);
  if (!flags.json.empty()) {
    if (auto status = check_output("--json", flags.json); !status.ok()) return fail(status.error());
  }
  const auto report = check(flags);
  if (!report.ok()) return fail(report.error());
  if (!flags.json.empty()) {
    if (auto status = write_output(flags.json, dump(report_json(flags, *report))); !status.ok())
      return fail(status.error());
  }
  if (flags.json != "-") {
    if (auto status = show(report_text(flags, *report)); !status.ok()) return fail(status.error());
  }
  return report->errors() > 0 ? kFailure : kSuccess;
}

}  // namespace

std::function<int()> add_data_check(CLI::App& app) {
  auto flags = std::make_shared<CheckFlags>();
  app.add_option("DATA", flags->data.data, "COCO annotations (.json), a YOLO data.yaml, a folder of VOC .xml files")
      ->option_text(" ")
      ->required();
  add_reading_flags(app, flags->data.reading);
  app.add_flag("--decode", flags->decode, "read all of every picture, not its header only");
  add_value(app, "--limit", "N", flags->limit, "show so many of each problem [20]")->check(whole_number(0, 1'000'000));
  app.add_flag("--all", flags->all, "show all of them; JSON has them anyway");
  add_json(app, flags->json);
  app.footer(kExamples);
  return [flags] { return run_check(*flags); };
}

}  // namespace saker::cli
