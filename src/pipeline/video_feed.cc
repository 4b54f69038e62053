// One of the videos and cameras of VideoFrames, with its thread.
#include "pipeline/video_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/try.h"
#include "pipeline/attempt.h"

namespace saker {
namespace {

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

// Different for each source and run.
std::uint64_t seed_of(std::size_t number) {
  return scrambled(scrambled(number) ^
                   static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()));
}

}  // namespace

void SourceClock::stamp(const video::VideoFrame& frame, FrameInfo& info) {
  const double tick = time_base_.value();
  if (!begin_) {
    begin_ = frame.received;
    offset_ = 0;
    first_pts_ = frame.pts;
  } else if (!offset_) {
    restarted_ = true;
    const double since = std::chrono::duration<double>(frame.received - *begin_).count();
    offset_ = std::max(since, last_seconds_ + tick) - frame.seconds;
  }
  info.seconds = last_seconds_ = *offset_ + frame.seconds;
  info.pts = frame.pts;
  if (restarted_) {
    const std::int64_t ticks = tick > 0 ? std::llround(last_seconds_ / tick) : 0;
    info.pts = std::max(first_pts_ + ticks, last_pts_ + 1);
  }
  last_pts_ = info.pts;
}

VideoFeed::VideoFeed(FeedHub& hub, video::VideoLibrary& library, const std::string& source, std::size_t number,
                     const VideoOptions& options)
    : hub_(hub),
      library_(library),
      source_(source),
      name_(video::without_password(source)),
      number_(number),
      options_(options),
      backoff_(options.first_wait, options.longest_wait, seed_of(number)) {
  waiting_.reserve(options.ahead);
  figures_.name = name_;
  options_.read.stopped = &hub.stopped;
  if (options.motion) gate_.emplace(*options.motion);
}

Frame VideoFeed::take(std::size_t turn) {
  Waiting& first = waiting_.front();
  Frame frame;
  static_cast<FrameInfo&>(frame) = first.info;
  frame.name = name_;
  frame.read = [picture = std::move(first.picture)](const ImageReadOptions&) -> Result<FramePicture> {
    return FramePicture(picture);
  };
  waiting_.erase(waiting_.begin());
  ++figures_.taken;
  turn_ = turn;
  wake_.notify_one();
  return frame;
}

std::optional<std::size_t> VideoFeed::expected() const {
  const auto& frames = figures_.info.frames;
  if (!frames || *frames < 0 || figures_.info.live) return std::nullopt;
  return (static_cast<std::size_t>(*frames) + options_.stride - 1) / options_.stride;
}

void VideoFeed::stop() noexcept {
  if (figures_.info.live) figures_.dropped += waiting_.size();
  waiting_.clear();
  if (reader_) reader_->interrupt();
  wake_.notify_one();
}

SourceFigures VideoFeed::figures() const {
  SourceFigures figures = figures_;
  figures.longest_gap = longest_gap();
  return figures;
}

double VideoFeed::longest_gap() const {
  const bool away = lost_ && !figures_.ended;
  return away ? std::max(figures_.longest_gap, seconds_since(last_frame_)) : figures_.longest_gap;
}

void VideoFeed::work() noexcept {
  try {
    run();
  } catch (...) {
    // There was no memory even to say so.
  }
  close();
  const std::lock_guard lock(hub_.mutex);
  figures_.longest_gap = longest_gap();
  figures_.ended = true;
  opening_ = false;
  hub_.news.notify_all();
}

void VideoFeed::run() {
  if (!open()) return;
  while (read() && reopen()) {
  }
}

bool VideoFeed::open() {
  auto reader = attempt(name_, [&] { return library_.open(source_, options_.read); });
  if (!reader.ok()) {
    const std::lock_guard lock(hub_.mutex);
    refused_ = reader.error();
    return false;
  }
  const video::VideoInfo& info = (*reader)->info();
  clock_.emplace(info.time_base);
  live_ = info.live;
  return adopt(std::move(*reader));
}

// False: nobody wants it any more.
bool VideoFeed::adopt(std::unique_ptr<video::Reader> reader) {
  const std::lock_guard lock(hub_.mutex);
  if (hub_.stopped) return false;
  reader_ = std::move(reader);
  if (!opening_) return true;
  figures_.info = reader_->info();
  last_frame_ = Clock::now();
  opening_ = false;
  hub_.news.notify_all();
  return true;
}

