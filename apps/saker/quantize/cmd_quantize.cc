// saker quantize: a float model and pictures in, an 8-bit model out.
#include <fmt/format.h>

#include <regex>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/files.h"
#include "base/try.h"
#include "command.h"
#include "detect/letterbox.h"
#include "detector_flags.h"
#include "eval_output.h"
#include "eval_run.h"
#include "flags.h"
#include "model/onnx/exporter.h"
#include "output.h"
#include "progress.h"
#include "quantize/guard_run.h"
#include "quantize/pictures.h"
#include "quantize/quantize.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker quantize yolov8n.onnx --data-dir pictures --out yolov8n.int8.onnx\n"
    "  saker quantize yolov5s.onnx --data-dir pictures --subset 300 --activations per-tensor --out int8.onnx\n"
    "  saker quantize best.onnx --data-dir calib --keep-float 'model.24.*' --out best.int8.onnx\n"
    "\n"
    "The result is standard ONNX (QuantizeLinear, DequantizeLinear; --format qlinear: QLinearConv) for one input size.";

struct QuantizeFlags : DetectorFlags {
  std::string folder, out, eval, preset = "mixed", activations, format = "qdq", observer;
  std::vector<std::string> keep_float;
  std::int64_t subset = 300;
  std::uint64_t seed = 0;
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
                         DType dtype, Progress& progress) {
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
  result.progress = [&progress](std::size_t done, std::size_t) { progress.show(done, 0); };
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

Result<Quantized> calibrate(const QuantizeFlags& flags, const Graph& graph, const Detector& detector,
                            const CalibrationPictures& pictures, const ImageReadOptions& read) {
  QuantizeOptions options = options_of(flags);
  SAKER_ASSIGN(options.keep_float, keep_float(flags.keep_float));
  Progress progress(pictures.paths.size() * static_cast<std::size_t>(rounds_of(options)), !flags.quiet);
  SAKER_ASSIGN(const PictureFeed source, feed(pictures, detector, read, graph.value(graph.inputs[0]).dtype, progress));
  auto quantized = quantize(graph, options, source);
  progress.clear();
  return quantized;
}

// Both models on some of the pictures: what they find, and how fast. Error: the 8-bit model finds something else.
Result<Agreement> check_result(const QuantizeFlags& flags, Detector& full, const std::string& bytes,
                               const CalibrationPictures& pictures, const ImageReadOptions& read) {
  constexpr std::size_t kPictures = 32;
  constexpr std::size_t kFewBoxes = 10;  // say nothing
  constexpr double kCollapsed = 0.5;
  SAKER_ASSIGN(const Model model, Model::parse(std::as_bytes(std::span(bytes)), flags.out));
  DetectorOptions options;
  options.session.threads = flags.threads;
  options.head = full.head();
  options.preprocess = full.preprocess();
  SAKER_ASSIGN(Detector int8, Detector::create(model, options));
  SAKER_ASSIGN(const Agreement agreement, compare(full, int8, pictures, kPictures, read));
  if (agreement.float_boxes < kFewBoxes || agreement.share() >= kCollapsed) return agreement;
  const std::string text = fmt::format(
      "collapsed: on {} pictures the float model finds {} boxes, the 8-bit model {}, and only {:.0f} % agree",
      agreement.pictures, agreement.float_boxes, agreement.int8_boxes, 100 * agreement.share());
  if (!flags.force)
    return Error{ErrorCode::kUnsupported,
                 text +
                     "\nNothing was written. Were the pictures fed as the model was trained? --observer min-max and "
                     "--keep-float may help; --force writes it all the same"};
  if (!flags.quiet) say("warning: " + text);
  return agreement;
}

// mAP of a model file, as saker eval measures it.
Result<double> evaluate(const QuantizeFlags& flags, const std::string& model, const Dataset& dataset) {
  DetectorFlags own = flags;
  own.model = model;
  set_eval_defaults(own);
  SAKER_ASSIGN(FoundBoxes found, find_boxes(own, dataset, false));
  return Scored(model, dataset, std::move(found.boxes), found.skipped, flags.threads).numbers.ap;
}

Status say_accuracy(const QuantizeFlags& flags) {
  DatasetOptions reading;
  reading.need_pictures = true;
  SAKER_ASSIGN(const Dataset dataset, read_dataset(flags.eval, reading));
  SAKER_ASSIGN(const double before, evaluate(flags, flags.model, dataset));
  SAKER_ASSIGN(const double after, evaluate(flags, flags.out, dataset));
  say(fmt::format("AP .50:.95 on {} pictures: float {:.4f}, 8 bits {:.4f} ({:+.4f})", dataset.pictures.size(), before,
                  after, after - before));
  return {};
}

Status run(QuantizeFlags& flags) {
  flags.backend = "saker";
  SAKER_ASSIGN(const Model model, Model::load(flags.model));
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
  SAKER_ASSIGN(const Quantized quantized, calibrate(flags, graph, detector, pictures, read));
  SAKER_ASSIGN(const std::string bytes, onnx::export_model(quantized.graph, export_form(flags)));
  SAKER_ASSIGN(const Agreement agreement, check_result(flags, detector, bytes, pictures, read));
  SAKER_TRY(write_file(flags.out, bytes));
  if (!flags.eval.empty()) SAKER_TRY(say_accuracy(flags));
  if (flags.quiet) return {};
  say(fmt::format(
      "{}: {} convolutions in 8 bits, {} in float; {} pictures, {:.1f} s\n"
      "file {:.1f} MB (float {:.1f}), a run {:.1f} ms (float {:.1f}), {:.0f} % of the boxes agree",
      flags.out, quantized.points.convs.size(), quantized.points.left_float.size(), pictures.paths.size(),
      watch.ms() / 1e3, static_cast<double>(bytes.size()) / 1e6, static_cast<double>(model.file_bytes()) / 1e6,
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
            "per-channel: most accurate, and as fast here;\nper-tensor: what other engines run fast\n[per-channel; of qlinear per-tensor]")
      ->check(one_of({"per-channel", "per-tensor"}));
  add_value(app, "--format", "FORM", flags->format,
            "qdq: QuantizeLinear and DequantizeLinear around float operators;\nqlinear: QLinearConv and others, "
            "which older engines take [qdq]")
      ->check(one_of({"qdq", "qlinear"}));
  add_value(app, "--observer", "NAME", flags->observer,
            "how ranges are chosen: min-max, moving-average, percentile,\nentropy or mse [min-max;\nper tensor the better of percentile and mse]")
      ->check(one_of(observer_names()));
  add_list(app, "--keep-float", "REGEX", flags->keep_float, "convolutions whose names match stay float; repeatable");
  add_value(app, "--eval", "DATA", flags->eval,
            "measure both models on this data: COCO annotations (.json), a YOLO\ndata.yaml, or a folder of VOC .xml");
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
