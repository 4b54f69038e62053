// Frames to boxes: several detectors at work, with the results in the order of the frames.
#include "pipeline/detect_frames.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "base/clock.h"
#include "base/try.h"
#include "media/yuv.h"
#include "pipeline/attempt.h"
#include "pipeline/ordered_queue.h"

namespace saker {
namespace {

// Batches that may be ahead of the sink, for each detector: enough for one slow picture among quick ones.
constexpr std::size_t kAhead = 4;

ImageSize size_of(const FramePicture& picture) {
  if (const auto* planes = std::get_if<PlanarPicture>(&picture)) return {planes->view.width, planes->view.height};
  return std::get<Image>(picture).file_size;
}

// RGB of its own, for whoever draws on it.
Image pixels_of(FramePicture& picture, bool keep) {
  if (const auto* planes = std::get_if<PlanarPicture>(&picture)) return to_rgb(planes->view);
  Image& image = std::get<Image>(picture);
  return keep ? image : std::move(image);
}

// What becomes of one batch of frames.
class Batch {
 public:
  explicit Batch(std::vector<Frame> frames) : frames_(std::move(frames)), results_(frames_.size()) {
    for (std::size_t i = 0; i < frames_.size(); ++i) static_cast<FrameInfo&>(results_[i]) = frames_[i];
  }

  std::vector<PictureResult> run(const DetectBatch& detect, const DetectFramesOptions& options) && {
    for (const bool still : {false, true}) {
      if (still) moving_ = pictures_.size();
      for (std::size_t i = 0; i < frames_.size(); ++i) {
        if (frames_[i].still == still) read(i, options.read);
      }
    }
    if (moving_ > 0) look(detect);
    for (std::size_t k = 0; k < pictures_.size(); ++k) {
      if (results_[read_[k]].error.empty()) hand_over(k, options);
    }
    return std::move(results_);
  }

 private:
  void read(std::size_t i, const ImageReadOptions& options) {
    PictureResult& result = results_[i];
    const Stopwatch watch;
    auto picture = attempt(result.name, [&] { return frames_[i].read(options); });
    result.decode_ms += watch.ms();
    if (!picture.ok()) {
      result.error = picture.error().message;
      return;
    }
    const ImageSize size = size_of(*picture);
    result.width = size.width;
    result.height = size.height;
    pictures_.push_back(std::move(*picture));
    read_.push_back(i);
  }

  // If the batch as a whole fails, each alone: one bad picture must not take the others with it.
  void look(const DetectBatch& detect) {
    auto found = attempt("batch", [&] { return detect(std::span(pictures_).first(moving_)); });
    for (std::size_t k = 0; k < moving_; ++k) {
      PictureResult& result = results_[read_[k]];
      if (found.ok()) {
        result.found = std::move((*found)[k]);
      } else {
        look_alone(detect, pictures_[k], result);
      }
    }
  }

  static void look_alone(const DetectBatch& detect, const FramePicture& picture, PictureResult& result) {
    auto found = attempt(result.name, [&]() -> Result<std::vector<Detections>> {
      auto alone = detect(std::span(&picture, 1));
      if (!alone.ok()) return alone.error().with_context(result.name);
      return alone;
    });
    if (found.ok()) {
      result.found = std::move(found->front());
    } else {
      result.error = found.error().message;
    }
  }

  void hand_over(std::size_t k, const DetectFramesOptions& options) {
    PictureResult& result = results_[read_[k]];
    if (options.save) {
      const Status saved =
          attempt(result.name, [&] { return options.save(result, pixels_of(pictures_[k], options.keep_pictures)); });
      if (!saved.ok()) result.save_error = saved.error().message;
    }
    if (options.keep_pictures) result.picture = std::move(pictures_[k]);
  }

  std::vector<Frame> frames_;
  std::vector<PictureResult> results_;
  std::vector<FramePicture> pictures_;  // those that could be read, the still ones last
  std::vector<std::size_t> read_;       // which these are
  std::size_t moving_ = 0;              // of pictures_, those to be looked at
};

class Loop {
 public:
  Loop(FrameSource& source, const DetectFramesOptions& options, const ResultSink& sink, std::size_t detectors)
      : source_(source), options_(options), sink_(sink), results_(kAhead * detectors) {}

  void run(const std::vector<DetectBatch>& detectors) {
    std::vector<std::thread> threads;
    const Joined joined{*this, threads};
    if (detectors.size() > 1) start(detectors, threads);
    bool more = true;
    while (more) {
      if (threads.empty()) step(detectors[0]);  // whose result, or end, is then taken
      more = deliver();
    }
  }

