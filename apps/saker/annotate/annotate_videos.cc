// Videos, cameras and streams: read, looked at, drawn on and written, all at the same time.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "annotate/annotate_run.h"
#include "annotate/line_output.h"
#include "annotate/sources.h"
#include "base/clock.h"
#include "base/plural.h"
#include "base/stop_signals.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "pipeline/detect_frames.h"
#include "pipeline/picture_files.h"
#include "pipeline/video_frames.h"
#include "pipeline/video_sink.h"
#include "progress.h"
#include "report.h"

namespace saker::cli {
namespace fs = std::filesystem;
namespace {

class VideoRun {
 public:
  VideoRun(const AnnotateFlags& flags, const std::vector<std::string>& videos) : flags_(flags), videos_(videos) {}

  Result<AnnotateRun> run() {
    SAKER_TRY(prepare());
    SAKER_ASSIGN(const Model model, Model::load(flags_.model, {.backend = flags_.backend}));
    AnnotateFlags flags = flags_;
    flags.loaded = model;
    if (tracker_ && !flags.conf_given)
      flags.conf = std::min(flags.conf, static_cast<float>(tracker_->track_low_thresh));
    SAKER_ASSIGN(Detector detector, make_detector(flags));
    if (!flags_.scene.empty()) {
      SAKER_ASSIGN(scene_, tracking::read_scene(flags_.scene, detector.labels()));
    }
    AnnotateRun result;
    result.model = model_facts(detector, model, flags);
    SAKER_TRY(open_texts());
    make_sinks(result.model, detector.labels());
    SAKER_TRY(work(std::move(detector), result));
    return result;
  }

 private:
  // All that can be refused before the model is read.
  Status prepare() {
    SAKER_ASSIGN(library_, video::video_library());
    if (!flags_.mot.empty() && videos_.size() > 1)
      return Error{ErrorCode::kInvalid, "--mot has no place for the source of a box: one source at a time, or --jsonl"};
    if (!flags_.no_save) {
      SAKER_TRY(check_folder("--save-dir", flags_.save_dir));
      names_ = video_names(videos_, flags_.save_format);
      SAKER_TRY(check_not_a_source(flags_.save_dir, names_, videos_));
    }
    SAKER_TRY(check_outputs(flags_, videos_));
    if (!flags_.track.empty()) tracker_.emplace();
    if (!flags_.tracker_file.empty()) {
      SAKER_ASSIGN(tracker_, tracking::read_tracker_options(flags_.tracker_file));
    }
    VideoOptions options;
    options.read.max_pixels = flags_.max_pixels;
    options.stride = static_cast<std::size_t>(flags_.stride);
    if (flags_.motion_gate) options.motion.emplace();
    options.tell = [this](const std::string& news) {
      const std::lock_guard lock(screen_);
      if (progress_) progress_->clear();
      say(news);
    };
    SAKER_ASSIGN(source_, VideoFrames::open(*library_, videos_, options));
    return {};
  }

  bool any_live() const {
    bool live = false;
    for (std::size_t i = 0; i < source_->sources(); ++i) live = live || source_->figures(i).info.live;
    return live;
  }

  Status open_texts() {
    const bool live = any_live();
    SAKER_ASSIGN(lines_, LineOutput::open(flags_.jsonl, live));
    SAKER_ASSIGN(mot_, LineOutput::open(flags_.mot, live));
    SAKER_ASSIGN(events_, LineOutput::open(flags_.events, live));
    return {};
  }

  void make_sinks(const ModelFacts& model, const std::vector<std::string>& labels) {
    for (std::size_t i = 0; i < source_->sources(); ++i) {
      const SourceFigures figures = source_->figures(i);
      VideoSinkOptions options;
      options.library = library_;
      options.name = figures.name;
      options.info = figures.info;
      options.stride = static_cast<std::size_t>(flags_.stride);
      for (const std::string& name : names_) options.taken.push_back((fs::path(flags_.save_dir) / name).string());
      if (!flags_.no_save) options.path = options.taken[i];
      options.show = flags_.show;
      options.quality = flags_.quality;
      options.labels = labels;
      options.overlay = !flags_.no_overlay;
      options.note = {fmt::format("{} {}, {}", stem_of(model.path), model.precision, model.engine)};
      if (figures.info.live)
        options.state = [this, i] { return fmt::format("{} dropped", source_->figures(i).dropped); };
      options.track = tracker_;
      options.scene = scene_;
      options.lines = lines_->text_out();
      options.mot = mot_->text_out();
      options.events = events_->text_out();
      sinks_.push_back(std::make_unique<VideoSink>(std::move(options)));
    }
  }

