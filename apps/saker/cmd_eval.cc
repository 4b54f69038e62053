// saker eval: how good a model's boxes are.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/cpu.h"
#include "base/try.h"
#include "command.h"
#include "data/data_flags.h"
#include "data/writers.h"
#include "eval_output.h"
#include "eval_run.h"
#include "flags.h"
#include "output.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker eval yolov8n.onnx --data instances_val2017.json --images val2017\n"
    "  saker eval best.onnx --data data.yaml --report out/eval        pictures and one HTML page\n"
    "  saker eval int8.onnx --data data.yaml --against fp32.onnx      is the difference real?\n"
    "  saker eval --results results.json --data annotations.json     anybody's results\n"
    "\n"
    "COCO's twelve numbers equal pycocotools'. The YOLO-style numbers are those that the\n"
    "training frameworks print: they count crowds, cuts and the integral differently.";

struct EvalFlags : DetectorFlags {
  std::string data, results, against, json, save_json, report;
  DatasetOptions reading;
  int worst = 12;
  int samples = 1000;
  std::int64_t seed = 0;
};

// Of --against, which takes both.
bool is_results(const std::string& path) {
  return path.ends_with(".json");
}

Status check_flags(const EvalFlags& flags) {
  if (flags.model.empty() == flags.results.empty()) {
    return Error{ErrorCode::kInvalid, "name a MODEL, or a results file with --results: one of the two"};
  }
  if (is_results(flags.model)) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("{0} is no model; results are scored with --results {0}", flags.model)};
  }
  if (flags.save_json == "-") return Error{ErrorCode::kInvalid, "--save-json: name a file; only --json goes to stdout"};
  for (const std::string& path : {flags.json, flags.save_json}) {
    if (path.empty() || path == "-") continue;
    for (const std::string& read : {flags.model, flags.results, flags.data, flags.against}) {
      if (same_file(path, read))
        return Error{ErrorCode::kInvalid, fmt::format("{} would be overwritten, and it is read", path)};
    }
  }
  if (!flags.json.empty() && same_file(flags.json, flags.save_json))
    return Error{ErrorCode::kInvalid, "--json and --save-json name the same file"};
  return check_json(flags.json);
}

Status check_paths(const EvalFlags& flags) {
  for (const std::string& model : {flags.model, flags.against}) {
    if (!model.empty() && !is_results(model)) SAKER_TRY(check_model_path("eval", model));
  }
  if (!flags.json.empty()) SAKER_TRY(check_output("--json", flags.json));
  if (!flags.save_json.empty()) SAKER_TRY(check_output("--save-json", flags.save_json));
  if (!flags.report.empty()) SAKER_TRY(check_folder("--report", flags.report));
  return {};
}

// What is left out is said, up to a bound.
class Warnings {
 public:
  void operator()(const std::string& text) {
    constexpr std::size_t kShown = 20;
    ++count_;
    if (count_ <= kShown) say(text);
    if (count_ == kShown + 1) say("there are more such entries; saker data check lists them all");
  }

 private:
  std::size_t count_ = 0;
};

// Boxes with what the report says of how they were found.
struct Side {
  Candidates boxes;
  std::vector<std::pair<std::string, std::string>> settings;
};

Result<Side> side_of_model(const std::string& path, const EvalFlags& flags, const Dataset& dataset) {
  DetectorFlags own = flags;
  own.model = path;
  SAKER_ASSIGN(ModelBoxes model, find_boxes(own, dataset, flags.reading.skip_bad));
  Side side{{path, std::move(model.found)}, {}};
  side.settings = {{"engine", model.backend},
                   {"confidence from", fmt::format("{}", flags.conf)},
                   {"NMS IoU", fmt::format("{}", model.iou)},
                   {"boxes a picture, at most", std::to_string(flags.max_det)},
                   {"labels a box", flags.multi_label ? "several" : "one"}};
  if (!flags.precision.empty()) side.settings.emplace_back("precision", flags.precision);
  return side;
}

Result<Side> side_of_results(const std::string& path, const EvalFlags& flags, const Dataset& dataset) {
  DatasetOptions reading = flags.reading;
  reading.hint = "\n--skip-bad leaves such entries out";
  SAKER_ASSIGN(CocoResults results, read_coco_results(path, dataset, reading));
  Side side{{path, {}}, {{"boxes from", path}}};
  side.boxes.found.boxes = std::move(results.boxes);
  side.boxes.found.notes = std::move(results.notes);
  side.boxes.found.skipped = results.skipped;
  return side;
}

