#include "serve/stream/camera_work.h"

#include <fmt/format.h>

#include <algorithm>

#include "serve/stream/stream_text.h"

namespace saker::serve {
namespace {

constexpr auto kTick = std::chrono::seconds(1);                 // who has gone, and the model, are looked at so often
constexpr auto kAfterRefusal = std::chrono::milliseconds(100);  // there was no room for a frame

Time now() {
  return std::chrono::steady_clock::now();
}

const char* name_of(int state) {
  constexpr const char* kNames[] = {"closed", "opening", "live", "away"};
  return kNames[state];
}

// Without what a library says in brackets: it names addresses.
std::string for_watchers(const std::string& why) {
  const std::string text = why.substr(0, why.find(" ("));
  return text.find("://") == std::string::npos ? text : "it cannot be read";
}

SharedText shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace

Camera::Work::Work(const CameraOptions& options, const CameraUse& use)
    : options_(options),
      use_(use),
      show_(options.name, options.track),
      read_(use.metrics.counter("saker_camera_frames_read_total", "Frames that a camera gave.",
                                {{"camera", options.name}})),
      detected_(use.metrics.counter("saker_camera_frames_detected_total", "Frames that a model looked at.",
                                    {{"camera", options.name}})),
      dropped_(use.metrics.counter("saker_camera_frames_dropped_total",
                                   "Frames that nothing looked at: newer ones came before there was time.",
                                   {{"camera", options.name}})),
      reconnects_(use.metrics.counter("saker_camera_reconnects_total", "Times that a lost camera came back.",
                                      {{"camera", options.name}})),
      left_out_(use.metrics.counter("saker_camera_watcher_frames_dropped_total",
                                    "Frames that watchers were not sent because they read too slowly.",
                                    {{"camera", options.name}})) {
  use.metrics.gauge("saker_camera_live", "Whether a camera gives frames.", {{"camera", options.name}},
                    [gauges = gauges_] { return gauges->live ? 1.0 : 0.0; });
  use.metrics.gauge("saker_camera_watchers", "Who watches a camera.", {{"camera", options.name}},
                    [gauges = gauges_] { return static_cast<double>(gauges->watchers.load()); });
}

void Camera::Work::start() {
  thread_ = std::thread([this] { run(); });
}

void Camera::Work::begin_stop() {
  const std::lock_guard lock(mutex_);
  *stopping_ = true;
  changed_.notify_all();
}

void Camera::Work::join() {
  if (thread_.joinable()) thread_.join();
}

Camera::Work::FoundModel Camera::Work::find_model() const {
  FoundModel found = options_.model.empty() ? use_.repository.only() : use_.repository.find(options_.model);
  if (const auto* model = std::get_if<std::shared_ptr<ServedModel>>(&found); model && (*model)->spec() == nullptr)
    return Refusal{Reason::kBadRequest, fmt::format("{}: its model {} finds no boxes: {}", options_.name,
                                                    (*model)->name(), (*model)->no_detector())};
  return found;
}

std::optional<Refusal> Camera::Work::watch(const std::shared_ptr<const HttpRequest>& request,
                                           const std::shared_ptr<Responder>& responder, StreamFormat format,
                                           Duration gap) {
  const FoundModel found = find_model();
  if (const auto* refusal = std::get_if<Refusal>(&found)) return *refusal;
  const std::lock_guard lock(mutex_);
  if (*stopping_) return Refusal{Reason::kUnavailable, "the server is stopping", 1};
  HttpResponse head = stream_head(format);
  if (state_ == State::kClosed) tell(State::kOpening, "");
  head.body = format == StreamFormat::kPictures
                  ? kPicturesBegin
                  : "retry: 2000\n\n" + state_event(options_.name, name_of(static_cast<int>(state_)), reason_);
  responder->begin(std::move(head));
  watchers_.add(request, responder, format, gap, now());
  count_watchers();
  changed_.notify_all();
  return std::nullopt;
}

CameraStatus Camera::Work::status() const {
  const std::lock_guard lock(mutex_);
  CameraStatus out;
  out.name = options_.name;
  out.state = name_of(static_cast<int>(state_));
  out.reason = reason_;
  out.width = info_.width, out.height = info_.height;
  out.frame_rate = info_.frame_rate.value();
  out.watchers = watchers_.size();
  out.read = read_.value(), out.detected = detected_.value(), out.dropped = dropped_.value();
  out.reconnects = reconnects_.value();
  return out;
}

// ---- frames that come ----

void Camera::Work::tell(State state, const std::string& why) {
  if (state == state_ && why == reason_) return;
  state_ = state;
  gauges_->live = state == State::kLive;
  reason_ = why;
  watchers_.tell(shared(state_event(options_.name, name_of(static_cast<int>(state)), why)), now());
}

void Camera::Work::on_open(const video::VideoInfo& info) {
  const std::lock_guard lock(mutex_);
  info_ = info;
  if (std::exchange(lost_, false)) {
    reconnects_.add();
    log_.push_back(fmt::format("camera {}: it is back", options_.name));
  }
  tell(State::kLive, "");
  changed_.notify_all();
}

void Camera::Work::on_lost(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kAway) log_.push_back(fmt::format("camera lost, tried again: {}", why));
  lost_ = true;
  tell(State::kAway, for_watchers(why));
  changed_.notify_all();
}

void Camera::Work::on_frame(CameraFrame frame) {
  std::optional<CameraFrame> old;  // given back without the lock
  const std::lock_guard lock(mutex_);
  read_.add();
  if (options_.most_fps > 0) {
    const auto gap = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / options_.most_fps));
    if (frame.received < frame_due_) return dropped_.add();
    frame_due_ = next_due(frame_due_, gap, frame.received);
  }
  if (newest_) dropped_.add();
  old = std::exchange(newest_, std::move(frame));
  changed_.notify_all();
}

