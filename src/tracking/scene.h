// Lines that tracks cross and zones that they stand in.
#pragma once

#include <saker/detector_spec.h>
#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <map>
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

// A YAML file (docs/how-to/tracking.md). `labels`: index is the class id. Errors: kNotFound, kIo, kInvalid, kLimit.
Result<Scene> read_scene(const std::string& path, const std::vector<std::string>& labels);
// Whether every point lies in a picture of that size: a scene of another size would count nothing. Error kInvalid.
Status check_scene(const Scene& scene, int width, int height);

enum class EventKind : std::uint8_t { kCrossed, kEntered, kLeft };

struct Event {
  EventKind kind = EventKind::kCrossed;
  std::string where;  // name of the line or zone
  std::int64_t track = 0;
  int class_id = 0;
  bool forward = false;  // of kCrossed: from the left to the right of somebody who goes along the line
  double seconds = 0;    // of the frame; of kLeft where the track was lost: when it was last seen
  double stayed = 0;     // of kLeft: seconds in the zone
};

struct Counts {
  std::string name;
  bool zone = false;
  std::size_t forward = 0, backward = 0;  // of a line
  std::size_t inside = 0, entered = 0;    // of a zone: now, and in all
};

// Where somebody stands is the middle of the lower edge of its box, inside the picture. What it is: the class with the
// largest sum of scores so far, since boxes of one track may change theirs.
//
// Who has crossed a line has been on one side of it by more than the margin and then is on the other by more than the
// margin, and the way between went through the line, not around its end. Who stands in a zone has left it when it is
// outside by more than the margin. The margin is a twentieth of the height of the box, and a pixel at least. So a box
// that trembles counts once.
class SceneWatch {
 public:
  // A track that is not seen for `patience` seconds has left its zones: the tracker's (TrackerOptions::patience), so
  // that whom it finds again has stayed.
  SceneWatch(Scene scene, int width, int height, double patience = 1);

  // `boxes`: the frame's, which Track::detection points into. `seconds` ascend; those that jump back by more than
  // `patience` are a new recording: all have left. Where they stand still, a millisecond passes from frame to frame.
  std::vector<Event> update(std::span<const Track> tracks, std::span<const Detection> boxes, double seconds);
  std::vector<Event> finish();                            // who was inside has left
  std::vector<Counts> counts() const { return counts_; }  // lines, then zones
  const Scene& scene() const { return scene_; }           // in pixels

 private:
  struct AtLine {
    int side = 0;   // where it was by more than the margin: -1 left, 1 right, 0 nowhere yet
    int moved = 0;  // through the line since then: to the right less to the left
  };
  struct AtZone {
    bool inside = false;
    double since = 0;
  };
  struct Known {
    Point at;
    double seen = 0;                            // seconds
    std::vector<std::pair<int, double>> votes;  // class, sum of scores
    std::vector<AtLine> lines;
    std::vector<AtZone> zones;
  };

  Point standing(const Box& box) const;
  void watch(std::int64_t id, Known& known, const Point& at, double margin, std::vector<Event>& events);
  void leave_zones(std::int64_t id, const Known& known, std::vector<Event>& events);
  void forget_before(double seconds, std::vector<Event>& events);

  Scene scene_;
  double width_, height_, patience_;
  double now_ = 0;
  bool first_ = true;
  std::map<std::int64_t, Known> known_;
  std::vector<Counts> counts_;
};

}  // namespace saker::tracking
