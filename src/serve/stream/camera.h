// One camera: read while somebody watches, looked at by a model, shown to all who watch.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "serve/repository.h"
#include "serve/stream/watchers.h"
#include "video/video.h"

namespace saker::serve {

struct CameraOptions {
  std::string name;
  std::string source;   // URL, /dev/video0, or a file, which is shown at its own speed over and over
  std::string model;    // that looks at it, by name; empty: the only one, or the first
  bool track = false;   // boxes get the ids of what they show
  double most_fps = 0;  // frames a second that are looked at; 0: all
};

struct CameraStatus {
  std::string name;
  const char* state = "closed";  // "closed" (nobody watches), "opening", "live", "away"
  std::string reason;            // of "away"
  int width = 0, height = 0;     // pixels; 0: not known yet
  double frame_rate = 0;         // frames a second, as the camera says; 0: likewise
  std::size_t watchers = 0;
  // Frames: that came; that were looked at; that were not, because newer ones came before there was time.
  std::uint64_t read = 0, detected = 0, dropped = 0;
  std::uint64_t reconnects = 0;
};

// What cameras share, and what must outlive them.
struct CameraUse {
  Repository& repository;
  video::VideoLibrary& library;
  MetricRegistry& metrics;
  std::function<void(const std::string&)> tell;  // that a camera was lost or is back; may be empty
};

// Thread-safe.
class Camera {
 public:
  Camera(const CameraOptions& options, const CameraUse& use);
  ~Camera();  // as stop()
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;

  const CameraOptions& options() const;
  // Answers with what the camera shows from now on, frames at least `gap` apart. A refusal: of its model, or the server
  // is stopping; nothing was answered.
  std::optional<Refusal> watch(const std::shared_ptr<const HttpRequest>& request,
                               const std::shared_ptr<Responder>& responder, StreamFormat format, Duration gap);
  CameraStatus status() const;
  // All answers end soon; stop() waits for it.
  void begin_stop();
  void stop();

  // The least urgent there is: of all that wait, requests go first.
  static constexpr int kPriority = 9;
  // So long after the last watcher has left it is read on: who loads the page again need not wait.
  static constexpr auto kLinger = std::chrono::seconds(5);

 private:
  class Work;
  std::shared_ptr<Work> work_;
};

// The head of an answer to `format`; its body is empty.
HttpResponse stream_head(StreamFormat format);

}  // namespace saker::serve