 private:
  // However run() ends, its threads have ended before.
  struct Joined {
    ~Joined() {
      loop.results_.close();
      if (!threads.empty()) loop.source_.stop();  // one of them may wait for it
      for (std::thread& thread : threads) thread.join();
    }
    Loop& loop;
    std::vector<std::thread>& threads;
  };

  void start(const std::vector<DetectBatch>& detectors, std::vector<std::thread>& threads) {
    threads.reserve(detectors.size());
    try {
      for (const DetectBatch& detect : detectors) threads.emplace_back([this, &detect] { work(detect); });
    } catch (const std::system_error&) {
      // Fewer threads than asked for do the work as well.
    }
  }

  void work(const DetectBatch& detect) noexcept {
    try {
      while (step(detect)) {
      }
    } catch (...) {
      results_.fail(std::current_exception());
    }
  }

  // One batch; false: there is none, or nobody wants it.
  bool step(const DetectBatch& detect) {
    std::size_t place = 0;
    std::vector<Frame> frames;
    {
      const std::lock_guard lock(source_mutex_);  // places are in the order of the frames
      const auto reserved = results_.reserve();
      if (!reserved) return false;
      place = *reserved;
      frames = next_frames();
      if (frames.empty()) {
        results_.end_at(place);
        return false;
      }
    }
    results_.put(place, Batch(std::move(frames)).run(detect, options_));
    return true;
  }

  std::vector<Frame> next_frames() {
    std::vector<Frame> frames;
    while (frames.size() < options_.batch) {
      auto frame = source_.next();
      if (!frame) break;
      frames.push_back(std::move(*frame));
    }
    return frames;
  }

  // Hands the next batch's results to the sink; false: there are no more, or it wants no more.
  bool deliver() {
    auto results = results_.take();
    return results && std::ranges::all_of(*results, [&](PictureResult& result) { return sink_(std::move(result)); });
  }

  FrameSource& source_;
  const DetectFramesOptions& options_;
  const ResultSink& sink_;
  std::mutex source_mutex_;
  OrderedQueue<std::vector<PictureResult>> results_;
};

// Pixels as one batch, planes one by one.
Result<std::vector<Detections>> detect_pictures(Detector& detector, std::span<const FramePicture> pictures) {
  std::vector<ImageView> images;
  for (const FramePicture& picture : pictures) {
    if (const auto* image = std::get_if<Image>(&picture)) images.push_back(image->view());
  }
  SAKER_ASSIGN(auto of_images, detector.detect(images));
  if (images.size() == pictures.size()) return of_images;
  std::vector<Detections> found;
  auto next = of_images.begin();
  for (const FramePicture& picture : pictures) {
    if (const auto* planes = std::get_if<PlanarPicture>(&picture)) {
      SAKER_ASSIGN(found.emplace_back(), detector.detect(planes->view));
    } else {
      found.push_back(std::move(*next++));
    }
  }
  return found;
}

Status warm_up(Detector& detector, int runs) {
  if (runs < 1) return {};
  constexpr std::uint8_t kGrey = 114;
  Image grey;
  grey.width = detector.input_width();
  grey.height = detector.input_height();
  grey.pixels.assign(static_cast<std::size_t>(grey.width) * static_cast<std::size_t>(grey.height) * 3, kGrey);
  for (int i = 0; i < runs; ++i) {
    SAKER_ASSIGN(const Detections ignored, detector.detect(grey.view()));
    (void)ignored;
  }
  return {};
}

}  // namespace

Status detect_frames(FrameSource& source, const std::vector<DetectBatch>& detectors, const DetectFramesOptions& options,
                     const ResultSink& sink) {
  try {
    Loop(source, options, sink, detectors.size()).run(detectors);
  } catch (const std::bad_alloc& e) {
    return Error{ErrorCode::kLimit, describe(e)};
  } catch (const std::exception& e) {
    return Error{ErrorCode::kInternal, describe(e)};
  }
  return {};
}

Status detect_frames(FrameSource& source, Detector detector, const DetectFramesOptions& options,
                     const ResultSink& sink) {
  std::size_t wanted = std::max<std::size_t>(options.in_flight, 1);
  if (const auto frames = source.size())
    wanted = std::clamp<std::size_t>((*frames + options.batch - 1) / options.batch, 1, wanted);
  std::vector<Detector> detectors;
  detectors.push_back(std::move(detector));
  while (detectors.size() < wanted) {
    SAKER_ASSIGN(Detector clone, detectors[0].clone());
    detectors.push_back(std::move(clone));
  }
  std::vector<DetectBatch> batches;
  for (Detector& each : detectors) {
    SAKER_TRY(warm_up(each, options.warmup));
    batches.emplace_back([&each](std::span<const FramePicture> pictures) { return detect_pictures(each, pictures); });
  }
  return detect_frames(source, batches, options, sink);
}

}  // namespace saker
