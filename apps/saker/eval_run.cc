// The detector of `saker eval` at work on every picture of a dataset.
#include "eval_run.h"

#include <algorithm>

#include "base/clock.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "pipeline/detect_frames.h"
#include "pipeline/picture_files.h"
#include "progress.h"
#include "report.h"

namespace saker::cli {
namespace {

std::vector<PictureFile> pictures_of(const Dataset& dataset) {
  std::vector<PictureFile> files;
  for (const Picture& picture : dataset.pictures) files.push_back({picture_path(dataset, picture), ""});
  return files;
}

// With the family's own threshold of evaluation, unless one was given.
Result<Detector> make_evaluated(const DetectorFlags& flags) {
  SAKER_ASSIGN(Detector detector, make_detector(flags));
  if (flags.iou_given) return detector;
  BoxOptions boxes = detector.boxes();
  boxes.iou = detector.spec().evaluation_iou();
  SAKER_TRY(detector.set_boxes(boxes));
  return detector;
}

}  // namespace

void set_eval_defaults(DetectorFlags& flags) {
  flags.conf = 0.001F;
  flags.iou = 0.7F;
  flags.multi_label = true;
  flags.inter = std::clamp(usable_cpus(), 1, 16);
}

Result<ModelBoxes> find_boxes(const DetectorFlags& flags, const Dataset& dataset, bool skip_bad) {
  SAKER_ASSIGN(Detector detector, make_evaluated(flags));
  const std::string precision_note = detector.session().precision_note();
  ModelBoxes result{{}, detector.backend(), *detector.boxes().iou};
  DetectFramesOptions options;
  options.in_flight = static_cast<std::size_t>(flags.inter);
  options.batch = static_cast<std::size_t>(std::max(1, flags.batch));
  options.read = read_options(flags, detector);
  Progress progress(dataset.pictures.size(), !flags.quiet);
  CollectOptions collect;
  collect.skip_bad = skip_bad;
  collect.warn = [&](const std::string& error) {
    progress.clear();
    say(in_flags(error, "max_pixels"));
  };
  collect.progress = [&](std::size_t done, std::size_t failed) { progress.show(done, failed); };
  SAKER_ASSIGN(BoxCollector collector, BoxCollector::create(dataset, detector.labels(), std::move(collect)));
  PictureFiles source(pictures_of(dataset));
  const Stopwatch watch;
  SAKER_TRY(detect_frames(source, std::move(detector), options, [&](const PictureResult& one) {
    return collector.take({one.found.boxes, one.width, one.height, one.error});
  }));
  const double seconds = watch.ms() / 1e3;
  progress.clear();
  SAKER_ASSIGN(result.found, collector.finish());
  if (!precision_note.empty()) result.found.notes.push_back(precision_note);
  result.found.pictures_per_second = static_cast<double>(dataset.pictures.size()) / std::max(seconds, 1e-9);
  return result;
}

}  // namespace saker::cli
