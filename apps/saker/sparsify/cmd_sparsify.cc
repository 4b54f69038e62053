// saker sparsify: a float model and pictures in, the same with most of its weights zero out.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>

#include "api/internals.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "command.h"
#include "flags.h"
#include "guard/guard.h"
#include "output.h"
#include "passes/open_batch.h"
#include "passes/passes.h"
#include "progress.h"
#include "quantize/accuracy.h"
#include "quantize/calibration.h"
#include "quantize/quantize.h"
#include "report.h"
#include "report/json.h"
#include "sparsify/sparsify.h"
#include "sparsify/sparsity_report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker sparsify yolov8n.onnx --sparsity 0.5 --pattern block4 --calib pictures --out sparse.onnx\n"
    "  saker sparsify best.pt --sparsity 0.7 --calib pictures --eval data.yaml --max-drop 0.02 --int8 --out best.onnx\n"
    "  saker sparsify yolov5s.onnx --sparsity 0.3 --pattern unstructured --method magnitude --out sparse.onnx\n"
    "\n"
    "Without training few models lose half of their weights and stay good: docs/how-to/sparse.md has the curves.\n"
    "saker inspect --sparsity shows what a model has.";

struct SparsifyFlags : CalibrationFlags {
  std::string pattern = "4x4", method, budget, json;
  double sparsity = -1;  // not given
  std::vector<std::string> keep_dense;
  bool int8 = false;
};

// What was made, and how good it is.
struct Outcome {
  sparsify::Sparsified sparse;
  std::int64_t weights = 0;  // of the dense model's convolutions
  Graph graph;               // with layers dense again, in 8 bits, as it was asked
  std::vector<bool> dense_again;
  std::size_t eval_pictures = 0;
  std::optional<double> before, after;  // AP .50:.95
};

sparsify::SparsifyOptions options_of(const SparsifyFlags& flags) {
  sparsify::SparsifyOptions options;
  options.pattern = *sparse_pattern(flags.pattern);
  options.sparsity = flags.sparsity;
  options.method = flags.method == "magnitude" ? sparsify::Method::kMagnitude : sparsify::Method::kObs;
  options.uniform = flags.budget == "uniform";
  options.keep_dense = name_matcher(flags.keep_dense);
  options.threads = flags.threads > 0 ? flags.threads : usable_cpus();
  return options;
}

Result<sparsify::Sparsified> prune(const SparsifyFlags& flags, const Graph& graph, const PictureFeed* pictures) {
  sparsify::SparsifyOptions options = options_of(flags);
  std::optional<Progress> progress;
  options.progress = [&](std::size_t done, std::size_t total) {
    if (!progress) progress.emplace(total, !flags.quiet, "runs");
    progress->show(done, 0);
  };
  auto sparse = sparsify::sparsify(graph, options, pictures);
  if (progress) progress->clear();
  return sparse;
}

// As it is written: for any number of pictures if that can be, in 8 bits if that was asked.
Result<Graph> finished(const SparsifyFlags& flags, Graph graph, const PictureFeed* pictures) {
  SAKER_TRY(remove_dead(graph));
  if (flags.int8) {
    QuantizeOptions options;
    options.threads = flags.threads > 0 ? flags.threads : usable_cpus();
    SAKER_ASSIGN(Quantized quantized, quantize(graph, options, *pictures));
    return std::move(quantized.graph);
  }
  if (const Status status = open_batch(graph); !status.ok() && !flags.quiet)
    say(fmt::format("note: {} takes one picture at a time: {}", flags.out, status.error().message));
  return graph;
}

