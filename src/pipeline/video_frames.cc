// Frames of videos and cameras, one or several at once.
#include "pipeline/video_frames.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>

#include "pipeline/attempt.h"
#include "pipeline/video_feed.h"

namespace saker {

struct VideoFrames::Shared {
  // Of the feeds that have a frame, the one that has waited for its turn the longest; none without one.
  VideoFeed* longest_waiting() const {
    VideoFeed* first = nullptr;
    for (const auto& feed : feeds) {
      if (feed->waits() && (first == nullptr || feed->turn() < first->turn())) first = feed.get();
    }
    return first;
  }

  FeedHub hub;
  std::vector<std::unique_ptr<VideoFeed>> feeds;
  std::size_t turns = 0;
};

VideoFrames::VideoFrames(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}

VideoFrames::~VideoFrames() {
  stop();
}

Result<std::unique_ptr<VideoFrames>> VideoFrames::open(video::VideoLibrary& library,
                                                       const std::vector<std::string>& sources,
                                                       const VideoOptions& options) {
  VideoOptions kept = options;
  kept.stride = std::max<std::size_t>(kept.stride, 1);
  kept.ahead = std::max<std::size_t>(kept.ahead, 1);
  try {
    std::unique_ptr<VideoFrames> frames(new VideoFrames(std::make_unique<Shared>()));
    FeedHub& hub = frames->shared_->hub;
    auto& feeds = frames->shared_->feeds;
    for (const std::string& source : sources)
      feeds.push_back(std::make_unique<VideoFeed>(hub, library, source, feeds.size(), kept));
    for (const auto& feed : feeds) feed->start();
    std::unique_lock lock(hub.mutex);
    for (const auto& feed : feeds) {
      while (feed->opening()) hub.news.wait(lock);
    }
    for (const auto& feed : feeds) {
      if (!feed->refused()) continue;
      Error error = *feed->refused();
      lock.unlock();  // the others are stopped
      return error;
    }
    lock.unlock();
    return frames;
  } catch (const std::exception& e) {
    return Error{ErrorCode::kLimit, "cannot read the videos: " + describe(e)};
  }
}

std::optional<Frame> VideoFrames::next() {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.hub.mutex);
  while (!shared.hub.stopped) {
    if (VideoFeed* feed = shared.longest_waiting()) return feed->take(++shared.turns);
    if (std::ranges::all_of(shared.feeds, [](const auto& feed) { return feed->ended(); })) break;
    shared.hub.news.wait(lock);
  }
  return std::nullopt;
}

std::optional<std::size_t> VideoFrames::size() const {
  const std::lock_guard lock(shared_->hub.mutex);
  std::size_t sum = 0;
  for (const auto& feed : shared_->feeds) {
    const auto frames = feed->expected();
    if (!frames) return std::nullopt;
    sum += *frames;
  }
  return sum;
}

void VideoFrames::stop() noexcept {
  const std::lock_guard lock(shared_->hub.mutex);
  shared_->hub.stopped = true;
  for (const auto& feed : shared_->feeds) feed->stop();
  shared_->hub.news.notify_all();
}

std::size_t VideoFrames::sources() const {
  return shared_->feeds.size();
}

SourceFigures VideoFrames::figures(std::size_t source) const {
  const std::lock_guard lock(shared_->hub.mutex);
  return shared_->feeds[source]->figures();
}

}  // namespace saker
