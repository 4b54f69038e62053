#include "tracking/track_text.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace saker::tracking {
namespace {

using Json = nlohmann::ordered_json;

std::string on_a_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

double rounded(double seconds) {
  return std::round(seconds * 1000) / 1000;
}

const char* name_of(EventKind kind) {
  switch (kind) {
    case EventKind::kCrossed:
      return "crossed";
    case EventKind::kEntered:
      return "entered";
    case EventKind::kLeft:
      break;
  }
  return "left";
}

}  // namespace

std::string event_line(const Event& event, std::span<const std::string> labels, const std::string& source,
                       std::size_t frame) {
  const auto class_id = static_cast<std::size_t>(event.class_id);
  Json json = Json::object();
  json["event"] = name_of(event.kind);
  json["where"] = event.where;
  if (event.kind == EventKind::kCrossed) json["direction"] = event.forward ? "forward" : "backward";
  json["track"] = event.track;
  json["class_id"] = event.class_id;
  json["label"] = class_id < labels.size() ? labels[class_id] : std::to_string(event.class_id);
  json["seconds"] = rounded(event.seconds);
  if (event.kind == EventKind::kLeft) json["stayed"] = rounded(event.stayed);
  json["frame"] = frame;
  json["source"] = source;
  return on_a_line(json);
}

std::string counts_text(const Counts& counts) {
  return counts.zone ? fmt::format("{}: {} inside, {} in all", counts.name, counts.inside, counts.entered)
                     : fmt::format("{}: {} forward, {} back", counts.name, counts.forward, counts.backward);
}

std::string mot_line(std::size_t frame, const Track& track, const Detection& detection) {
  const Box& box = track.box;
  return fmt::format("{},{},{:.2f},{:.2f},{:.2f},{:.2f},{:.4f},{},-1,-1", frame + 1, track.id, box.x1, box.y1,
                     box.x2 - box.x1, box.y2 - box.y1, detection.score, detection.class_id);
}

}  // namespace saker::tracking
