// The cameras that the server's settings name.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "serve/stream/camera.h"

namespace saker::serve {

struct CamerasOptions {
  std::vector<CameraOptions> cameras;      // names differ
  video::VideoLibrary* library = nullptr;  // what reads them; not null where there are some
  std::size_t most_watchers = 256;         // of all cameras together
  std::function<void(const std::string&)> tell;
};

// Thread-safe.
class Cameras {
 public:
  Cameras(const CamerasOptions& options, Repository& repository, MetricRegistry& metrics);

  // By its name; without one the only camera. Refusals: kNotFound, with the names that there are.
  Outcome<Camera*> find(const std::string& name) const;
  // As Camera::watch; also refused (kOverloaded): as many watch as may.
  std::optional<Refusal> watch(Camera& camera, const std::shared_ptr<const HttpRequest>& request,
                               const std::shared_ptr<Responder>& responder, StreamFormat format, Duration gap);
  const std::vector<std::unique_ptr<Camera>>& all() const { return cameras_; }
  void stop();  // all answers are ended when it returns

 private:
  const std::size_t most_watchers_;
  std::vector<std::unique_ptr<Camera>> cameras_;
  std::mutex watching_;  // one more at a time, so that they can be counted
};

}  // namespace saker::serve
