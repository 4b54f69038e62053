// saker quantize: a float model and pictures in, an 8-bit model out.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/files.h"
#include "base/try.h"
#include "command.h"
#include "detect/letterbox.h"
#include "detector_flags.h"
#include "flags.h"
#include "model/onnx/exporter.h"
#include "output.h"
#include "progress.h"
#include "quantize/accuracy.h"
#include "quantize/guard_run.h"
#include "quantize/layer_report.h"
#include "quantize/pictures.h"
#include "quantize/quantize.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker quantize yolov8n.onnx --data-dir pictures --out yolov8n.int8.onnx\n"
    "  saker quantize yolov5s.onnx --data-dir pictures --subset 300 --activations per-tensor --out int8.onnx\n"
    "  saker quantize yolo11n.onnx --data-dir pictures --eval val.json --max-drop 0.005 --report layers.html --out "
    "q.onnx\n"
    "  saker quantize best.onnx --data-dir calib --keep-float 'model.24.*' --out best.int8.onnx\n"
    "\n"
    "The result is standard ONNX (QuantizeLinear, DequantizeLinear; --format qlinear: QLinearConv) for one input size.";

struct QuantizeFlags : DetectorFlags {
  std::string folder, out, eval, report, preset = "mixed", activations, format = "qdq", observer;
  std::vector<std::string> keep_float;
  std::int64_t subset = 300;
  std::uint64_t seed = 0;
  double max_drop = -1;  // not given
  bool no_bias_correction = false, force = false;
};

constexpr std::pair<const char*, Observer> kObservers[] = {{"min-max", Observer::kMinMax},
                                                           {"moving-average", Observer::kMovingAverage},
                                                           {"percentile", Observer::kPercentile},
                                                           {"entropy", Observer::kEntropy},
                                                           {"mse", Observer::kMse}};

std::vector<std::string> observer_names() {
  std::vector<std::string> names;
  for (const auto& [name, observer] : kObservers) names.emplace_back(name);
  return names;
}

std::optional<Observer> observer_named(const std::string& name) {
  for (const auto& [own, observer] : kObservers) {
    if (name == own) return observer;
  }
  return std::nullopt;
}

// Whether a convolution's name matches one of the expressions.
Result<std::function<bool(const Node&)>> keep_float(const std::vector<std::string>& expressions) {
  std::vector<std::regex> compiled;
  for (const std::string& text : expressions) {
    try {
      compiled.emplace_back(text);
    } catch (const std::regex_error& e) {
      return Error{ErrorCode::kInvalid, fmt::format("--keep-float '{}' is no regular expression: {}", text, e.what())};
    }
  }
  return std::function<bool(const Node&)>([compiled](const Node& node) {
    return std::ranges::any_of(compiled, [&](const std::regex& e) { return std::regex_search(node.name, e); });
  });
}

// Shows the pictures as the detector would see them.
Result<PictureFeed> feed(const CalibrationPictures& pictures, const Detector& detector, const ImageReadOptions& read,
                         DType dtype) {
  SAKER_ASSIGN(Letterbox letterbox, Letterbox::make(detector.preprocess(), dtype, detector.input_width(),
                                                    detector.input_height(), best_isa()));
  PictureFeed result;
  result.count = pictures.paths.size();
  result.fill = [&pictures, letterbox, read](std::size_t i, Tensor& input, ThreadPool& pool) -> Status {
    SAKER_ASSIGN(const Image image, read_image(pictures.paths[i], read));
    SAKER_ASSIGN(const Placement placement, letterbox.write(image.view(), input.raw(), &pool));
    static_cast<void>(placement);
    return {};
  };
  return result;
}

