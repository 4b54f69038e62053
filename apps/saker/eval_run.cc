// From a data set and a model, or somebody's results, to scored boxes that can be evaluated.
#include "eval_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/try.h"
#include "eval/class_map.h"
#include "pipeline/detect_frames.h"
#include "pipeline/picture_files.h"
#include "progress.h"
#include "report.h"

namespace saker::cli {
namespace {

// YOLOX is evaluated with this threshold in its own repository (exps/default, nmsthre 0.65), the others with 0.7.
constexpr float kYoloxIou = 0.65F;

bool is_yolox(HeadKind head) {
  return head == HeadKind::kYolox || head == HeadKind::kYoloxDecoded;
}

std::vector<PictureFile> pictures_of(const Dataset& dataset) {
  std::vector<PictureFile> files;
  for (const Picture& picture : dataset.pictures) files.push_back({picture_path(dataset, picture), ""});
  return files;
}

// Takes the results of one picture after the other.
class Collector {
 public:
  Collector(const Dataset& dataset, const ClassMap& map, bool skip_bad, bool quiet)
      : dataset_(dataset), map_(map), skip_bad_(skip_bad), progress_(dataset.pictures.size(), !quiet) {}

  bool take(const PictureResult& result) {
    if (result.error.empty()) {
      add(result);
    } else if (skip_bad_) {
      progress_.clear();
      say(result.error);
      found.failed.resize(dataset_.pictures.size(), false);
      found.failed[next_] = true;
      ++failures_;
    } else {
      error = result.error;
      return false;
    }
    progress_.show(++next_, failures_);
    return true;
  }

  void finish() {
    progress_.clear();
    if (resized_ > 0) {
      found.notes.push_back(fmt::format("{} pictures have another size than the annotations say", resized_));
    }
  }

  FoundBoxes found;
  std::string error;

 private:
  void add(const PictureResult& result) {
    const Picture& picture = dataset_.pictures[next_];
    if (picture.width > 0 && (picture.width != result.width || picture.height != result.height)) ++resized_;
    for (const Detection& box : result.found.boxes) {
      const std::int32_t category = map_.category[static_cast<std::size_t>(box.class_id)];
      if (category < 0) continue;
      const double x = static_cast<double>(box.x1), y = static_cast<double>(box.y1);
      found.boxes.push_back({static_cast<std::int32_t>(next_), category, x, y, static_cast<double>(box.x2) - x,
                             static_cast<double>(box.y2) - y, static_cast<double>(box.score)});
    }
  }

  const Dataset& dataset_;
  const ClassMap& map_;
  bool skip_bad_;
  Progress progress_;
  std::size_t next_ = 0, failures_ = 0, resized_ = 0;
};

// Another --iou for YOLOX, unless one was given.
Result<Detector> make_evaluated(DetectorFlags& flags) {
  SAKER_ASSIGN(Detector detector, make_detector(flags));
  if (flags.iou_given || !is_yolox(detector.head())) return detector;
  flags.iou = kYoloxIou;
  flags.iou_given = true;
  flags.quiet = true;  // what there is to say has been said
  return make_detector(flags);
}

}  // namespace

void set_eval_defaults(DetectorFlags& flags) {
  flags.conf = 0.001F;
  flags.iou = 0.7F;
  flags.multi_label = true;
  flags.inter = std::clamp(usable_cpus(), 1, 16);
}

Result<FoundBoxes> find_boxes(const DetectorFlags& flags, const Dataset& dataset, bool skip_bad) {
  DetectorFlags chosen = flags;
  SAKER_ASSIGN(Detector detector, make_evaluated(chosen));
  const std::string backend = detector.backend();
  const std::string precision_note = detector.session().precision_note();
  SAKER_ASSIGN(const ClassMap map, map_classes(detector.labels(), dataset));
  DetectFramesOptions options;
  options.in_flight = static_cast<std::size_t>(flags.inter);
  options.batch = static_cast<std::size_t>(std::max(1, flags.batch));
  options.read = read_options(flags, detector);
  PictureFiles source(pictures_of(dataset));
  Collector collector(dataset, map, skip_bad, flags.quiet);
  const Stopwatch watch;
  SAKER_TRY(detect_frames(source, std::move(detector), options,
                          [&](const PictureResult& result) { return collector.take(result); }));
  const double seconds = watch.ms() / 1e3;
  collector.finish();
  if (!collector.error.empty()) {
    return Error{ErrorCode::kIo, collector.error + "\n--skip-bad goes on without such pictures"};
  }
  FoundBoxes found = std::move(collector.found);
  found.notes.insert(found.notes.begin(), map.notes.begin(), map.notes.end());
  if (!precision_note.empty()) found.notes.push_back(precision_note);
  found.backend = backend;
  found.iou = chosen.iou;
  found.pictures_per_second = static_cast<double>(dataset.pictures.size()) / std::max(seconds, 1e-9);
  return found;
}

void leave_out(Dataset& dataset, const std::vector<std::vector<ScoredBox>*>& lists, const std::vector<bool>& failed) {
  std::vector<std::int32_t> moved(dataset.pictures.size(), -1);
  std::vector<Picture> kept;
  for (std::size_t i = 0; i < dataset.pictures.size(); ++i) {
    if (failed[i]) continue;
    moved[i] = static_cast<std::int32_t>(kept.size());
    kept.push_back(std::move(dataset.pictures[i]));
  }
  dataset.skipped += dataset.pictures.size() - kept.size();
  dataset.pictures = std::move(kept);
  const auto move = [&](auto& list) {
    for (auto& each : list) each.picture = moved[static_cast<std::size_t>(each.picture)];
    std::erase_if(list, [](const auto& each) { return each.picture < 0; });
  };
  move(dataset.annotations);
  for (std::vector<ScoredBox>* boxes : lists) move(*boxes);
}

}  // namespace saker::cli