// The layers whose pruning hurts most are dense again.
Status keep_accuracy(const SparsifyFlags& flags, const Graph& dense, const PictureFeed* pictures,
                     const Evaluator& evaluator, Outcome& outcome) {
  const std::vector<sparsify::SparseLayer>& layers = outcome.sparse.layers;
  std::vector<LayerSensitivity> effects;
  for (const sparsify::SparseLayer& layer : layers) effects.push_back({0, layer.effect});
  const std::vector<std::size_t> order = worst_first(effects);
  const double least = *outcome.before - flags.max_drop;
  const auto score = [&](std::size_t count) -> Result<double> {
    std::vector<bool> again(layers.size(), false);
    for (std::size_t i = 0; i < count; ++i) again[order[i]] = true;
    SAKER_ASSIGN(Graph graph, finished(flags, sparsify::with_dense_layers(outcome.sparse, dense, again), pictures));
    SAKER_ASSIGN(const double ap, evaluator.ap(graph));
    if (!flags.quiet) say(fmt::format("{} of {} layers dense: AP {:.4f}", count, layers.size(), ap));
    if (ap < least) return ap;
    outcome.graph = std::move(graph);
    outcome.dense_again = std::move(again);
    outcome.after = ap;
    return ap;
  };
  SAKER_TRY(fewest_reverted(layers.size(), least, "pruned", score));
  return {};
}

Status measure(const SparsifyFlags& flags, const Model& model, const Graph& dense, const PictureFeed* pictures,
               const Evaluator& evaluator, Outcome& outcome) {
  outcome.eval_pictures = evaluator.pictures();
  if (!(*outcome.before > 0)) {
    const std::string what = fmt::format(
        "AP of {} is {:g} on {} pictures: there is nothing to lose, so that no figure says anything. Is it "
        "fed as it was trained? Are these its classes?",
        model.path(), std::max(*outcome.before, 0.0), outcome.eval_pictures);
    if (!flags.force)
      return Error{ErrorCode::kUnsupported, what + "\nNothing was written; --force goes on all the same"};
    say("warning: " + what);
  }
  SAKER_ASSIGN(outcome.after, evaluator.ap(outcome.graph));
  if (flags.max_drop >= 0 && *outcome.after < *outcome.before - flags.max_drop)
    return keep_accuracy(flags, dense, pictures, evaluator, outcome);
  return {};
}

// The share of the weights that is zero, or has gone with its channel.
double share_gone(const SparsifyFlags& flags, const Outcome& outcome, const sparsify::SparsityReport& report) {
  const sparsify::Count& left = report.all.elements;
  if (flags.pattern != "channel") return left.share();
  return 1 - static_cast<double>(left.all) / static_cast<double>(std::max<std::int64_t>(outcome.weights, 1));
}

Json as_json(const SparsifyFlags& flags, const Outcome& outcome, double gone) {
  Json json = Json::object();
  json["model"] = flags.model;
  json["out"] = flags.out;
  json["pattern"] = flags.pattern;
  json["sparsity"] = flags.sparsity;
  json["method"] = flags.method;
  json["budget"] = flags.budget;
  json["zeros"] = gone;
  if (outcome.before)
    json["ap"] = {{"pictures", outcome.eval_pictures}, {"before", *outcome.before}, {"after", *outcome.after}};
  json["layers"] = Json::array();
  for (std::size_t i = 0; i < outcome.sparse.layers.size(); ++i) {
    const sparsify::SparseLayer& layer = outcome.sparse.layers[i];
    json["layers"].push_back({{"name", layer.name},
                              {"weights", layer.dims.size()},
                              {"sparsity", outcome.dense_again[i] ? 0 : layer.sparsity},
                              {"effect", layer.effect},
                              {"error", layer.error}});
  }
  json["dense"] = Json::array();
  for (const auto& [name, why] : outcome.sparse.left_dense) json["dense"].push_back({{"name", name}, {"why", why}});
  return json;
}

// Who was left alone and why; what the blocks at the end of a layer are.
void say_notes(const Outcome& outcome) {
  for (const auto& [name, why] : outcome.sparse.left_dense) say(fmt::format("left dense: {}: {}", name, why));
  for (const std::string& note : outcome.sparse.notes) say("note: " + note);
}

