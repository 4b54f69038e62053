#include "serve/api/stream_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text.h"
#include "serve/stream/cameras.h"

namespace saker::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kLeastFps = 0.01, kMostFps = 1000;

struct StreamOptions {
  std::string camera;
  StreamFormat format = StreamFormat::kEvents;
  Duration gap = {};
};

std::string value_of(const Query& query, const char* name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

// What an <img> sends; whoever takes anything gets events.
bool wants_pictures(const std::string* accept) {
  if (accept == nullptr) return false;
  bool pictures = false;
  for (const std::string& one : split(lower_case(*accept), ',')) {
    const std::string_view kind = trimmed(std::string_view(one).substr(0, one.find(';')));
    if (kind == "text/event-stream") return false;
    pictures = pictures || kind.starts_with("image/") || kind == "multipart/x-mixed-replace";
  }
  return pictures;
}

Outcome<StreamOptions> read_stream_options(const Query& query, const std::string* accept) {
  constexpr std::array<std::string_view, 3> kKnown = {"camera", "format", "fps"};
  for (const auto& [name, value] : query) {
    if (std::ranges::find(kKnown, name) == kKnown.end())
      return Refusal{Reason::kBadRequest,
                     fmt::format("there is no option `{}`; there are camera, format, fps", printable_name(name, 80))};
  }
  StreamOptions options;
  options.camera = value_of(query, "camera");
  if (wants_pictures(accept)) options.format = StreamFormat::kPictures;
  if (query.contains("format")) {
    const std::string format = value_of(query, "format");
    if (format != "sse" && format != "mjpeg")
      return Refusal{Reason::kBadRequest, fmt::format("format: `{}` is not sse or mjpeg", printable_name(format, 80))};
    options.format = format == "sse" ? StreamFormat::kEvents : StreamFormat::kPictures;
  }
  if (query.contains("fps")) {
    const std::string text = value_of(query, "fps");
    const auto fps = parse_number(text);
    if (!fps || *fps < kLeastFps || *fps > kMostFps)
      return Refusal{Reason::kBadRequest, fmt::format("fps: `{}` is not a number from {} to {}",
                                                      printable_name(text, 80), kLeastFps, kMostFps)};
    options.gap = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / *fps));
  }
  return options;
}

Json camera_json(const Camera& camera) {
  const CameraStatus status = camera.status();
  Json json = {{"name", status.name}, {"state", status.state}};
  if (!status.reason.empty()) json["reason"] = status.reason;
  if (!camera.options().model.empty()) json["model"] = camera.options().model;
  json["track"] = camera.options().track;
  if (status.width > 0) json["width"] = status.width, json["height"] = status.height;
  if (status.frame_rate > 0) json["frame_rate"] = status.frame_rate;
  json["watchers"] = status.watchers;
  json["frames"] = {{"read", status.read}, {"detected", status.detected}, {"dropped", status.dropped}};
  json["reconnects"] = status.reconnects;
  return json;
}

}  // namespace

void stream_route(const std::shared_ptr<ApiContext>& context, Call call) {
  const auto read = read_stream_options(call.query, call.request->header("Accept"));
  if (const auto* refusal = std::get_if<Refusal>(&read)) return refuse(call, *refusal);
  const auto& options = std::get<StreamOptions>(read);
  const auto found = context->cameras.find(options.camera);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refuse(call, *refusal);
  Camera& camera = *std::get<Camera*>(found);
  call.notes->model = camera.options().model;
  if (call.request->method == "HEAD") {
    call.responder->begin(stream_head(options.format));
    return call.responder->end();
  }
  const auto refused = context->cameras.watch(camera, call.request, call.responder, options.format, options.gap);
  if (refused) refuse(call, *refused);
}

void cameras_route(const std::shared_ptr<ApiContext>& context, Call call) {
  Json cameras = Json::array();
  for (const auto& camera : context->cameras.all()) cameras.push_back(camera_json(*camera));
  const Json json = {{"cameras", std::move(cameras)}};
  answer_json(call, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace saker::serve
