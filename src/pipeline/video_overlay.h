// What is drawn on a video's frames.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media/draw.h"
#include "pipeline/detect_frames.h"
#include "tracking/scene.h"

namespace saker {

// How many frames a second there were, in the last 50 frames (as many as the annotate.py of YOLOv5's DeepSparse
// integration looks at).
class RecentRate {
 public:
  void add(std::chrono::steady_clock::time_point done, double model_ms);
  double frames() const;  // a second, of the work as a whole; 0: not known yet
  double model() const;   // that the model alone would do, of those that it has seen (model_ms > 0)

 private:
  struct Seen {
    std::chrono::steady_clock::time_point done;
    double model_ms = 0;
  };
  std::deque<Seen> seen_;
};

// The lines and zones of a scene in pixels, with their counts.
class SceneDrawing {
 public:
  SceneDrawing(const tracking::Scene& scene, ImageSize picture);
  void draw(Surface& surface, std::span<const tracking::Counts> counts) const;

 private:
  std::vector<Outline> outlines_;  // of the lines, of the zones
  std::vector<Outline> ticks_;     // which way is forward across each line
};

// "#7 person 0.91". `tracks`: parallel to the boxes, or empty.
std::vector<DrawnBox> tracked_boxes(std::span<const Detection> boxes, std::span<const tracking::Track> tracks,
                                    const std::vector<std::string>& labels);

}  // namespace saker
