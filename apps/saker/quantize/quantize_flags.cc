// The flags of `saker quantize`.
#include "quantize/quantize_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "flags.h"
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

// The operators of qlinear take one scale a tensor.
Status settle_activations(QuantizeFlags& flags) {
  const bool qlinear = flags.format == "qlinear", for_others = qlinear || flags.format == "openvino";
  if (qlinear && flags.activations == "per-channel")
    return Error{ErrorCode::kInvalid,
                 "--format qlinear has one scale a tensor, so that --activations per-channel cannot be written: leave "
                 "it out, or take --format qdq"};
  if (flags.activations.empty()) flags.activations = for_others ? "per-tensor" : "per-channel";
  return {};
}

Status check_paths(const QuantizeFlags& flags) {
  SAKER_TRY(check_calibration("quantize", flags));
  if (flags.format == "openvino" && !flags.out.ends_with(".xml"))
    return Error{ErrorCode::kInvalid,
                 fmt::format("--out {}: OpenVINO wants a name that ends in .xml, with the .bin beside it", flags.out)};
  if (!flags.report.empty()) {
    if (!flags.report.ends_with(".html") && !flags.report.ends_with(".json"))
      return Error{ErrorCode::kInvalid, fmt::format("--report {}: the name ends in .html or .json", flags.report)};
  }
  for (const auto& [flag, path] : {std::pair("--report", flags.report), std::pair("--json", flags.json)}) {
    if (path.empty() || path == "-") continue;
    for (const std::string& other : {flags.model, flags.out, flags.eval}) {
      if (!other.empty() && same_file(path, other))
        return Error{ErrorCode::kInvalid, fmt::format("{} {} would overwrite that file", flag, path)};
    }
  }
  if (!flags.json.empty() && same_file(flags.json, flags.report))
    return Error{ErrorCode::kInvalid, "--json and --report name the same file"};
  return {};
}

}  // namespace

void add_quantize_flags(CLI::App& app, QuantizeFlags& flags) {
  app.add_option("MODEL", flags.model, "a float ONNX file")->option_text(" ")->required();
  add_value(app, "--data-dir", "FOLDER", flags.folder, "pictures like those the model will see; 100 to 300 are enough")
      ->required();
  add_value(app, "--out", "FILE", flags.out, "the 8-bit model")->required();
  add_subset_flags(app, flags);
  add_value(app, "--preset", "NAME", flags.preset,
            "mixed: symmetric weights, asymmetric activations;\nperformance: both symmetric [mixed]")
      ->check(one_of({"mixed", "performance"}));
  add_value(app, "--activations", "SCALES", flags.activations,
            "per-channel: most accurate, and as fast here;\nper-tensor: what other engines run fast\n[per-channel; of "
            "qlinear and openvino per-tensor]")
      ->check(one_of({"per-channel", "per-tensor"}));
  add_value(app, "--format", "FORM", flags.format,
            "qdq: QuantizeLinear and DequantizeLinear around float operators;\nqlinear: QLinearConv and others, "
            "which older engines take;\nopenvino: OpenVINO IR, an .xml and its .bin [qdq]")
      ->check(one_of({"qdq", "qlinear", "openvino"}));
  add_value(app, "--observer", "NAME", flags.observer,
            "how ranges are chosen: min-max, moving-average, percentile,\nentropy or mse [min-max;\nper tensor the "
            "better of percentile and mse]")
      ->check(one_of(observer_names()));
  add_value(
      app, "--weight-bits", "N", flags.weight_bits,
      "8, or 7: for engines that add two products in 16 bits where the CPU\nhas no VNNI, and then overflow (saker does "
      "not) [8]")
      ->check(one_of({"7", "8"}));
  add_repeated(app, "--keep-float", "REGEX", flags.keep_float,
               "convolutions whose names match stay float (RE2's syntax); repeatable")
      ->check(regular_expression());
  add_eval_flags(app, flags,
                 "with --eval: the layers that hurt most stay float until AP .50:.95\nis at most so much lower, such "
                 "as 0.005");
  add_value(app, "--report", "FILE", flags.report,
            "what 8 bits do to each layer, and with --eval what the worst cost;\n.html or .json; takes a minute, and "
            "ten times --eval more with it");
  add_json(app, flags.json);
  app.add_flag("--no-bias-correction", flags.no_bias_correction, "keep the biases as they are");
  add_run_flags(app, flags);
  app.footer(kExamples);
}

Status check_outputs(const QuantizeFlags& flags) {
  if (!flags.report.empty()) SAKER_TRY(check_output("--report", flags.report));
  if (!flags.json.empty()) SAKER_TRY(check_output("--json", flags.json));
  return check_output("--out", flags.out);
}

Status check_flags(QuantizeFlags& flags) {
  SAKER_TRY(settle_activations(flags));
  SAKER_TRY(check_json(flags.json));
  return check_paths(flags);
}

QuantizeOptions options_of(const QuantizeFlags& flags) {
  QuantizeOptions options;
  options.keep_float = name_matcher(flags.keep_float);
  options.activations =
      flags.activations == "per-tensor" ? ActivationScales::kPerTensor : ActivationScales::kPerChannel;
  options.symmetric = flags.preset == "performance";
  options.observer = observer_named(flags.observer);
  options.correct_bias = !flags.no_bias_correction;
  options.weight_bits = flags.weight_bits;
  options.threads = flags.threads > 0 ? flags.threads : usable_cpus();
  return options;
}

onnx::ExportForm export_form(const QuantizeFlags& flags) {
  return flags.format == "qlinear" ? onnx::ExportForm::kQLinear : onnx::ExportForm::kQdq;
}

}  // namespace saker::cli
