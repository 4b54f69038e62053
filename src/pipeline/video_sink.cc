// A thread behind a bounded queue that tracks, writes, draws and encodes.
#include "pipeline/video_sink.h"

#include <fmt/format.h>

#include <atomic>
#include <new>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/try.h"
#include "media/yuv.h"
#include "pipeline/bounded_queue.h"
#include "pipeline/video_overlay.h"
#include "pipeline/video_text.h"

namespace saker {
namespace {

constexpr double kUsualFrameSeconds = 1.0 / 30;  // of sources that do not tell their frame rate; ByteTrack's own

double frame_seconds(const video::VideoInfo& info) {
  const double rate = info.frame_rate.value();
  return rate > 0 ? 1 / rate : kUsualFrameSeconds;
}

video::WriteOptions write_options(const VideoSinkOptions& options) {
  video::WriteOptions write;
  write.time_base = options.info.time_base;
  write.frame_rate = options.info.frame_rate;
  write.frame_rate.den *= static_cast<std::int64_t>(options.stride);
  write.quality = options.quality;
  write.threads = options.threads;
  return write;
}

// What is shown of a frame.
struct Shown {
  std::vector<Detection> boxes;
  std::vector<tracking::Track> tracks;  // parallel to them, if they are tracked
};

}  // namespace

class VideoSink::Work {
 public:
  explicit Work(VideoSinkOptions options) : options_(std::move(options)), queue_(kWaiting) {
    if (!options_.path.empty())
      outputs_.emplace_back(files_beside(*options_.library, options_.path, options_.taken), write_options(options_));
    if (options_.show) outputs_.emplace_back(window(*options_.library, options_.name), write_options(options_));
    if (options_.track) tracker_.emplace(*options_.track);
    thread_ = std::thread([this] { run(); });
  }
  ~Work() { static_cast<void>(end(false)); }

  bool put(PictureResult&& frame) { return !failed_.load() && queue_.put(std::move(frame)) && !failed_.load(); }

  // complete: what was put is done and the videos are finished; else they are dropped.
  Status end(bool complete) {
    if (!thread_.joinable()) return status_;
    complete_.store(complete);
    if (!complete) failed_.store(true);
    queue_.end();
    thread_.join();
    return status_;
  }

  bool failed() const { return failed_.load(); }
  const StageFigures& figures() const { return figures_; }
  std::size_t frames() const { return frames_; }
  std::vector<tracking::Counts> counts() const { return watch_ ? watch_->counts() : std::vector<tracking::Counts>(); }
  // The file's, if there is one.
  std::vector<VideoPart> parts() const {
    return options_.path.empty() ? std::vector<VideoPart>() : outputs_.front().parts();
  }

 private:
  void run() noexcept {
    try {
      while (auto frame = queue_.take()) {
        if (failed_.load()) continue;  // whoever waits for room must not wait for ever
        status_ = handle(*frame);
        if (!status_.ok()) failed_.store(true);
      }
      if (complete_.load() && status_.ok()) status_ = finish();
    } catch (const std::bad_alloc&) {
      give_up({ErrorCode::kLimit, options_.name + ": not enough memory"});
    } catch (const std::exception& e) {
      give_up({ErrorCode::kInternal, options_.name + ": " + e.what()});
    }
  }

  void give_up(Error error) {
    status_ = std::move(error);
    failed_.store(true);
    queue_.close();
  }

  Status handle(PictureResult& frame) {
    if (!frame.error.empty()) return Error{ErrorCode::kInternal, frame.error};
    if (frame.still) {
      frame.found.boxes = last_boxes_;  // what stands there still does
    } else {
      last_boxes_ = frame.found.boxes;
    }
    figures_[Stage::kDecode].add(frame.decode_ms);
    if (!frame.still) figures_.add(frame.found.ms);  // else the model has not seen it
    SAKER_ASSIGN(const Shown shown, track(frame));
    write_text(frame, shown);
    if (!outputs_.empty()) SAKER_TRY(write_pictures(frame, shown));
    ++frames_;
    last_frame_ = frame;
    const auto now = std::chrono::steady_clock::now();
    if (frame.received)
      figures_[Stage::kAge].add(std::chrono::duration<double, std::milli>(now - *frame.received).count());
    return {};
  }

  Result<Shown> track(const PictureResult& frame) {
    Shown shown;
    shown.boxes = frame.found.boxes;
    if (!tracker_) return shown;
    const Stopwatch watch;
    const double step = frame_seconds(options_.info);
    const double seconds = frame.seconds.value_or(static_cast<double>(frame.index) * step);
    shown.tracks = tracker_->update(frame.found.boxes, seconds, step);
    shown.boxes.clear();
    for (const tracking::Track& each : shown.tracks) shown.boxes.push_back(frame.found.boxes[each.detection]);
    if (options_.scene) SAKER_TRY(look_at_scene(frame, shown, seconds));
    figures_[Stage::kTrack].add(watch.ms());
    return shown;
  }

