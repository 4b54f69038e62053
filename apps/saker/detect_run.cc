// Runs a detector over many pictures, several at a time, with the results in the order of the sources.
#include "detect_run.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#include "base/clock.h"
#include "base/try.h"

namespace saker::cli {
namespace {

using Chunk = std::vector<PictureResult>;

// Hands chunks on in order, whatever order they are finished in.
class InOrder {
 public:
  explicit InOrder(const std::function<bool(const PictureResult&)>& sink) : sink_(sink) {}

  void finished(std::size_t index, Chunk chunk) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(index, std::move(chunk));
    for (auto it = waiting_.begin(); it != waiting_.end() && it->first == next_; it = waiting_.erase(it), ++next_) {
      for (const PictureResult& result : it->second) {
        if (!stopped_ && !sink_(result)) stopped_ = true;
      }
    }
  }
  bool stopped() const { return stopped_; }

 private:
  const std::function<bool(const PictureResult&)>& sink_;
  std::mutex mutex_;
  std::map<std::size_t, Chunk> waiting_;
  std::size_t next_ = 0;
  std::atomic<bool> stopped_{false};
};

// Boxes in a picture that may have been decoded smaller become boxes in that of the file.
void enlarge(std::vector<Detection>& boxes, const Image& image) {
  const float by_x = static_cast<float>(image.file_size.width) / static_cast<float>(image.width);
  const float by_y = static_cast<float>(image.file_size.height) / static_cast<float>(image.height);
  for (Detection& box : boxes) {
    for (float* x : {&box.x1, &box.x2}) *x *= by_x;
    for (float* y : {&box.y1, &box.y2}) *y *= by_y;
  }
}

class Runner {
 public:
  Runner(const std::vector<Source>& sources, const RunOptions& options, const Saver& saver, InOrder& order)
      : sources_(sources), options_(options), saver_(saver), order_(order) {}

  // Takes chunks until there are none left.
  void work(Detector& detector) {
    while (!order_.stopped()) {
      const std::size_t index = next_++;
      const std::size_t first = index * options_.batch;
      if (first >= sources_.size()) return;
      Chunk chunk(std::min(options_.batch, sources_.size() - first));
      for (std::size_t i = 0; i < chunk.size(); ++i) chunk[i].path = sources_[first + i].path;
      try {
        run_chunk(detector, first, chunk);
      } catch (const std::exception& e) {
        for (PictureResult& result : chunk) {
          if (result.error.empty()) result.error = result.path + ": " + describe(e);
        }
      }
      order_.finished(index, std::move(chunk));
    }
  }

 private:
  static std::string describe(const std::exception& e) {
    return dynamic_cast<const std::bad_alloc*>(&e) != nullptr ? "not enough memory" : e.what();
  }

  void run_chunk(Detector& detector, std::size_t first, Chunk& chunk) {
    std::vector<Image> images(chunk.size());
    std::vector<ImageView> views;
    std::vector<std::size_t> read;  // which of the chunk the views are
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      const Stopwatch watch;
      auto image = read_source(sources_[first + i], options_.read);
      chunk[i].decode_ms = watch.ms();
      if (!image.ok()) {
        chunk[i].error = image.error().message;
        continue;
      }
      images[i] = std::move(*image);
      chunk[i].width = images[i].file_size.width;
      chunk[i].height = images[i].file_size.height;
      views.push_back(images[i].view());
      read.push_back(i);
    }
    if (views.empty()) return;
    detect(detector, views, read, chunk);
    for (const std::size_t i : read) {
      if (!chunk[i].error.empty()) continue;
      enlarge(chunk[i].found.boxes, images[i]);
      auto saved = saver_.save(first + i, std::move(images[i]), chunk[i].found.boxes, detector.labels());
      if (!saved.ok()) chunk[i].save_error = saved.error().message;
    }
  }

  // If the batch as a whole fails, each alone: one bad picture must not take the others with it.
  static void detect(Detector& detector, const std::vector<ImageView>& views, const std::vector<std::size_t>& read,
                     Chunk& chunk) {
    auto found = detector.detect(views);
    for (std::size_t i = 0; i < views.size(); ++i) {
      PictureResult& result = chunk[read[i]];
      if (found.ok()) {
        result.found = std::move((*found)[i]);
        continue;
      }
      auto alone = detector.detect(views[i]);
      if (alone.ok()) {
        result.found = std::move(*alone);
      } else {
        result.error = result.path + ": " + alone.error().message;
      }
    }
  }

  const std::vector<Source>& sources_;
  const RunOptions& options_;
  const Saver& saver_;
  InOrder& order_;
  std::atomic<std::size_t> next_{0};
};

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

Status run_pictures(Detector detector, const std::vector<Source>& sources, const RunOptions& options,
                    const Saver& saver, const std::function<bool(const PictureResult&)>& sink) {
  const std::size_t chunks = (sources.size() + options.batch - 1) / options.batch;
  std::vector<Detector> detectors;
  detectors.push_back(std::move(detector));
  while (detectors.size() < std::min(options.in_flight, chunks)) {
    SAKER_ASSIGN(Detector clone, detectors[0].clone());
    detectors.push_back(std::move(clone));
  }
  for (Detector& each : detectors) SAKER_TRY(warm_up(each, options.warmup));
  InOrder order(sink);
  Runner runner(sources, options, saver, order);
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < detectors.size(); ++i) {
      threads.emplace_back([&runner, &own = detectors[i]] { runner.work(own); });
    }
  } catch (const std::system_error&) {
    // Fewer threads than asked for do the work as well.
  }
  runner.work(detectors[0]);
  for (std::thread& thread : threads) thread.join();
  return {};
}

}  // namespace saker::cli
