#include "serve/stream/cameras.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace saker::serve {

Cameras::Cameras(const CamerasOptions& options, Repository& repository, MetricRegistry& metrics)
    : most_watchers_(options.most_watchers) {
  SAKER_CHECK(options.cameras.empty() || options.library != nullptr);
  for (const CameraOptions& one : options.cameras) {
    const CameraUse use{repository, *options.library, metrics, options.tell};
    cameras_.push_back(std::make_unique<Camera>(one, use));
  }
}

Outcome<Camera*> Cameras::find(const std::string& name) const {
  if (cameras_.empty()) return Refusal{Reason::kNotFound, "this server has no cameras: its settings name none"};
  std::vector<std::string> names;
  for (const auto& camera : cameras_) {
    names.push_back(camera->options().name);
    if (names.back() == name) return camera.get();
  }
  if (name.empty() && cameras_.size() == 1) return cameras_[0].get();
  const std::string all = fmt::format("{}", fmt::join(names, ", "));
  if (name.empty()) return Refusal{Reason::kBadRequest, "which `camera`? There are " + all};
  return Refusal{Reason::kNotFound, fmt::format("there is no camera {}; there are {}", printable_name(name, 80), all)};
}

std::optional<Refusal> Cameras::watch(Camera& camera, const std::shared_ptr<const HttpRequest>& request,
                                      const std::shared_ptr<Responder>& responder, StreamFormat format, Duration gap) {
  const std::lock_guard lock(watching_);
  std::size_t watchers = 0;
  for (const auto& one : cameras_) watchers += one->status().watchers;
  if (watchers >= most_watchers_)
    return Refusal{Reason::kOverloaded, fmt::format("{} watch already", most_watchers_), 10};
  return camera.watch(request, responder, format, gap);
}

void Cameras::stop() {
  for (const auto& camera : cameras_) camera->begin_stop();
  for (const auto& camera : cameras_) camera->stop();
}

}  // namespace saker::serve
