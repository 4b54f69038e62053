#include "serve/stream/camera_feed.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "pipeline/attempt.h"

namespace saker::serve {
namespace {

constexpr double kUsualFrame = 1.0 / 30;  // seconds, of files that do not tell
constexpr double kShortestFrame = 1e-3;   // of files that tell nonsense
constexpr double kShortestFile = 0.1;     // seconds from one showing of a file to the next
constexpr double kFallenBehind = 0.5;     // seconds from which a file is shown later rather than faster

Duration seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}

std::uint64_t seed_of(const std::string& name) {
  return scrambled(std::hash<std::string>()(name) ^
                   static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()));
}

// Addresses of cameras are nobody's business who only watches.
std::string by_name(std::string message, const FeedOptions& options) {
  for (const std::string& source : {options.source, video::without_password(options.source)}) {
    for (std::size_t at = 0; (at = message.find(source, at)) != std::string::npos; at += options.name.size())
      message.replace(at, source.size(), options.name);
  }
  return message;
}

// When a file's frames are due, so that it lasts as long as it is.
class Pace {
 public:
  Pace(Time begin, const video::VideoInfo& info) : begin_(begin), opened_(begin), step_(kUsualFrame) {
    if (info.frame_rate.value() > 0) step_ = std::max(kShortestFrame, 1 / info.frame_rate.value());
  }
  Time due(double at, Time now) {
    last_ = at;
    if (now > begin_ + seconds(at + kFallenBehind)) begin_ = now - seconds(at);
    return begin_ + seconds(at);
  }
  Time end() const { return std::max(begin_ + seconds(last_ + step_), opened_ + seconds(kShortestFile)); }

 private:
  Time begin_, opened_;
  double step_, last_ = 0;
};

}  // namespace

void step_back() {
  constexpr int kNice = 10;
  ::setpriority(PRIO_PROCESS, 0, kNice);  // Linux: of this thread, and those it begins
}

CameraFeed::CameraFeed(video::VideoLibrary& library, const FeedOptions& options, FeedListener& listener,
                       std::unique_ptr<StopWait> wait)
    : library_(library),
      options_(options),
      listener_(listener),
      wait_(std::move(wait)),
      backoff_(options.first_wait, options.longest_wait, seed_of(options.name)) {
  options_.read.stopped = &wait_->stopped();
  thread_ = std::thread([this] { run(); });
}

CameraFeed::~CameraFeed() {
  wait_->stop();
  {
    const std::lock_guard lock(mutex_);
    if (reader_ != nullptr) reader_->interrupt();
  }
  thread_.join();
}

void CameraFeed::run() {
  step_back();
  while (!stopped()) {
    const std::string why = play();
    if (why.empty() || stopped()) continue;
    listener_.on_lost(why);
    wait_->wait_until(wait_->now() + seconds(backoff_.next()));
  }
}

// Once, to its end. Why it was lost; empty: it was a file, or it was stopped.
std::string CameraFeed::play() {
  auto reader = attempt(options_.name, [&] { return library_.open(options_.source, options_.read); });
  if (!reader.ok()) return by_name(reader.error().message, options_);
  {
    const std::lock_guard lock(mutex_);
    if (stopped()) return "";
    reader_ = reader->get();
  }
  const Result<std::string> played = attempt(options_.name, [&]() -> Result<std::string> { return read(**reader); });
  {
    const std::lock_guard lock(mutex_);
    reader_ = nullptr;
  }
  return played.ok() ? *played : played.error().message;
}

std::string CameraFeed::read(video::Reader& reader) {
  const video::VideoInfo& info = reader.info();
  if (clock_ == nullptr) clock_ = std::make_unique<SourceClock>(info.time_base);
  clock_->restart();
  Pace pace(wait_->now(), info);
  for (std::uint64_t count = 0; !stopped(); ++count) {
    auto frame = reader.next();
    if (!frame.ok()) return by_name(frame.error().message, options_);
    if (!frame->has_value()) {
      if (count == 0 || info.live) return options_.name + (count == 0 ? ": there is not one frame" : ": it has ended");
      wait_->wait_until(pace.end());
      return "";
    }
    if (count == 0) {
      backoff_.reset();
      listener_.on_open(info);
    }
    FrameInfo stamps;
    clock_->stamp(**frame, stamps);
    if (!info.live && !wait_->wait_until(pace.due((*frame)->seconds, wait_->now()))) return "";
    CameraFrame out;
    out.picture = {(*frame)->planes, std::move((*frame)->owner)};
    out.number = frames_++;
    out.seconds = stamps.seconds.value_or(0);
    out.received = info.live ? (*frame)->received : wait_->now();
    listener_.on_frame(std::move(out));
  }
  return "";
}

}  // namespace saker::serve