Status write(const SparsifyFlags& flags, const Outcome& outcome, std::size_t pictures, double seconds) {
  SAKER_ASSIGN(const std::string bytes, onnx::export_model(outcome.graph));
  const sparsify::SparsityReport report = sparsify::report_sparsity(outcome.graph);
  const double gone = share_gone(flags, outcome, report);
  SAKER_TRY(write_file(flags.out, bytes));
  if (!flags.json.empty()) SAKER_TRY(write_output(flags.json, dump(as_json(flags, outcome, gone))));
  if (outcome.before)
    say(fmt::format("AP .50:.95 on {} pictures: before {:.4f}, after {:.4f} ({:+.4f})", outcome.eval_pictures,
                    *outcome.before, *outcome.after, *outcome.after - *outcome.before));
  if (flags.quiet) return {};
  const auto again = std::ranges::count(outcome.dense_again, true);
  say(fmt::format("{}: {:.1f} % of the weights {}, {} ({}) in {} layers{}; {} pictures, {:.1f} s", flags.out,
                  100 * gone, flags.pattern == "channel" ? "have gone" : "are zero", flags.pattern, flags.method,
                  outcome.sparse.layers.size() - static_cast<std::size_t>(again),
                  again == 0 ? "" : fmt::format(", {} dense again", again), pictures, seconds));
  return {};
}

Status run(SparsifyFlags& flags) {
  flags.backend = "saker";
  SAKER_ASSIGN(const Model model, Model::load(flags.model));
  flags.loaded = model;  // for every detector of it
  SAKER_ASSIGN(Detector detector, make_detector(flags));
  const Stopwatch watch;
  const ImageReadOptions read = read_options(flags, detector);
  SAKER_ASSIGN(const Graph graph, prepare_float_graph(*graph_of(model), detector.spec().input_shapes()));
  SAKER_TRY(check_float(graph));
  CalibrationPictures pictures;
  std::optional<PictureFeed> feed;
  if (!flags.folder.empty()) {
    SAKER_ASSIGN(pictures, find_pictures(flags, "--calib", read));
    SAKER_ASSIGN(const Findings findings, guard(detector, graph, pictures, read));
    SAKER_TRY(heed(findings, detector.preprocess(), flags.force, flags.quiet));
    SAKER_ASSIGN(feed, picture_feed(pictures, detector, read, graph));
  }
  const PictureFeed* shown = feed ? &*feed : nullptr;
  Outcome outcome;
  std::optional<Evaluator> evaluator;
  if (!flags.eval.empty()) {
    SAKER_ASSIGN(evaluator, Evaluator::create(flags, onnx::ExportForm::kQdq));
    SAKER_ASSIGN(outcome.before, evaluator->ap(model));
  }
  outcome.weights = sparsify::report_sparsity(graph).all.elements.all;
  SAKER_ASSIGN(outcome.sparse, prune(flags, graph, shown));
  outcome.dense_again.assign(outcome.sparse.layers.size(), false);
  if (!flags.quiet) say_notes(outcome);
  SAKER_ASSIGN(outcome.graph, finished(flags, outcome.sparse.graph, shown));
  if (evaluator) SAKER_TRY(measure(flags, model, graph, shown, *evaluator, outcome));
  return write(flags, outcome, pictures.paths.size(), watch.ms() / 1e3);
}

