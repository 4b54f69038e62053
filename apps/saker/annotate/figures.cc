// What a run of `saker annotate` took.
#include "annotate/figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/plural.h"
#include "base/text.h"
#include "base/usable_cpus.h"
#include "base/version.h"
#include "detect/heads/head.h"
#include "measure/machine.h"
#include "report/document.h"
#include "tracking/track_text.h"

namespace saker::cli {
namespace {

constexpr Stage kShown[] = {Stage::kDecode, Stage::kPreprocess, Stage::kInfer,  Stage::kPostprocess, Stage::kModel,
                            Stage::kTrack,  Stage::kDraw,       Stage::kEncode, Stage::kAge};

StageFigures all_stages(const AnnotateRun& run) {
  StageFigures all;
  for (const SourceRun& source : run.sources) {
    for (std::size_t i = 0; i < kStages; ++i) all.of[i].add(source.stages.of[i]);
  }
  return all;
}

std::size_t all_frames(const AnnotateRun& run) {
  std::size_t frames = 0;
  for (const SourceRun& source : run.sources) frames += source.frames;
  return frames;
}

double per_second(std::size_t frames, double seconds) {
  return seconds > 0 ? static_cast<double>(frames) / seconds : 0;
}

double model_fps(const StageFigures& stages) {
  const double mean = stages[Stage::kModel].mean();
  return mean > 0 ? 1e3 / mean : 0;
}

// "decoding, the model, drawing and encoding"
std::string contained(const AnnotateRun& run, const StageFigures& stages) {
  std::vector<std::string> parts = {"decoding", "fitting into the input", "the model", "boxes"};
  if (stages[Stage::kTrack].count() > 0) parts.emplace_back("tracking");
  if (run.drawn) parts.emplace_back("drawing");
  if (run.encoded) parts.emplace_back(run.videos ? "encoding" : "writing");
  std::string text = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) text += (i + 1 < parts.size() ? ", " : " and ") + parts[i];
  return text;
}

std::string outputs_text(const SourceRun& source) {
  std::string text;
  for (const VideoPart& part : source.parts) {
    text += fmt::format("{}{} ({}x{}, {})", text.empty() ? "" : ", ", part.path, part.width, part.height, part.encoder);
  }
  return text;
}

std::string source_text(const AnnotateRun& run, const SourceRun& each) {
  const video::VideoInfo& info = each.source.info;
  std::string text = printable_line(each.source.name);
  if (run.videos) {
    text += fmt::format("  {}, {}x{}", info.codec, info.width, info.height);
    if (info.frame_rate.value() > 0) text += fmt::format(", {:.4g} FPS", info.frame_rate.value());
  }
  text += fmt::format("  {}", counted(each.frames, run.videos ? "frame" : "picture"));
  if (each.failed > 0) text += fmt::format(", {} failed", each.failed);
  if (each.source.damaged > 0) text += fmt::format(", {} damaged", each.source.damaged);
  if (const std::string outputs = outputs_text(each); !outputs.empty()) text += fmt::format("\n  {}", outputs);
  if (info.live) {
    const TimeHistogram& age = each.stages[Stage::kAge];
    text += fmt::format(
        "\n  live: {} of {} frames dropped; age of a frame when it was done {:.0f} ms (p99 {:.0f}); "
        "{}, {:.1f} s away at most",
        each.source.dropped, each.source.frames, age.mean(), age.percentile(99),
        counted(each.source.reconnects, "reconnection"), each.source.longest_gap);
  }
  for (const tracking::Counts& count : each.counts) text += "\n  " + printable_line(tracking::counts_text(count));
  return text + "\n";
}

std::string stage_table(const StageFigures& stages) {
  Table table;
  table.columns = {"ms a frame", "mean", "p50", "p90", "p99"};
  for (const Stage stage : kShown) {
    const TimeHistogram& times = stages[stage];
    if (times.count() == 0) continue;
    std::vector<std::string> row = {stage_name(stage), fmt::format("{:.2f}", times.mean())};
    for (const double percent : {50.0, 90.0, 99.0}) row.push_back(fmt::format("{:.2f}", times.percentile(percent)));
    table.rows.push_back(std::move(row));
  }
  return aligned(table);
}

Json stages_json(const StageFigures& stages) {
  Json json = Json::object();
  for (const Stage stage : kShown) {
    const TimeHistogram& times = stages[stage];
    if (times.count() == 0) continue;
    json[stage_name(stage)] = {{"mean", times.mean()},        {"p50", times.percentile(50)},
                               {"p90", times.percentile(90)}, {"p99", times.percentile(99)},
                               {"max", times.greatest()},     {"frames", times.count()}};
  }
  return json;
}

Json model_json(const ModelFacts& model) {
  return {{"path", model.path},       {"engine", model.engine},       {"precision", model.precision},
          {"head", model.head},       {"height", model.height},       {"width", model.width},
          {"threads", model.threads}, {"in_flight", model.in_flight}, {"batch", model.batch}};
}

Json counts_json(const std::vector<tracking::Counts>& counts) {
  Json list = Json::array();
  for (const tracking::Counts& each : counts) {
    if (each.zone) {
      list.push_back({{"zone", each.name}, {"inside", each.inside}, {"entered", each.entered}});
    } else {
      list.push_back({{"line", each.name}, {"forward", each.forward}, {"backward", each.backward}});
    }
  }
  return list;
}

Json source_json(const SourceRun& each, double seconds) {
  const SourceFigures& source = each.source;
  const video::VideoInfo& info = source.info;
  Json json = {{"name", source.name},
               {"format", info.format},
               {"codec", info.codec},
               {"live", info.live},
               {"width", info.width},
               {"height", info.height},
               {"frame_rate", info.frame_rate.value()},
               {"frames", each.frames},
               {"decoded", source.frames},
               {"dropped", source.dropped},
               {"damaged", source.damaged},
               {"failed", each.failed},
               {"reconnects", source.reconnects},
               {"longest_gap_s", source.longest_gap},
               {"error", source.error},
               {"fps", per_second(each.frames, seconds)},
               {"model_fps", model_fps(each.stages)},
               {"stages_ms", stages_json(each.stages)}};
  json["outputs"] = Json::array();
  for (const VideoPart& part : each.parts) {
    json["outputs"].push_back({{"path", part.path},
                               {"encoder", part.encoder},
                               {"width", part.width},
                               {"height", part.height},
                               {"frames", part.frames}});
  }
  if (!each.counts.empty()) json["counts"] = counts_json(each.counts);
  return json;
}

}  // namespace