// ---- on the scheduler's workers ----

std::optional<PlanarPicture> Camera::Work::take() {
  const std::lock_guard lock(mutex_);
  if (*stopping_ || !newest_) return std::nullopt;
  taken_ = std::exchange(newest_, std::nullopt);
  return taken_->picture;
}

void Camera::Work::done(const std::shared_ptr<ServedModel>& model, Outcome<FrameAnswer> outcome) {
  std::optional<CameraFrame> frame;
  const std::lock_guard lock(mutex_);
  asked_ = false;
  frame = std::exchange(taken_, std::nullopt);
  changed_.notify_all();
  if (*stopping_) return;
  if (auto* found = std::get_if<FrameAnswer>(&outcome); found != nullptr && frame) {
    detected_.add();
    trouble_.clear();
    looked_ = Looked{*std::move(frame), std::move(*found), model, info_};
    return;
  }
  const auto* refusal = std::get_if<Refusal>(&outcome);
  if (frame) dropped_.add();
  not_before_ = now() + kAfterRefusal;
  if (refusal == nullptr || refusal->reason != Reason::kInternal || refusal->message == trouble_) return;
  trouble_ = refusal->message;
  log_.push_back(fmt::format("camera {}: {}", options_.name, trouble_));
}

// ---- the thread ----

void Camera::Work::run() {
  step_back();
  Lock lock(mutex_);
  while (!*stopping_) {
    const Time time = now();
    open_or_close(lock, time);
    check_model(lock, time);
    if (newest_ && !asked_ && !watchers_.empty() && time >= not_before_) ask(lock);
    if (looked_) show(lock);
    watchers_.beat(now());
    count_watchers();
    if (!log_.empty()) {
      const std::vector<std::string> news = std::exchange(log_, {});
      lock.unlock();
      for (const std::string& line : news) {
        if (use_.tell) use_.tell(line);
      }
      lock.lock();
      continue;
    }
    const auto work = [&] {
      return *stopping_ || looked_ || !log_.empty() || (!watchers_.empty() && feed_ == nullptr) ||
             (newest_ && !asked_ && !watchers_.empty() && now() >= not_before_);
    };
    changed_.wait_until(lock, next_look(now()), work);
  }
  end_all("the server is stopping");
  newest_.reset();
  looked_.reset();  // its model is waited for
  lock.unlock();
  feed_.reset();
}

Time Camera::Work::next_look(Time time) const {
  if (watchers_.empty() && feed_ == nullptr) return time + std::chrono::hours(1);
  const bool held = newest_ && !asked_ && !watchers_.empty();
  return std::min(time + kTick, held ? std::max(not_before_, time) : Time::max());
}

void Camera::Work::open_or_close(Lock& lock, Time time) {
  if (!watchers_.empty()) {
    last_watched_ = time;
    if (feed_ != nullptr) return;
    FeedOptions feed;
    feed.name = options_.name;
    feed.source = options_.source;
    feed.read.threads = 2;
    lock.unlock();
    feed_ = std::make_unique<CameraFeed>(use_.library, feed, *this);
    lock.lock();
  } else if (feed_ != nullptr && time - last_watched_ >= kLinger) {
    lock.unlock();
    feed_.reset();
    lock.lock();
    if (newest_) dropped_.add();
    newest_.reset();
    lost_ = false;
    tell(watchers_.empty() ? State::kClosed : State::kOpening, "");
  }
}

// Who watches is told when the model is gone, even if no frame comes.
void Camera::Work::check_model(Lock& lock, Time time) {
  if (watchers_.empty() || time < next_check_) return;
  next_check_ = time + kTick;
  lock.unlock();
  const FoundModel found = find_model();
  lock.lock();
  const auto* refusal = std::get_if<Refusal>(&found);
  if (refusal != nullptr && refusal->reason != Reason::kUnavailable) end_all(refusal->message);
}

void Camera::Work::ask(Lock& lock) {
  asked_ = true;
  lock.unlock();
  FoundModel found = find_model();
  if (auto* refusal = std::get_if<Refusal>(&found)) {
    done(nullptr, std::move(*refusal));
  } else {
    const auto& model = std::get<std::shared_ptr<ServedModel>>(found);
    FrameRequest request;
    request.boxes = model->boxes();
    show_.adapt(request.boxes);
    request.take = [self = shared_from_this()] { return self->take(); };
    JobOptions job;
    job.priority = kPriority;
    job.cancelled = stopping_;
    model->detect_frame(std::move(request), job, [self = shared_from_this(), model](Outcome<FrameAnswer> outcome) {
      self->done(model, std::move(outcome));
    });
  }
  lock.lock();
}

void Camera::Work::show(Lock& lock) {
  Looked looked = *std::exchange(looked_, std::nullopt);
  const Time time = now();
  const bool events = watchers_.wants(StreamFormat::kEvents, time),
             pictures = watchers_.wants(StreamFormat::kPictures, time);
  lock.unlock();
  show_.take(looked.frame, looked.found, *looked.model, looked.info);
  looked.model.reset();
  const SharedText event = events ? show_.event() : nullptr;
  const SharedText picture = pictures ? show_.picture(looked.frame.picture.view) : nullptr;
  lock.lock();
  const std::uint64_t before = watchers_.left_out();
  if (event != nullptr) watchers_.show(StreamFormat::kEvents, event, time);
  if (picture != nullptr) watchers_.show(StreamFormat::kPictures, picture, time);
  left_out_.add(watchers_.left_out() - before);
}

void Camera::Work::end_all(const std::string& reason) {
  watchers_.end(shared(end_event(options_.name, reason)));
  count_watchers();
}

}  // namespace saker::serve