// Until there is nothing more to read, or nobody wants it. True: the source has been lost, and may come back.
bool VideoFeed::read() {
  while (true) {
    const auto more = attempt(name_, [&] { return read_one(); });
    if (!more.ok()) {
      note(more.error().message);
      return live_;
    }
    if (!*more) return false;
  }
}

// False: there is nothing more to read, or nobody wants it.
Result<bool> VideoFeed::read_one() {
  const Stopwatch watch;
  SAKER_ASSIGN(auto read, reader_->next());
  if (!read && live_) return Error{ErrorCode::kIo, name_ + ": the stream has ended"};
  if (!read) return false;
  Waiting frame;
  frame.info.source = number_;
  clock_->stamp(*read, frame.info);
  frame.info.decode_ms = live_ ? seconds_since(read->received) * 1e3 : watch.ms();
  if (live_) frame.info.received = read->received;
  frame.picture = {read->planes, std::move(read->owner)};
  backoff_.reset();
  return hand_over(std::move(frame));
}

// False: nobody wants more.
bool VideoFeed::hand_over(Waiting frame) {
  const bool wanted = figures_.frames % options_.stride == 0;  // nobody else writes it
  if (wanted && gate_) frame.info.still = !gate_->moves(frame.picture.view);
  if (lost_) find();  // set by this thread alone
  PlanarPicture old;  // given back without the mutex
  std::unique_lock lock(hub_.mutex);
  frame.info.index = figures_.frames++;
  figures_.damaged = damaged_before_ + reader_->damaged();
  last_frame_ = Clock::now();
  if (!wanted) return !hub_.stopped;
  if (live_ && !waiting_.empty()) {
    frame.info.still = frame.info.still && waiting_[0].info.still;  // what moved has not been looked at
    old = std::move(waiting_[0].picture);
    waiting_.clear();
    ++figures_.dropped;
  }
  wake_.wait(lock, [&] { return hub_.stopped || waiting_.size() < options_.ahead; });
  if (hub_.stopped) {
    if (live_) ++figures_.dropped;
    return false;
  }
  waiting_.push_back(std::move(frame));
  hub_.news.notify_all();
  return true;
}

// False: it is no loss, nobody wants it any more.
bool VideoFeed::lose() {
  std::unique_lock lock(hub_.mutex);
  if (hub_.stopped) return false;
  const bool told = std::exchange(lost_, true);
  const std::string why = figures_.error;
  lock.unlock();
  if (!told && options_.tell) options_.tell(why + "\ntrying again");
  return true;
}

// It gives frames again.
void VideoFeed::find() {
  std::unique_lock lock(hub_.mutex);
  ++figures_.reconnects;
  figures_.longest_gap = longest_gap();
  lost_ = false;
  const double away = seconds_since(last_frame_);
  lock.unlock();
  if (options_.tell) options_.tell(fmt::format("{}: back after {:.1f} s", name_, away));
}

// Tries until the lost source is there again. False: it has been given up, or nobody wants it.
bool VideoFeed::reopen() {
  close();  // a camera is opened by one at a time
  if (!lose()) return false;
  while (pause(backoff_.next())) {
    auto reader = attempt(name_, [&] { return library_.open(source_, options_.read); });
    if (reader.ok()) {
      clock_->restart();
      return adopt(std::move(*reader));
    }
    note(reader.error().message);
  }
  return false;
}

// False: the work has been stopped, or the source is to be given up.
bool VideoFeed::pause(double seconds) {
  std::unique_lock lock(hub_.mutex);
  if (options_.give_up) {
    const double left = *options_.give_up - seconds_since(last_frame_);
    if (left <= 0) return false;
    seconds = std::min(seconds, left);
  }
  return !wake_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return hub_.stopped.load(); });
}

void VideoFeed::close() {
  std::unique_ptr<video::Reader> old;  // may take its time to say goodbye
  const std::lock_guard lock(hub_.mutex);
  if (reader_) damaged_before_ += reader_->damaged();
  old = std::move(reader_);
  figures_.damaged = damaged_before_;
}

void VideoFeed::note(const std::string& error) {
  const std::lock_guard lock(hub_.mutex);
  if (!hub_.stopped) figures_.error = error;
}

}  // namespace saker
