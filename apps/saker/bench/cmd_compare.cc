// saker compare: size, speed, memory and accuracy of several files or engines side by side.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "bench/measure_flags.h"
#include "command.h"
#include "measure/compare_report.h"
#include "progress.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker compare fp32.onnx int8.onnx\n"
    "  saker compare yolov8n.torchscript yolov8n.onnx --data data.yaml --md table.md\n"
    "  saker compare yolov8n.onnx --backend saker,onnxruntime,openvino --html compare.html\n"
    "  saker compare a.torchscript a.onnx a.int8.onnx --backend torchscript,openvino,saker --pairwise\n"
    "\n"
    "All are measured in turns, each in a process of its own (as saker bench does), and compared\n"
    "with the first. With --data each is evaluated on it as well (as saker eval does).\n"
    "\n"
    "Exit code: 0 all well; 1 some failed (the others are in the result); 2 wrong flags.";

struct CompareFlags : MeasureFlags {
  std::string images, split;
  bool skip_bad = false, crowd_as_object = false;
};

// `saker eval` in a process of its own, so that engines stay apart.
Result<Json> run_eval(const CompareFlags& flags, const Measured& measured) {
  const Configuration& asked = measured.configuration;
  std::vector<std::string> words = {"/proc/self/exe", "eval", asked.model, "--data", flags.data};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {flag, value});
  };
  add("--backend", measured.loaded.backend);
  add("--images", flags.images);
  add("--split", flags.split);
  add("--precision", asked.precision);
  add("--isa", asked.isa);
  add("--imgsz", asked.height > 0 ? fmt::format("{}x{}", asked.height, asked.width) : "");
  for (const std::string& values : asked.values) add("--input", values);
  if (flags.skip_bad) words.emplace_back("--skip-bad");
  if (flags.crowd_as_object) words.emplace_back("--crowd-as-object");
  if (asked.low_memory) words.emplace_back("--low-memory");
  if (asked.autotune) words.emplace_back("--autotune");
  words.insert(words.end(), {"--quiet", "--json=-"});
  constexpr double kNoLimit = 1e12;
  SAKER_ASSIGN(const ProgramOutput output, run_program(words, kNoLimit));
  const Json json = Json::parse(output.out, nullptr, false);
  if (!output.ending.ok() || !json.is_object()) {
    std::string why(trimmed(output.errors));
    if (why.starts_with("saker: ")) why.erase(0, 7);
    return Error{ErrorCode::kInvalid, fmt::format("saker eval: {}", why.empty() ? to_string(output.ending) : why)};
  }
  return json;
}

std::optional<double> number_at(const Json& json, const char* pointer) {
  const Json::json_pointer at(pointer);
  if (!json.contains(at) || !json.at(at).is_number()) return std::nullopt;
  return json.at(at).get<double>();
}

std::vector<ModelAccuracy> evaluate_all(const CompareFlags& flags, const std::vector<Measured>& results) {
  if (flags.data.empty()) return {};
  std::vector<ModelAccuracy> all(results.size());
  Progress progress(results.size(), true, "evaluations");
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ok()) continue;
    const auto before = std::find_if(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const Measured& each) { return same_boxes(each, results[i]); });
    if (const auto k = static_cast<std::size_t>(before - results.begin()); k < i) {
      all[i] = all[k];
      continue;
    }
    progress.show(i, 0);
    const auto json = run_eval(flags, results[i]);
    if (json.ok()) {
      all[i].map50_95 = number_at(*json, "/coco/AP");
      all[i].map50 = number_at(*json, "/coco/AP50");
    } else {
      all[i].error = json.error().message;
      progress.clear();
      say(result_name(results, i) + ": " + all[i].error);
    }
  }
  return all;
}

int run_compare(const CompareFlags& flags) {
  if (auto status = check_flags(flags); !status.ok()) return usage_error("compare", status.error().message);
  if (flags.data.empty() && (!flags.images.empty() || !flags.split.empty() || flags.skip_bad || flags.crowd_as_object))
    return usage_error("compare", "--images, --split, --skip-bad and --crowd-as-object are for --data");
  if (!flags.data.empty() && !flags.engine_commands.empty())
    return usage_error("compare", "--engine-command measures speed; --data is for saker's own engines");
  if (auto status = check_files(flags); !status.ok()) return fail(status.error());
  const auto all = configurations(flags);
  if (all.size() < 2)
    return usage_error("compare", "there is nothing to compare: name several files, or several engines with --backend");
  BenchReport report = run_groups(flags, {all});
  report.ratios = ratios_to_first(report.results);
  const auto accuracy = evaluate_all(flags, report.results);
  const auto status =
      write_reports(flags, compare_json(report, accuracy), compare_document(report, accuracy, !flags.html.empty()),
                    !all_failed(report.results));
  if (!status.ok()) return fail(status.error());
  const bool eval_failed =
      std::any_of(accuracy.begin(), accuracy.end(), [](const ModelAccuracy& each) { return !each.error.empty(); });
  return any_failed(report.results) || eval_failed ? kFailure : kSuccess;
}

}  // namespace

std::function<int()> add_compare(CLI::App& app) {
  auto flags = std::make_shared<CompareFlags>();
  flags->command = "compare";
  add_work_flags(app, *flags);
  add_run_flags(app, *flags);
  app.add_flag("--pairwise", flags->pairwise,
               "the first engine of --backend runs the first MODEL, the second the second, instead of each engine\n"
               "every one");
  add_value(app, "--data", "DATA", flags->data,
            "also mAP: COCO annotations, a YOLO data.yaml, or a folder of VOC .xml");
  add_value(app, "--images", "DIR", flags->images, "the pictures, if they are not beside the annotations");
  add_value(app, "--split", "NAME", flags->split, "of a data.yaml: train, val or test [val]");
  app.add_flag("--skip-bad", flags->skip_bad, "leave out broken entries and pictures of DATA");
  app.add_flag("--crowd-as-object", flags->crowd_as_object, "count crowds of DATA as objects");
  add_report_flags(app, *flags, true);
  app.footer(kExamples);
  return [flags] { return run_compare(*flags); };
}

}  // namespace saker::cli