// What is wrong with the flags together; settles what hangs on others.
Status check_flags(SparsifyFlags& flags) {
  const bool has_pictures = !flags.folder.empty();
  if (flags.pattern == "2:4") {
    if (flags.sparsity >= 0 && flags.sparsity != 0.5)
      return Error{ErrorCode::kInvalid, "--pattern 2:4 is half zeros: leave --sparsity out"};
    flags.sparsity = 0.5;
  }
  if (flags.pattern == "channel" && flags.max_drop >= 0)
    return Error{ErrorCode::kInvalid,
                 "--max-drop puts layers back as they were, which no longer fit where --pattern channel has removed "
                 "channels: try a lower --sparsity"};
  if (flags.sparsity < 0) return Error{ErrorCode::kInvalid, "--sparsity is missing: the share of zeros, such as 0.5"};
  if (flags.method.empty()) flags.method = has_pictures ? "obs" : "magnitude";
  if (flags.budget.empty()) flags.budget = has_pictures ? "sensitivity" : "uniform";
  if (!has_pictures) {
    const char* what = flags.method == "obs"           ? "--method obs"
                       : flags.budget == "sensitivity" ? "--budget sensitivity"
                       : flags.int8                    ? "--int8"
                       : flags.max_drop >= 0           ? "--max-drop"
                                                       : nullptr;
    if (what != nullptr)
      return Error{ErrorCode::kInvalid,
                   fmt::format("{} needs --calib FOLDER: pictures like those the model will see", what)};
  }
  if (!flags.json.empty() && (same_file(flags.json, flags.model) || same_file(flags.json, flags.out)))
    return Error{ErrorCode::kInvalid, fmt::format("--json {} would overwrite that file", flags.json)};
  SAKER_TRY(check_json(flags.json));
  return check_calibration("sparsify", flags);
}

Status check_outputs(const SparsifyFlags& flags) {
  if (!flags.json.empty()) SAKER_TRY(check_output("--json", flags.json));
  return check_output("--out", flags.out);
}

void add_flags(CLI::App& app, SparsifyFlags& flags) {
  app.add_option("MODEL", flags.model, "a float ONNX file or a checkpoint")->option_text(" ")->required();
  add_value(app, "--out", "FILE", flags.out, "the sparse model, as ONNX")->required();
  add_value(app, "--sparsity", "SHARE", flags.sparsity, "share of the weights that become zero, 0 to 1")
      ->check(number_between(0, 1));
  add_value(app, "--pattern", "NAME", flags.pattern,
            "which are zero together: unstructured; block4: 4 neighbouring input\nchannels; 2x4, 4x4: ... for 2 or 4 "
            "output channels; 2:4: 2 of every 4\ninput channels; channel: whole channels, which are removed [4x4]")
      ->check(one_of({"unstructured", "block4", "2x4", "4x4", "2:4", "channel"}));
  add_value(app, "--calib,--data-dir", "FOLDER", flags.folder,
            "pictures like those the model will see; 100 to 300 are enough");
  add_value(app, "--method", "NAME", flags.method,
            "obs: what changes the layers' results least goes, what stays makes up for it;\nmagnitude: the smallest "
            "go [obs; without --calib magnitude]")
      ->check(one_of({"obs", "magnitude"}));
  add_value(app, "--budget", "NAME", flags.budget,
            "sensitivity: less of layers that matter more;\nuniform: of each the same [sensitivity; without --calib "
            "uniform]")
      ->check(one_of({"sensitivity", "uniform"}));
  add_repeated(app, "--keep-dense", "REGEX", flags.keep_dense,
               "convolutions whose names match stay dense (RE2's syntax); repeatable")
      ->check(regular_expression());
  app.add_flag("--int8,--quantize", flags.int8, "in 8 bits too, as saker quantize does it");
  add_subset_flags(app, flags);
  add_eval_flags(app, flags,
                 "with --eval: the layers that hurt most stay dense until AP .50:.95\nis at most so much lower, such "
                 "as 0.01");
  add_json(app, flags.json);
  add_run_flags(app, flags);
  app.footer(kExamples);
}

}  // namespace

std::function<int()> add_sparsify(CLI::App& app) {
  auto flags = std::make_shared<SparsifyFlags>();
  add_flags(app, *flags);
  return [flags] {
    if (const Status status = check_flags(*flags); !status.ok()) return usage_error("sparsify", status.error().message);
    if (const Status status = check_outputs(*flags); !status.ok()) return fail(status.error());
    const Status status = run(*flags);
    return status.ok() ? kSuccess : fail(status.error());
  };
}

}  // namespace saker::cli