ModelFacts model_facts(const Detector& detector, const Model& model, const DetectorFlags& flags) {
  ModelFacts facts;
  facts.path = model.path();
  facts.engine = detector.backend();
  facts.precision = flags.precision.empty() ? "f32" : flags.precision;
  const auto operators = model.operators();
  for (const char* name : {"QLinearConv", "ConvInteger", "DequantizeLinear"}) {
    if (operators.contains(name)) facts.precision = "int8";
  }
  facts.head = head_name(detector.head());
  facts.height = detector.input_height(), facts.width = detector.input_width();
  facts.in_flight = flags.inter;
  facts.threads = flags.threads > 0 ? flags.threads : usable_cpus();
  facts.batch = flags.batch > 0 ? flags.batch : detector.spec().batch();
  return facts;
}

std::string figures_text(const AnnotateRun& run) {
  const StageFigures stages = all_stages(run);
  const std::size_t frames = all_frames(run);
  std::string text;
  for (const SourceRun& source : run.sources) text += source_text(run, source);
  if (frames == 0) return text;
  text += "\n" + stage_table(stages);
  const char* thing = run.videos ? "frame" : "picture";
  text += fmt::format("\n{} in {:.1f} s: {:.1f} FPS end to end, with {}, which overlap\n", counted(frames, thing),
                      run.seconds, per_second(frames, run.seconds), contained(run, stages));
  text += fmt::format("model {:.1f} FPS: fitting into the input, the model and boxes alone; {}, {}, {}\n",
                      model_fps(stages), run.model.precision, run.model.engine,
                      counted(static_cast<std::size_t>(run.model.threads), "thread"));
  return text;
}

Json figures_json(const AnnotateRun& run) {
  const StageFigures stages = all_stages(run);
  const std::size_t frames = all_frames(run);
  Json json = {{"saker", version()}, {"model", model_json(run.model)}, {"machine", machine_json()}};
  json["frames"] = frames;
  json["seconds"] = run.seconds;
  json["fps"] = per_second(frames, run.seconds);
  json["model_fps"] = model_fps(stages);
  json["stages_ms"] = stages_json(stages);
  json["signal"] = run.signal == 0 ? Json(nullptr) : Json(run.signal);
  json["sources"] = Json::array();
  for (const SourceRun& source : run.sources) json["sources"].push_back(source_json(source, run.seconds));
  json["what_is_inside"] = {
      {"fps", fmt::format("frames by the wall time from the first frame to the last that was written; with {}, which "
                          "overlap",
                          contained(run, stages))},
      {"model_fps",
       "1000 by the mean of the stage `model`, without decoding, drawing and encoding: as annotate.py of DeepSparse's "
       "YOLOv5 counts it, and resizing into the input besides, which it leaves out"},
      {"stages_ms", "milliseconds a frame of each stage on its own thread; waiting for others is in none of them"},
      {"model", "preprocess (resizing into the input), infer and postprocess (decoding boxes, NMS) together"},
      {"decode", "reading and decoding; of a live source from the arrival of a frame's last packet"},
      {"draw", "copying the planes, boxes, labels and the overlay"},
      {"encode", "encoding and writing"},
      {"age", "of a live source's frame, from its arrival to the end of the work on it"},
      {"dropped", "frames of a live source that were decoded and not looked at, because a newer one was there"}};
  return json;
}

}  // namespace saker::cli
