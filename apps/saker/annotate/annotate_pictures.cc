// Pictures, folders and globs: boxes drawn on each.
#include <fmt/format.h>

#include <filesystem>

#include "annotate/annotate_run.h"
#include "annotate/line_output.h"
#include "base/clock.h"
#include "base/stop_signals.h"
#include "base/try.h"
#include "pipeline/detect_frames.h"
#include "pipeline/picture_files.h"
#include "pipeline/picture_saver.h"
#include "pipeline/video_text.h"
#include "progress.h"
#include "report.h"

namespace saker::cli {
namespace {

// What only videos have.
Status check_flags(const AnnotateFlags& flags) {
  const auto wants_video = [](const char* flag) {
    return Error{
        ErrorCode::kInvalid,
        fmt::format(
            "{} wants a video, and these are pictures\n`ffmpeg -i pictures/%06d.jpg video.mp4` makes one of them",
            flag)};
  };
  if (!flags.track.empty()) return wants_video(flags.scene.empty() ? "--track" : "--scene");
  if (!flags.mot.empty()) return wants_video("--mot");
  if (flags.show) return wants_video("--show");
  if (flags.motion_gate) return wants_video("--motion-gate");
  return {};
}

class PictureRun {
 public:
  PictureRun(const AnnotateFlags& flags, const std::vector<std::string>& sources) : flags_(flags), sources_(sources) {}

  Result<AnnotateRun> run() {
    SAKER_TRY(prepare());
    SAKER_ASSIGN(const Model model, Model::load(flags_.model, {.backend = flags_.backend}));
    AnnotateFlags flags = flags_;
    flags.loaded = model;
    SAKER_ASSIGN(Detector detector, make_detector(flags));
    AnnotateRun result;
    result.videos = false;
    result.drawn = result.encoded = !flags_.no_save;
    result.model = model_facts(detector, model, flags);
    SAKER_ASSIGN(lines_, LineOutput::open(flags_.jsonl, false));
    labels_ = detector.labels();
    SAKER_TRY(work(std::move(detector), result));
    return result;
  }

 private:
  Status prepare() {
    SAKER_TRY(check_flags(flags_));
    std::vector<std::string> notes;
    files_ = list_pictures(sources_, &notes);
    if (!flags_.quiet) {
      for (const std::string& note : notes) say("note: " + note);
    }
    std::vector<std::string> paths;
    for (const PictureFile& file : files_) paths.push_back(file.path);
    SAKER_TRY(check_outputs(flags_, paths));
    if (flags_.no_save) return {};
    SAKER_TRY(check_folder("--save-dir", flags_.save_dir));
    SaveOptions save;
    save.vis = flags_.save_dir;
    auto saver = PictureSaver::create(save, files_);
    if (!saver.ok()) return saver.error().with_context("--save-dir " + flags_.save_dir);
    saver_ = std::move(*saver);
    return {};
  }

  Status work(Detector detector, AnnotateRun& result) {
    DetectFramesOptions options;
    options.in_flight = static_cast<std::size_t>(flags_.inter);
    options.batch = static_cast<std::size_t>(flags_.batch > 0 ? flags_.batch : detector.spec().batch());
    options.warmup = flags_.warmup;
    options.read = read_options(flags_, detector);
    if (saver_.wanted()) {
      options.save = [this](const PictureResult& picture, Image image) {
        return saver_.save(picture, std::move(image), labels_);
      };
    }
    Progress progress(files_.size(), !flags_.quiet);
    PictureFiles source(files_);
    run_.source.name = sources_[0] + (sources_.size() > 1 ? ", ..." : "");
    const StopSignals stop([] {}, flags_.duration > 0 ? std::optional(flags_.duration) : std::nullopt);
    const Stopwatch watch;
    SAKER_TRY(detect_frames(source, std::move(detector), options, [&](PictureResult&& picture) {
      take(picture, progress, result);
      const bool enough =
          flags_.max_frames > 0 && run_.frames + run_.failed >= static_cast<std::size_t>(flags_.max_frames);
      return !enough && !stop.stopped() && !lines_->failed();
    }));
    progress.clear();
    SAKER_TRY(lines_->finish());
    result.seconds = watch.ms() / 1e3;
    result.signal = stop.signal();
    result.sources = {std::move(run_)};
    return {};
  }

  void take(const PictureResult& picture, Progress& progress, AnnotateRun& result) {
    const std::string& trouble = picture.error.empty() ? picture.save_error : picture.error;
    if (!trouble.empty()) {
      progress.clear();
      say(in_flags(trouble, "max_pixels"));
      ++run_.failed;
      result.trouble = true;
    } else {
      ++run_.frames;
      run_.stages[Stage::kDecode].add(picture.decode_ms);
      run_.stages.add(picture.found.ms);
      lines_->write(frame_line(picture, picture.name, picture.found.boxes, {}, labels_));
    }
    progress.show(run_.frames + run_.failed, run_.failed);
  }

  const AnnotateFlags& flags_;
  const std::vector<std::string>& sources_;
  std::vector<PictureFile> files_;
  std::vector<std::string> labels_;
  PictureSaver saver_;
  std::unique_ptr<LineOutput> lines_;
  SourceRun run_;
};

}  // namespace

Result<AnnotateRun> annotate_pictures(const AnnotateFlags& flags, const std::vector<std::string>& sources) {
  return PictureRun(flags, sources).run();
}

}  // namespace saker::cli