// The operators of qlinear take one scale a tensor.
Status settle_activations(QuantizeFlags& flags) {
  const bool qlinear = flags.format == "qlinear";
  if (qlinear && flags.activations == "per-channel")
    return Error{ErrorCode::kInvalid,
                 "--format qlinear has one scale a tensor, so that --activations per-channel cannot be written: leave "
                 "it out, or take --format qdq"};
  if (flags.activations.empty()) flags.activations = qlinear ? "per-tensor" : "per-channel";
  return {};
}

Status check_paths(const QuantizeFlags& flags) {
  SAKER_TRY(check_model_path("quantize", flags.model));
  if (same_file(flags.out, flags.model))
    return Error{ErrorCode::kInvalid, fmt::format("--out {} would overwrite the model", flags.out)};
  if (flags.max_drop >= 0 && flags.eval.empty())
    return Error{ErrorCode::kInvalid, "--max-drop needs --eval DATA: the drop is measured on it"};
  if (!flags.report.empty()) {
    SAKER_TRY(check_report_name(flags.report));
    for (const std::string& other : {flags.model, flags.out, flags.eval}) {
      if (!other.empty() && same_file(flags.report, other))
        return Error{ErrorCode::kInvalid, fmt::format("--report {} would overwrite that file", flags.report)};
    }
    SAKER_TRY(check_output("--report", flags.report));
  }
  return check_output("--out", flags.out);
}

