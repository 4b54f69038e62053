// saker quantize: a float model and pictures in, an 8-bit model out.
#include <fmt/format.h>

#include <algorithm>

#include "api/internals.h"
#include "base/clock.h"
#include "base/try.h"
#include "command.h"
#include "exports/export.h"
#include "guard/agreement.h"
#include "guard/guard.h"
#include "guard/layer_report.h"
#include "model/onnx/exporter.h"
#include "output.h"
#include "progress.h"
#include "quantize/accuracy.h"
#include "quantize/quantize.h"
#include "quantize/quantize_flags.h"
#include "report.h"

namespace saker::cli {
namespace {

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

// The layers that hurt most go back to float.
Status keep_accuracy(const QuantizeFlags& flags, const Quantizer& quantizer, const Evaluate& evaluate,
                     Outcome& outcome) {
  const std::size_t layers = outcome.report.layers.size();
  const auto tried = [&](const Reverted& reverted) {
    if (!flags.quiet) say(fmt::format("{} of {} layers in float: AP {:.4f}", reverted.count, layers, reverted.score));
  };
  const double least = outcome.accuracy->full - flags.max_drop;
  SAKER_ASSIGN(Reverted reverted, revert_worst(quantizer, outcome.report.layers, evaluate, least, tried));
  outcome.all_int8 = std::move(outcome.quantized.graph);
  outcome.quantized = std::move(reverted.quantized);
  outcome.report.in_float = std::move(reverted.in_float);
  outcome.accuracy->int8 = reverted.score;
  return {};
}

Status measure_layers(const QuantizeFlags& flags, const Quantizer& quantizer, const PictureFeed& source,
                      const std::optional<Evaluator>& evaluator, Outcome& outcome) {
  LayerReport& report = outcome.report;
  SAKER_ASSIGN(report.layers, find_sensitivity(flags, quantizer, source));
  report.in_float.assign(report.layers.size(), false);
  if (!evaluator) return {};
  const Evaluate evaluate = [&](const Graph& graph) { return evaluator->ap(graph); };
  if (drops_too_far(flags, *outcome.accuracy)) SAKER_TRY(keep_accuracy(flags, quantizer, evaluate, outcome));
  if (flags.report.empty()) return {};
  constexpr std::size_t kWorst = 8;
  SAKER_ASSIGN(report.costs,
               measure_costs(quantizer, report.layers, report.in_float, kWorst, evaluate, outcome.accuracy->int8));
  return {};
}

Result<Quantizer> calibrate(const QuantizeFlags& flags, const Graph& graph, PictureFeed source) {
  const QuantizeOptions options = options_of(flags);
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
    SAKER_ASSIGN(evaluator, Evaluator::create(flags, export_form(flags)));
    Accuracy& accuracy = outcome.accuracy.emplace();
    accuracy.pictures = evaluator->pictures();
    SAKER_ASSIGN(accuracy.full, evaluator->ap(model));
    SAKER_TRY(heed(check_accuracy(accuracy), {}, flags.force, flags.quiet));
    SAKER_ASSIGN(accuracy.int8, evaluator->ap(outcome.quantized.graph));
  }
  const bool dropped = outcome.accuracy && drops_too_far(flags, *outcome.accuracy);
  if (dropped || !flags.report.empty()) SAKER_TRY(measure_layers(flags, quantizer, source, evaluator, outcome));
  return outcome;
}

void complete_report(const QuantizeFlags& flags, const Quantizer& quantizer, const Agreement& agreement,
                     std::size_t pictures, Outcome& outcome) {
  LayerReport& report = outcome.report;
  report.model = flags.model;
  report.pictures = pictures;
  report.quantizer = &quantizer;
  report.accuracy = outcome.accuracy;
  report.agreement = agreement;
}

Status write_report(const QuantizeFlags& flags, const LayerReport& report) {
  if (flags.report.ends_with(".json")) return write_output(flags.report, dump(as_json(report)) + "\n");
  Document document = as_document(report);
  for (Section& section : document.sections) {
    for (std::string& note : section.notes) note = in_flags(note, "eval");
  }
  SAKER_ASSIGN(const std::string html, as_html(document));
  return write_output(flags.report, html);
}

// What --json says: of the new file, then the report, whose layers are there with --report.
Json summary(const QuantizeFlags& flags, const Outcome& outcome, std::size_t bytes, std::size_t float_bytes,
             double seconds) {
  const Points& points = outcome.quantized.points;
  Json json = Json::object();
  json["out"] = flags.out;
  json["bytes"] = bytes;
  json["float_bytes"] = float_bytes;
  json["convolutions"] = {{"int8", points.convs.size()}, {"float", points.left_float.size()}};
  json["seconds"] = seconds;
  json.update(as_json(outcome.report));
  return json;
}

// The bytes that were written. `bytes`: the model as ONNX.
Result<std::size_t> write_model(const QuantizeFlags& flags, const Graph& graph, const std::string& bytes) {
  if (flags.format != "openvino") {
    SAKER_TRY(write_file(flags.out, bytes));
    return bytes.size();
  }
  ExportedModel exported;
  SAKER_ASSIGN(exported.files, openvino_files(graph, false));
  std::erase_if(exported.files, [](const ExportedFile& file) { return !file.name.starts_with('.'); });
  SAKER_TRY(write_files(exported, flags.out));
  std::size_t size = 0;
  for (const ExportedFile& file : exported.files) size += file.bytes.size();
  return size;
}

Status run(QuantizeFlags& flags) {
  flags.backend = "saker";
  SAKER_ASSIGN(const Model model, Model::load(flags.model));
  flags.loaded = model;  // for every detector of it
  SAKER_ASSIGN(Detector detector, make_detector(flags));
  const Stopwatch watch;
  const ImageReadOptions read = read_options(flags, detector);
  SAKER_ASSIGN(const CalibrationPictures pictures, find_pictures(flags, "--data-dir", read));

  SAKER_ASSIGN(const Graph graph, prepare_float_graph(*graph_of(model), detector.spec().input_shapes()));
  SAKER_TRY(check_float(graph));
  SAKER_ASSIGN(const Findings findings, guard(detector, graph, pictures, read));
  SAKER_TRY(heed(findings, detector.preprocess(), flags.force, flags.quiet));
  SAKER_ASSIGN(const PictureFeed source, picture_feed(pictures, detector, read, graph));
  SAKER_ASSIGN(const Quantizer quantizer, calibrate(flags, graph, source));
  SAKER_ASSIGN(Outcome outcome, measure(flags, model, quantizer, source));
  SAKER_ASSIGN(const std::string bytes, onnx::export_model(outcome.quantized.graph, export_form(flags)));
  SAKER_ASSIGN(const Agreement agreement, agreement_of(flags, detector, bytes, pictures, read));
  SAKER_TRY(heed(check_agreement(agreement), detector.preprocess(), flags.force, flags.quiet));
  SAKER_ASSIGN(const std::size_t size, write_model(flags, outcome.quantized.graph, bytes));
  complete_report(flags, quantizer, agreement, pictures.paths.size(), outcome);
  if (!flags.report.empty()) SAKER_TRY(write_report(flags, outcome.report));
  if (!flags.json.empty())
    SAKER_TRY(write_output(flags.json, dump(summary(flags, outcome, size, model.file_bytes(), watch.ms() / 1e3))));
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
  if (detector.spec().batch() > 1) {
    say(fmt::format("note: {} takes {} pictures at a time, as the model's file fixes it", flags.out,
                    detector.spec().batch()));
  } else if (!quantizer.why_one_picture().empty()) {
    say(fmt::format("note: {} takes one picture at a time: {}", flags.out, quantizer.why_one_picture()));
  }
  const Points& points = outcome.quantized.points;
  say(
      fmt::format("{}: {} convolutions in 8 bits, {} in float; {} pictures, {:.1f} s\n"
                  "file {:.1f} MB (float {:.1f}), a run {:.1f} ms (float {:.1f}), {}",
                  flags.out, points.convs.size(), points.left_float.size(), pictures.paths.size(), watch.ms() / 1e3,
                  static_cast<double>(size) / 1e6, static_cast<double>(model.file_bytes()) / 1e6, agreement.int8_ms,
                  agreement.float_ms, in_words(agreement)));
  return {};
}

}  // namespace

std::function<int()> add_quantize(CLI::App& app) {
  auto flags = std::make_shared<QuantizeFlags>();
  add_quantize_flags(app, *flags);
  return [flags] {
    if (const Status status = check_flags(*flags); !status.ok()) return usage_error("quantize", status.error().message);
    if (const Status status = check_outputs(*flags); !status.ok()) return fail(status.error());
    const Status status = run(*flags);
    return status.ok() ? kSuccess : fail(status.error());
  };
}

}  // namespace saker::cli
