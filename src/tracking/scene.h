// Lines that tracks cross and zones that they stand in.
#pragma once

#include <saker/detector_spec.h>
#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tracking/byte_tracker.h"

namespace saker::tracking {

struct Point {
  double x = 0, y = 0;
};

struct Line {
  std::string name;
  Point from, to;
  std::vector<int> classes;  // that count; empty: all
};

struct Zone {
  std::string name;
  std::vector<Point> corners;  // a polygon, at least three
  std::vector<int> classes;
};

// Points are fractions of the picture, or all of them pixels.
struct Scene {
  bool fractions = false;
  std::vector<Line> lines;
  std::vector<Zone> zones;
};

// A YAML file (docs/how-to/video.md). `labels`: index is the class id. Errors: kNotFound, kInvalid, kLimit.
Result<Scene> read_scene(const std::string& path, const std::vector<std::string>& labels);

enum class EventKind : std::uint8_t { kCrossed, kEntered, kLeft };

struct Event {
  EventKind kind = EventKind::kCrossed;
  std::string where;  // name of the line or zone
  std::int64_t track = 0;
  int class_id = 0;
  bool forward = false;  // of kCrossed: from the left to the right of somebody who goes along the line
  double seconds = 0;    // of the frame
  double stayed = 0;     // of kLeft: seconds in the zone
};

struct Counts {
  std::string name;
  bool zone = false;
  std::size_t forward = 0, backward = 0;  // of a line
  std::size_t inside = 0, entered = 0;    // of a zone: now, and in all
};

// Where somebody stands is the middle of the lower edge of its box. A track that is not seen for `patience` seconds has
// left its zones.
class SceneWatch {
 public:
  SceneWatch(Scene scene, int width, int height, double patience = 1);

  // `boxes`: the frame's, which Track::detection points into.
  std::vector<Event> update(std::span<const Track> tracks, std::span<const Detection> boxes, double seconds);
  std::vector<Event> finish();  // who was inside has left
  std::vector<Counts> counts() const;
  const Scene& scene() const { return scene_; }  // in pixels

 private:
  struct Known;
  Scene scene_;
  double patience_;
  std::map<std::int64_t, Known> known_;
  std::vector<Counts> counts_;
};

}  // namespace saker::tracking