std::string indented(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

// Says what the guard found; an error if that refuses.
Status heed(const Findings& findings, bool force, bool quiet) {
  std::string refused;
  for (const Finding& finding : findings) {
    std::string text = fmt::format("{}: {}", finding.name, indented(finding.what));
    if (!finding.remedy.empty()) text += fmt::format("\n  try: {}", finding.remedy);
    if (finding.refuses && !force) {
      refused += (refused.empty() ? "" : "\n") + text;
    } else if (!quiet) {
      say(fmt::format("warning: {}", text));
    }
  }
  if (refused.empty()) return {};
  return Error{ErrorCode::kUnsupported, refused + "\n--force calibrates all the same"};
}

QuantizeOptions options_of(const QuantizeFlags& flags) {
  QuantizeOptions options;
  options.activations =
      flags.activations == "per-tensor" ? ActivationScales::kPerTensor : ActivationScales::kPerChannel;
  options.symmetric = flags.preset == "performance";
  options.observer = observer_named(flags.observer);
  options.correct_bias = !flags.no_bias_correction;
  options.threads = flags.threads > 0 ? flags.threads : usable_cpus();
  return options;
}

onnx::ExportForm export_form(const QuantizeFlags& flags) {
  return flags.format == "qlinear" ? onnx::ExportForm::kQLinear : onnx::ExportForm::kQdq;
}

// A layer at a time, with the others in float.
Result<std::vector<LayerSensitivity>> find_sensitivity(const QuantizeFlags& flags, const Quantizer& quantizer,
                                                       const PictureFeed& source) {
  constexpr std::size_t kPictures = 4;
  SAKER_ASSIGN(const Probe probe, Probe::create(quantizer.graph(), quantizer.points(), ProbedLayers::kAll, source,
                                                kPictures, quantizer.options().threads));
  Progress progress(quantizer.points().convs.size(), !flags.quiet);
  auto layers = measure_sensitivity(quantizer, probe, [&](std::size_t done, std::size_t) { progress.show(done, 0); });
  progress.clear();
  return layers;
}

// The model, how good it is, and what is known of its layers.
struct Outcome {
  Quantized quantized;
  std::optional<Graph> all_int8;  // if layers went back to float: before that
  std::optional<Accuracy> accuracy;
  LayerReport report;
};

bool drops_too_far(const QuantizeFlags& flags, const Accuracy& accuracy) {
  return flags.max_drop >= 0 && accuracy.int8 < accuracy.full - flags.max_drop;
}

Status measure_layers(const QuantizeFlags& flags, const Quantizer& quantizer, const PictureFeed& source,
                      const std::optional<Evaluator>& evaluator, Outcome& outcome) {
  SAKER_ASSIGN(outcome.report.layers, find_sensitivity(flags, quantizer, source));
  outcome.report.in_float.assign(outcome.report.layers.size(), false);
  if (!evaluator) return {};
  Accuracy& accuracy = *outcome.accuracy;
  if (drops_too_far(flags, accuracy)) {
    const double least = accuracy.full - flags.max_drop;
    SAKER_ASSIGN(Reverted reverted, revert_worst(quantizer, outcome.report.layers, *evaluator, least, flags.quiet));
    outcome.all_int8 = std::move(outcome.quantized.graph);
    outcome.quantized = std::move(reverted.quantized);
    outcome.report.in_float = std::move(reverted.in_float);
    accuracy.int8 = reverted.ap;
  }
  if (flags.report.empty()) return {};
  constexpr std::size_t kWorst = 8;
  std::vector<std::size_t> worst = worst_first(outcome.report.layers);
  std::erase_if(worst, [&](std::size_t layer) { return outcome.report.in_float[layer]; });
  worst.resize(std::min(worst.size(), kWorst));
  SAKER_ASSIGN(const std::vector<double> costs,
               measure_costs(quantizer, outcome.report.in_float, worst, *evaluator, accuracy.int8));
  for (std::size_t i = 0; i < worst.size(); ++i) outcome.report.costs.emplace_back(worst[i], costs[i]);
  return {};
}

Result<Quantizer> calibrate(const QuantizeFlags& flags, const Graph& graph, PictureFeed source) {
  QuantizeOptions options = options_of(flags);
  SAKER_ASSIGN(options.keep_float, keep_float(flags.keep_float));
  Progress progress(source.count * static_cast<std::size_t>(rounds_of(options)), !flags.quiet);
  source.progress = [&progress](std::size_t done, std::size_t) { progress.show(done, 0); };
  auto quantizer = Quantizer::create(graph, options, source);
  progress.clear();
  return quantizer;
}

Result<Outcome> measure(const QuantizeFlags& flags, const Model& model, const Quantizer& quantizer,
                        const PictureFeed& source) {
  Outcome outcome;
  SAKER_ASSIGN(outcome.quantized, quantizer.run());
  std::optional<Evaluator> evaluator;
  if (!flags.eval.empty()) {
    SAKER_ASSIGN(evaluator, Evaluator::create(flags, flags.eval, export_form(flags)));
    Accuracy& accuracy = outcome.accuracy.emplace();
    accuracy.pictures = evaluator->pictures();
    SAKER_ASSIGN(accuracy.full, evaluator->ap(model));
    SAKER_ASSIGN(accuracy.int8, evaluator->ap(outcome.quantized.graph));
  }
  const bool dropped = outcome.accuracy && drops_too_far(flags, *outcome.accuracy);
  if (dropped || !flags.report.empty()) SAKER_TRY(measure_layers(flags, quantizer, source, evaluator, outcome));
  return outcome;
}

// Both models on some of the pictures: what they find, and how fast.
Result<Agreement> agreement_of(const QuantizeFlags& flags, Detector& full, const std::string& bytes,
                               const CalibrationPictures& pictures, const ImageReadOptions& read) {
  constexpr std::size_t kPictures = 32;
  SAKER_ASSIGN(const Model model, Model::parse(std::as_bytes(std::span(bytes)), flags.out));
  DetectorOptions options;
  options.session.threads = flags.threads;
  options.spec.head = full.head();
  options.spec.preprocess = full.preprocess();
  SAKER_ASSIGN(Detector int8, Detector::create(model, options));
  return compare(full, int8, pictures, kPictures, read);
}

// Error: the 8-bit model finds something else.
Status check_agreement(const QuantizeFlags& flags, const Agreement& agreement) {
  constexpr std::size_t kFewBoxes = 10;  // say nothing
  constexpr double kCollapsed = 0.5;
  if (agreement.float_boxes < kFewBoxes || agreement.share() >= kCollapsed) return {};
  const std::string text = fmt::format(
      "collapsed: on {} pictures the float model finds {} boxes, the 8-bit model {}, and only {:.0f} % agree",
      agreement.pictures, agreement.float_boxes, agreement.int8_boxes, 100 * agreement.share());
  if (!flags.force)
    return Error{ErrorCode::kUnsupported,
                 text +
                     "\nNothing was written. Were the pictures fed as the model was trained? --observer min-max and "
                     "--keep-float may help; --force writes it all the same"};
  if (!flags.quiet) say("warning: " + text);
  return {};
}

Status write_report(const QuantizeFlags& flags, const Quantizer& quantizer, const Agreement& agreement,
                    std::size_t pictures, Outcome& outcome) {
  LayerReport& report = outcome.report;
  report.model = flags.model;
  report.pictures = pictures;
  report.quantizer = &quantizer;
  report.accuracy = outcome.accuracy;
  report.float_ms = agreement.float_ms;
  report.int8_ms = agreement.int8_ms;
  return write_layer_report(report, flags.report);
}

Status run(QuantizeFlags& flags) {
  flags.backend = "saker";
  SAKER_ASSIGN(const Model model, Model::load(flags.model));
  flags.loaded = model;  // for every detector of it
  SAKER_ASSIGN(Detector detector, make_detector(flags));
  const Stopwatch watch;
  const ImageReadOptions read = read_options(flags, detector);
  const int threads = flags.threads > 0 ? flags.threads : usable_cpus();
  SAKER_ASSIGN(
      const CalibrationPictures pictures,
      find_calibration_pictures(flags.folder, static_cast<std::size_t>(flags.subset), flags.seed, read, threads));
  for (const std::string& why : pictures.unreadable) say("left out: " + why);
  if (pictures.paths.empty())
    return Error{ErrorCode::kNotFound, fmt::format("--data-dir {}: no picture that can be read", flags.folder)};

  const Shape shape = {1, 3, detector.input_height(), detector.input_width()};
  SAKER_ASSIGN(const Graph graph, prepare_float_graph(*model.graph(), std::span(&shape, 1)));
  SAKER_TRY(check_float(graph));
  SAKER_ASSIGN(const Findings findings, guard(flags, graph, pictures));
  SAKER_TRY(heed(findings, flags.force, flags.quiet));
  SAKER_ASSIGN(const PictureFeed source, feed(pictures, detector, read, graph.value(graph.inputs[0]).dtype));
  SAKER_ASSIGN(const Quantizer quantizer, calibrate(flags, graph, source));
  SAKER_ASSIGN(Outcome outcome, measure(flags, model, quantizer, source));
  SAKER_ASSIGN(const std::string bytes, onnx::export_model(outcome.quantized.graph, export_form(flags)));
  SAKER_ASSIGN(const Agreement agreement, agreement_of(flags, detector, bytes, pictures, read));
  SAKER_TRY(check_agreement(flags, agreement));
  SAKER_TRY(write_file(flags.out, bytes));
  if (!flags.report.empty()) SAKER_TRY(write_report(flags, quantizer, agreement, pictures.paths.size(), outcome));
  if (outcome.accuracy) {
    const Accuracy& a = *outcome.accuracy;
    say(fmt::format("AP .50:.95 on {} pictures: float {:.4f}, 8 bits {:.4f} ({:+.4f})", a.pictures, a.full, a.int8,
                    a.int8 - a.full));
  }
  if (flags.quiet) return {};
  if (outcome.all_int8) {
    SAKER_ASSIGN(const std::string whole, onnx::export_model(*outcome.all_int8, export_form(flags)));
    SAKER_ASSIGN(const Agreement fast, agreement_of(flags, detector, whole, pictures, read));
    say(fmt::format("{} layers back in float: {:.1f} ms a run instead of {:.1f}",
                    std::ranges::count(outcome.report.in_float, true), agreement.int8_ms, fast.int8_ms));
  }
  const Points& points = outcome.quantized.points;
  say(
      fmt::format("{}: {} convolutions in 8 bits, {} in float; {} pictures, {:.1f} s\n"
                  "file {:.1f} MB (float {:.1f}), a run {:.1f} ms (float {:.1f}), {:.0f} % of the boxes agree",
                  flags.out, points.convs.size(), points.left_float.size(), pictures.paths.size(), watch.ms() / 1e3,
                  static_cast<double>(bytes.size()) / 1e6, static_cast<double>(model.file_bytes()) / 1e6,
                  agreement.int8_ms, agreement.float_ms, 100 * agreement.share()));
  return {};
}

}  // namespace