  Status work(Detector detector, AnnotateRun& result) {
    const auto total = source_->size();
    {
      const std::lock_guard lock(screen_);
      progress_.emplace(expected(total), !flags_.quiet && !text_on_terminal(), "frames");
    }
    DetectFramesOptions options;
    options.in_flight = static_cast<std::size_t>(flags_.inter);
    options.batch = static_cast<std::size_t>(flags_.batch > 0 ? flags_.batch : detector.spec().batch());
    options.warmup = flags_.warmup;
    options.keep_pictures = !flags_.no_save || flags_.show;
    const StopSignals stop([this] { source_->stop(); },
                           flags_.duration > 0 ? std::optional(flags_.duration) : std::nullopt);
    const Stopwatch watch;
    const Status detected = detect_frames(*source_, std::move(detector), options, [&](PictureResult&& frame) {
      show_progress();
      const bool wanted = sinks_[frame.source]->put(std::move(frame)) && !texts_failed();
      return wanted && (flags_.max_frames == 0 || frames_ < static_cast<std::size_t>(flags_.max_frames));
    });
    const bool cut = !detected.ok() || stop.stopped() || frames_ == static_cast<std::size_t>(flags_.max_frames);
    source_->stop();
    const Status finished = finish_sinks(detected);
    {
      const std::lock_guard lock(screen_);
      progress_->clear();
    }
    SAKER_TRY(detected);
    SAKER_TRY(finished);
    for (LineOutput* text : {lines_.get(), mot_.get(), events_.get()}) SAKER_TRY(text->finish());
    result.seconds = watch.ms() / 1e3;
    gather(result, cut);
    result.signal = stop.signal();
    return {};
  }

  void show_progress() {
    ++frames_;
    const std::lock_guard lock(screen_);
    progress_->show(frames_, 0);
  }

  std::size_t expected(std::optional<std::size_t> total) const {
    const auto most = static_cast<std::size_t>(flags_.max_frames);
    if (!total) return most;
    return most > 0 ? std::min(most, *total) : *total;
  }

  bool text_on_terminal() const {
    const std::array texts = {&flags_.jsonl, &flags_.mot, &flags_.events};
    const bool to_stdout = std::ranges::any_of(texts, [](const std::string* path) { return *path == "-"; });
    return to_stdout && ::isatty(STDOUT_FILENO) != 0;
  }

  bool texts_failed() const { return lines_->failed() || mot_->failed() || events_->failed(); }

  // All or none: where one fails nothing half of the rest is kept. But what a camera has shown does not come again.
  Status finish_sinks(const Status& detected) {
    const bool good = detected.ok() && !texts_failed() &&
                      std::ranges::none_of(sinks_, [](const auto& sink) { return sink->failed(); });
    const bool keep = good || any_live();
    Status first;
    for (const auto& sink : sinks_) {
      const Status ended = keep ? sink->finish() : sink->abandon();
      if (first.ok() && !ended.ok()) first = ended;
    }
    return first;
  }

  void gather(AnnotateRun& result, bool cut) {
    result.drawn = !flags_.no_save || flags_.show;
    result.encoded = !flags_.no_save;
    for (std::size_t i = 0; i < sinks_.size(); ++i) {
      SourceRun each;
      each.source = source_->figures(i);
      each.frames = sinks_[i]->frames();
      each.stages = sinks_[i]->figures();
      each.parts = sinks_[i]->parts();
      each.counts = sinks_[i]->counts();
      if (each.parts.size() > 1 && !flags_.quiet) {
        say(fmt::format("note: {} changes its size: {}", each.source.name, counted(each.parts.size(), "video")));
      }
      result.trouble = report(each, cut) || result.trouble;
      result.sources.push_back(std::move(each));
    }
  }

  // Says what was wrong with a source; true: not all of it was done.
  static bool report(const SourceRun& each, bool cut) {
    const SourceFigures& source = each.source;
    const std::string done = counted(each.frames, "frame") + " before are done";
    if (!source.error.empty() && (!source.info.live || !cut)) {
      say(fmt::format("{}\n{}", source.error, done));
      return true;
    }
    if (cut || source.info.live) return false;
    if (source.frames == 0) {
      say(source.name + ": not one frame could be decoded");
      return true;
    }
    if (source.damaged > 0) {
      say(fmt::format("{}: {} damaged or missing; {} are done", source.name, counted(source.damaged, "picture"),
                      counted(each.frames, "frame")));
      return true;
    }
    const auto promised = static_cast<double>(source.info.frames.value_or(0));
    constexpr double kMissing = 0.98;  // containers count some pictures that are never shown
    if (static_cast<double>(source.frames) + 2 >= promised * kMissing) return false;
    say(fmt::format("{}: {} of {:.0f} frames: the file is cut off", source.name, source.frames, promised));
    return true;
  }

  const AnnotateFlags& flags_;
  const std::vector<std::string>& videos_;
  std::vector<std::string> names_;  // of the new videos, parallel to them
  video::VideoLibrary* library_ = nullptr;
  std::optional<tracking::TrackerOptions> tracker_;
  std::optional<tracking::Scene> scene_;
  std::unique_ptr<LineOutput> lines_, mot_, events_;
  std::unique_ptr<VideoFrames> source_;
  std::vector<std::unique_ptr<VideoSink>> sinks_;  // parallel to the sources
  std::size_t frames_ = 0;                         // with boxes
  std::mutex screen_;
  std::optional<Progress> progress_;  // under screen_: cameras tell of themselves by their own threads
};

}  // namespace

Result<AnnotateRun> annotate_videos(const AnnotateFlags& flags, const std::vector<std::string>& videos) {
  return VideoRun(flags, videos).run();
}

}  // namespace saker::cli
