// The pictures, the guard and the measuring of accuracy of the commands that make another model of one.
#include "quantize/calibration.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <span>

#include "api/input_shapes.h"
#include "base/files.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "eval/evaluation.h"
#include "eval_run.h"
#include "flags.h"
#include "report.h"

namespace saker::cli {
namespace {

std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

// The flags that feed the model as `wanted` instead of as `now`.
std::string flags_for(const Preprocess& now, const Preprocess& wanted) {
  std::string text;
  if (wanted.scale != now.scale || wanted.mean != now.mean || wanted.std != now.std)
    text += fmt::format("--scale {:g} --mean {:g} --std {:g}", wanted.scale, fmt::join(wanted.mean, ","),
                        fmt::join(wanted.std, ","));
  if (wanted.bgr != now.bgr) text += fmt::format("--color {}", wanted.bgr ? "bgr" : "rgb");
  if (wanted.fit != now.fit)
    text += fmt::format("leave --{} out", wanted.fit == Fit::kStretch ? "letterbox" : "stretch");
  return text;
}

std::shared_ptr<const RE2> compile(const std::string& expression) {
  return std::make_shared<const RE2>(expression, RE2::Quiet);
}

}  // namespace

CLI::Validator regular_expression() {
  return CLI::Validator(
      [](std::string& text) {
        const auto compiled = compile(text);
        return compiled->ok() ? std::string()
                              : fmt::format("'{}' is no regular expression: {}", text, compiled->error());
      },
      "");
}

std::function<bool(const Node&)> name_matcher(const std::vector<std::string>& expressions) {
  std::vector<std::shared_ptr<const RE2>> compiled;
  for (const std::string& text : expressions) compiled.push_back(compile(text));
  return [compiled](const Node& node) {
    return std::ranges::any_of(compiled, [&](const auto& e) { return RE2::PartialMatch(node.name, *e); });
  };
}

void add_subset_flags(CLI::App& app, CalibrationFlags& flags) {
  add_value(app, "--subset", "N", flags.subset, "at most so many of the pictures [300]")
      ->check(whole_number(1, 1'000'000));
  add_seed(app, flags.seed);
}

void add_eval_flags(CLI::App& app, CalibrationFlags& flags, const std::string& max_drop) {
  add_value(app, "--eval,--data", "DATA", flags.eval,
            "measure both models on this data: COCO annotations (.json), a YOLO\ndata.yaml, or a folder of VOC .xml");
  add_value(app, "--images", "DIR", flags.reading.images, "its pictures, if they are not beside the annotations");
  app.add_flag("--skip-bad", flags.reading.skip_bad, "leave out its broken entries and pictures");
  app.add_flag("--crowd-as-object", flags.reading.crowd_as_object, "count its crowds as objects");
  add_value(app, "--max-drop", "AP", flags.max_drop, max_drop)->check(CLI::Range(0.0, 1.0));
}

void add_run_flags(CLI::App& app, CalibrationFlags& flags) {
  add_value(app, "--threads", "N", flags.threads, "CPU threads [all CPUs]")->check(whole_number(1, 1024));
  app.add_flag("--force", flags.force, "go on in spite of what the guard finds");
  app.add_flag("--quiet", flags.quiet, "print errors only");
  add_model_flags(app, flags);
}

Status check_calibration(const std::string& command, const CalibrationFlags& flags) {
  SAKER_TRY(check_model_path(command, flags.model));
  if (same_file(flags.out, flags.model))
    return Error{ErrorCode::kInvalid, fmt::format("--out {} would overwrite the model", flags.out)};
  if (flags.max_drop >= 0 && flags.eval.empty())
    return Error{ErrorCode::kInvalid, "--max-drop needs --eval DATA: the drop is measured on it"};
  if (flags.eval.empty() && (!flags.reading.images.empty() || flags.reading.skip_bad || flags.reading.crowd_as_object))
    return Error{ErrorCode::kInvalid, "--images and --skip-bad are for --eval DATA, as is --crowd-as-object"};
  return {};
}

Result<CalibrationPictures> find_pictures(const CalibrationFlags& flags, const char* flag,
                                          const ImageReadOptions& read) {
  const int threads = flags.threads > 0 ? flags.threads : usable_cpus();
  auto pictures =
      find_calibration_pictures(flags.folder, static_cast<std::size_t>(flags.subset), flags.seed, read, threads);
  if (!pictures.ok()) return pictures.error().with_context(flag);
  for (const std::string& why : pictures->unreadable) say("left out: " + why);
  return pictures;
}

Status heed(const Findings& findings, const Preprocess& fed, bool force, bool quiet) {
  std::string refused;
  for (const Finding& finding : findings) {
    std::string text = fmt::format("{}: {}", finding.name, indented(finding.what));
    const std::string remedy = finding.feed ? flags_for(fed, *finding.feed) : in_flags(finding.remedy, finding.setting);
    if (!remedy.empty()) text += fmt::format("\n  try: {}", remedy);
    if (finding.refuses && !force) {
      refused += (refused.empty() ? "" : "\n") + text;
    } else if (!quiet) {
      say(fmt::format("warning: {}", text));
    }
  }
  if (refused.empty()) return {};
  return Error{ErrorCode::kUnsupported, refused + "\nNothing was written; --force goes on all the same"};
}

Result<Evaluator> Evaluator::create(const CalibrationFlags& flags, onnx::ExportForm form) {
  Evaluator evaluator;
  evaluator.flags_ = flags;
  evaluator.flags_.quiet = true;
  set_eval_defaults(evaluator.flags_);
  evaluator.form_ = form;
  evaluator.skip_bad_ = flags.reading.skip_bad;
  DatasetOptions reading = flags.reading;
  reading.need_pictures = true;
  reading.hint = "\n--skip-bad leaves such entries out; saker data check lists them all";
  reading.warn = [](const std::string& message) { say("note: " + message); };
  SAKER_ASSIGN(evaluator.dataset_, read_dataset(flags.eval, reading));
  for (const std::string& note : evaluator.dataset_.notes) say("note: " + note);
  if (reading.skip_bad) SAKER_TRY(look_at_pictures(evaluator.dataset_, reading, true));
  return evaluator;
}

Result<double> Evaluator::ap(const Model& model) const {
  DetectorFlags flags = flags_;
  flags.loaded = model;
  SAKER_ASSIGN(const ModelBoxes boxes, find_boxes(flags, dataset_, skip_bad_));
  return average_precision(dataset_, boxes.found, flags.threads);
}

Result<double> Evaluator::ap(const Graph& graph) const {
  SAKER_ASSIGN(const std::string bytes, onnx::export_model(graph, form_));
  SAKER_ASSIGN(const Model model, Model::parse(std::as_bytes(std::span(bytes)), flags_.model));
  return ap(model);
}

Result<Agreement> agreement_of(const CalibrationFlags& flags, Detector& full, const std::string& bytes,
                               const CalibrationPictures& pictures, const ImageReadOptions& read) {
  constexpr std::size_t kPictures = 32;
  SAKER_ASSIGN(const Model model, Model::parse(std::as_bytes(std::span(bytes)), flags.out));
  DetectorOptions options;
  options.session.threads = flags.threads;
  options.spec.head = full.head();
  options.spec.preprocess = full.preprocess();
  SAKER_ASSIGN(options.spec.inputs, parse_values(flags.inputs));
  SAKER_ASSIGN(Detector int8, Detector::create(model, options));
  return compare(full, int8, std::span(pictures.paths).first(std::min(kPictures, pictures.paths.size())), read);
}

}  // namespace saker::cli