std::function<int()> add_quantize(CLI::App& app) {
  auto flags = std::make_shared<QuantizeFlags>();
  app.add_option("MODEL", flags->model, "a float ONNX file")->option_text(" ")->required();
  add_value(app, "--data-dir", "FOLDER", flags->folder, "pictures like those the model will see; 100 to 300 are enough")
      ->required();
  add_value(app, "--out", "FILE", flags->out, "the 8-bit model, ONNX")->required();
  add_value(app, "--subset", "N", flags->subset, "at most so many of the pictures [300]")
      ->check(whole_number(1, 1'000'000));
  add_seed(app, flags->seed);
  add_value(app, "--preset", "NAME", flags->preset,
            "mixed: symmetric weights, asymmetric activations;\nperformance: both symmetric [mixed]")
      ->check(one_of({"mixed", "performance"}));
  add_value(app, "--activations", "SCALES", flags->activations,
            "per-channel: most accurate, and as fast here;\nper-tensor: what other engines run fast\n[per-channel; of "
            "qlinear per-tensor]")
      ->check(one_of({"per-channel", "per-tensor"}));
  add_value(app, "--format", "FORM", flags->format,
            "qdq: QuantizeLinear and DequantizeLinear around float operators;\nqlinear: QLinearConv and others, "
            "which older engines take [qdq]")
      ->check(one_of({"qdq", "qlinear"}));
  add_value(app, "--observer", "NAME", flags->observer,
            "how ranges are chosen: min-max, moving-average, percentile,\nentropy or mse [min-max;\nper tensor the "
            "better of percentile and mse]")
      ->check(one_of(observer_names()));
  add_list(app, "--keep-float", "REGEX", flags->keep_float, "convolutions whose names match stay float; repeatable");
  add_value(app, "--eval,--data", "DATA", flags->eval,
            "measure both models on this data: COCO annotations (.json), a YOLO\ndata.yaml, or a folder of VOC .xml");
  add_value(
      app, "--max-drop", "AP", flags->max_drop,
      "with --eval: the layers that hurt most stay float until AP .50:.95\nis at most so much lower, such as 0.005")
      ->check(CLI::Range(0.0, 1.0));
  add_value(app, "--report", "FILE", flags->report,
            "what 8 bits do to each layer, and with --eval what the worst cost;\n.html or .json; takes a minute, and "
            "ten times --eval more with it");
  app.add_flag("--no-bias-correction", flags->no_bias_correction, "keep the biases as they are");
  add_value(app, "--threads", "N", flags->threads, "CPU threads [all CPUs]")->check(whole_number(1, 1024));
  app.add_flag("--force", flags->force, "go on in spite of what the guard finds");
  app.add_flag("--quiet", flags->quiet, "print errors only");
  add_model_flags(app, *flags);
  app.footer(kExamples);
  return [flags] {
    if (const Status status = settle_activations(*flags); !status.ok())
      return usage_error("quantize", status.error().message);
    if (const Status status = check_paths(*flags); !status.ok()) return usage_error("quantize", status.error().message);
    const Status status = run(*flags);
    return status.ok() ? kSuccess : fail(status.error());
  };
}

}  // namespace saker::cli
