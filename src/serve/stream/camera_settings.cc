// Cameras as people write them.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>

#include "base/text.h"
#include "base/try.h"
#include "serve/model_folder.h"
#include "serve/settings.h"
#include "serve/stream/cameras.h"
#include "video/video.h"

namespace saker::serve {
namespace {

Error invalid(std::string what, const char* setting) {
  return {ErrorCode::kInvalid, std::move(what), setting};
}

std::string shown(const std::string& text) {
  return printable_name(video::without_password(text));
}

// NAME=SOURCE; names are those that models may have, too.
Result<CameraOptions> read_camera(const std::string& text) {
  const std::size_t equals = text.find('=');
  CameraOptions camera;
  camera.name = text.substr(0, equals);
  if (equals == std::string::npos || !is_model_name(camera.name))
    return invalid(fmt::format("`camera`: {}: it wants NAME=SOURCE, with a name of letters, digits, '-', '_' and '.'",
                               shown(text)),
                   "camera");
  camera.source = text.substr(equals + 1);
  if (camera.source.empty() || camera.source == "-")
    return invalid(fmt::format("`camera`: {}: the source is missing behind the '='", camera.name), "camera");
  const bool is_file = camera.source.find("://") == std::string::npos && !camera.source.starts_with("/dev/");
  std::error_code error;
  if (is_file && !std::filesystem::exists(camera.source, error))
    return invalid(fmt::format("`camera`: {}: {}: no such file", camera.name, shown(camera.source)), "camera");
  return camera;
}

}  // namespace

Result<CamerasOptions> cameras_options(const Settings& settings) {
  CamerasOptions options;
  options.most_watchers = static_cast<std::size_t>(settings.max_watchers);
  for (const std::string& text : settings.cameras) {
    SAKER_ASSIGN(CameraOptions camera, read_camera(text));
    if (std::ranges::find(options.cameras, camera.name, &CameraOptions::name) != options.cameras.end())
      return invalid(fmt::format("two cameras are named {}", camera.name), "camera");
    camera.track = settings.camera_track;
    camera.most_fps = settings.camera_fps;
    options.cameras.push_back(std::move(camera));
  }
  std::string for_others;
  for (const std::string& text : settings.camera_models) {
    const std::size_t equals = text.find('=');
    const std::string model = equals == std::string::npos ? text : text.substr(equals + 1);
    if (!is_model_name(model))
      return invalid(fmt::format("`camera_model`: {} is no name of a model", printable_name(model)), "camera_model");
    if (equals == std::string::npos) {
      for_others = model;
      continue;
    }
    const auto camera = std::ranges::find(options.cameras, text.substr(0, equals), &CameraOptions::name);
    if (camera == options.cameras.end())
      return invalid(fmt::format("`camera_model`: there is no camera {}: `camera` names them",
                                 printable_name(text.substr(0, equals))),
                     "camera_model");
    camera->model = model;
  }
  for (CameraOptions& camera : options.cameras) {
    if (camera.model.empty()) camera.model = for_others;
  }
  return options;
}

}  // namespace saker::serve