Result<Evaluated> evaluate(const EvalFlags& flags) {
  DatasetOptions reading = flags.reading;
  reading.need_pictures = !flags.model.empty() || (!flags.against.empty() && !is_results(flags.against));
  reading.names_only = !reading.need_pictures;
  reading.hint = "\n--skip-bad leaves such entries out; saker data check lists them all";
  SAKER_ASSIGN(Dataset dataset, read_dataset(flags.data, reading));
  const bool from_results = flags.model.empty();
  SAKER_ASSIGN(Side own, from_results ? side_of_results(flags.results, flags, dataset)
                                      : side_of_model(flags.model, flags, dataset));
  std::optional<Candidates> against;
  if (!flags.against.empty()) {
    const auto side_of_other = is_results(flags.against) ? side_of_results : side_of_model;
    SAKER_ASSIGN(Side other, side_of_other(flags.against, flags, dataset));
    against = std::move(other.boxes);
  }
  const EvaluationOptions options{flags.threads, flags.samples, static_cast<std::uint64_t>(flags.seed)};
  SAKER_ASSIGN(Evaluated result,
               saker::evaluate(std::move(dataset), std::move(own.boxes), std::move(against), options));
  result.settings = std::move(own.settings);
  for (std::string& note : result.notes) {
    note = in_flags(note, "crowd_as_object");
    if (!flags.quiet) say("note: " + note);
  }
  return result;
}

Status write_results(const EvalFlags& flags, const Evaluated& evaluated) {
  if (!flags.save_json.empty())
    SAKER_TRY(write_coco_results(evaluated.dataset, evaluated.model.boxes, flags.save_json));
  if (!flags.report.empty()) SAKER_TRY(write_eval_report(evaluated, flags.report, flags.worst));
  if (!flags.json.empty()) SAKER_TRY(write_output(flags.json, dump(eval_json(evaluated))));
  if (flags.json != "-" && !flags.quiet) SAKER_TRY(show(eval_table(evaluated)));
  if (!flags.report.empty() && !flags.quiet) say("the report: " + flags.report + "/report.html");
  return {};
}

int run_eval(const EvalFlags& flags) {
  if (auto status = check_flags(flags); !status.ok()) return usage_error("eval", status.error().message);
  if (auto status = check_paths(flags); !status.ok()) return fail(status.error());
  const auto evaluated = evaluate(flags);
  if (!evaluated.ok()) return fail(evaluated.error());
  const auto status = write_results(flags, *evaluated);
  return status.ok() ? kSuccess : fail(status.error());
}

void add_truth_flags(CLI::App& app, EvalFlags& flags) {
  app.option_defaults()->group("What it is measured on");
  add_value(app, "--data,--ann", "DATA", flags.data,
            "COCO annotations (.json), a YOLO data.yaml, or a folder of VOC .xml")
      ->required();
  add_value(app, "--results", "FILE", flags.results, "score these COCO results instead of a model");
  add_reading_flags(app, flags.reading);
  add_skip_bad(app, flags.reading);
}

void add_result_flags(CLI::App& app, EvalFlags& flags) {
  app.option_defaults()->group("What comes out");
  add_value(app, "--against", "FILE", flags.against,
            "another model, or its results (.json): the differences with their 95 % intervals");
  add_value(app, "--samples", "N", flags.samples, "bootstrap samples for that [1000]")
      ->check(whole_number(100, 100'000));
  add_value(app, "--seed", "N", flags.seed, "of their generator [0]")->check(whole_number(0, std::int64_t{1} << 53));
  add_value(app, "--report", "DIR", flags.report, "report.html with curves, confusion matrix and the worst pictures");
  add_value(app, "--worst", "N", flags.worst, "pictures drawn there [12]")->check(whole_number(0, 1000));
  add_value(app, "--save-json", "FILE", flags.save_json, "the boxes found, as COCO results");
  add_json(app, flags.json);
  app.add_flag("--quiet", flags.quiet, "no table, no progress bar, no notes; errors only");
}

}  // namespace

std::function<int()> add_eval(CLI::App& app) {
  auto flags = std::make_shared<EvalFlags>();
  set_eval_defaults(*flags);
  flags->reading.warn = Warnings();
  add_detector_flags(app, *flags);
  app.get_option("MODEL")->required(false);
  add_truth_flags(app, *flags);
  add_result_flags(app, *flags);
  app.footer(kExamples);
  return [flags] { return run_eval(*flags); };
}

}  // namespace saker::cli