  // A scene is laid out once, for the size of the first frame.
  Status look_at_scene(const PictureResult& frame, const Shown& shown, double seconds) {
    if (!watch_) {
      const Status fits = tracking::check_scene(*options_.scene, frame.width, frame.height);
      if (!fits.ok()) return fits.error().with_context(options_.name);
      watch_.emplace(*options_.scene, frame.width, frame.height, options_.track->patience());
    }
    write_events(watch_->update(shown.tracks, frame.found.boxes, seconds), frame);
    return {};
  }

  void write_events(const std::vector<tracking::Event>& events, const FrameInfo& frame) {
    if (!options_.events) return;
    for (const tracking::Event& event : events)
      options_.events(event_line(event, options_.name, frame, options_.labels));
  }

  void write_text(const PictureResult& frame, const Shown& shown) {
    if (options_.lines) options_.lines(frame_line(frame, options_.name, shown.boxes, shown.tracks, options_.labels));
    if (options_.mot) options_.mot(mot_rows(frame.index, shown.boxes, shown.tracks));
  }

  Status write_pictures(const PictureResult& frame, const Shown& shown) {
    Stopwatch watch;
    if (const auto* planar = std::get_if<PlanarPicture>(&*frame.picture)) {
      copy_planes(planar->view, planes_);
    } else {
      from_rgb(std::get<Image>(*frame.picture).view(), planes_);
    }
    draw(frame, shown);
    figures_[Stage::kDraw].add(watch.lap());
    for (VideoParts& output : outputs_) {
      SAKER_TRY(output.write(planes_, frame.pts));
    }
    figures_[Stage::kEncode].add(watch.lap());
    return {};
  }

  void draw(const PictureResult& frame, const Shown& shown) {
    PlanarSurface surface(planes_);
    if (watch_) {
      const ImageSize size = {planes_.width, planes_.height};
      if (!scene_drawing_) scene_drawing_.emplace(watch_->scene(), size);
      scene_drawing_->draw(surface, watch_->counts());
    }
    draw_boxes(surface, tracked_boxes(shown.boxes, shown.tracks, options_.labels));
    const StageTimes& ms = frame.found.ms;
    rate_.add(std::chrono::steady_clock::now(), ms.preprocess + ms.infer + ms.postprocess);
    if (options_.overlay) draw_note(surface, note());
  }

  std::vector<std::string> note() const {
    std::vector<std::string> lines = {rate_text()};
    lines.insert(lines.end(), options_.note.begin(), options_.note.end());
    if (options_.state) lines.push_back(options_.state());
    std::erase(lines, "");
    return lines;
  }

  std::string rate_text() const {
    return rate_.frames() > 0 ? fmt::format("{:.1f} FPS  (model {:.1f})", rate_.frames(), rate_.model()) : "";
  }

  Status finish() {
    if (watch_) write_events(watch_->finish(), last_frame_);
    for (VideoParts& output : outputs_) SAKER_TRY(output.finish());
    return {};
  }

  VideoSinkOptions options_;
  BoundedQueue<PictureResult> queue_;
  std::vector<VideoParts> outputs_;
  std::optional<tracking::ByteTracker> tracker_;
  std::optional<tracking::SceneWatch> watch_;
  std::optional<SceneDrawing> scene_drawing_;
  RecentRate rate_;
  I420Image planes_;
  std::vector<Detection> last_boxes_;
  StageFigures figures_;
  std::size_t frames_ = 0;
  FrameInfo last_frame_;
  Status status_;
  std::atomic<bool> failed_{false}, complete_{false};
  std::thread thread_;
};

VideoSink::VideoSink(VideoSinkOptions options) : work_(std::make_unique<Work>(std::move(options))) {}
VideoSink::~VideoSink() = default;

bool VideoSink::put(PictureResult&& frame) {
  return work_->put(std::move(frame));
}

Status VideoSink::finish() {
  return work_->end(true);
}

Status VideoSink::abandon() {
  return work_->end(false);
}

bool VideoSink::failed() const {
  return work_->failed();
}

const StageFigures& VideoSink::figures() const {
  return work_->figures();
}

std::vector<VideoPart> VideoSink::parts() const {
  return work_->parts();
}

std::vector<tracking::Counts> VideoSink::counts() const {
  return work_->counts();
}

std::size_t VideoSink::frames() const {
  return work_->frames();
}

}  // namespace saker
