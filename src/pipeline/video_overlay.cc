// What is drawn on a video's frames.
#include "pipeline/video_overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/picture_saver.h"
#include "tracking/track_text.h"

namespace saker {
namespace {

// Scenes have a colour that their first class has not, whatever that is.
constexpr int kLineColor = 3, kZoneColor = 5;

// From the middle of a line to where one is after crossing it forward: to the right of somebody who goes along it, y
// pointing down.
Outline tick(const tracking::Line& line, ImageSize picture) {
  const double dx = line.to.x - line.from.x, dy = line.to.y - line.from.y;
  const double length = std::hypot(dx, dy);
  if (length <= 0) return {{}, false, kLineColor, picture};
  const double reach = std::min(length / 4, 0.04 * (picture.width + picture.height) / 2);
  const Place middle = {(line.from.x + line.to.x) / 2, (line.from.y + line.to.y) / 2};
  return {{middle, {middle.x - dy / length * reach, middle.y + dx / length * reach}}, false, kLineColor, picture};
}

}  // namespace

void RecentRate::add(std::chrono::steady_clock::time_point done, double model_ms) {
  constexpr std::size_t kFrames = 50;
  seen_.push_back({done, model_ms});
  if (seen_.size() > kFrames) seen_.pop_front();
}

double RecentRate::frames() const {
  if (seen_.size() < 2) return 0;
  const double seconds = std::chrono::duration<double>(seen_.back().done - seen_.front().done).count();
  return seconds > 0 ? static_cast<double>(seen_.size() - 1) / seconds : 0;
}

double RecentRate::model() const {
  double ms = 0, frames = 0;
  for (const Seen& seen : seen_) {
    ms += seen.model_ms;
    frames += seen.model_ms > 0 ? 1 : 0;
  }
  return ms > 0 ? 1e3 * frames / ms : 0;
}

SceneDrawing::SceneDrawing(const tracking::Scene& scene, ImageSize picture) {
  for (const tracking::Line& line : scene.lines) {
    outlines_.emplace_back(std::vector<Place>{{line.from.x, line.from.y}, {line.to.x, line.to.y}}, false, kLineColor,
                           picture);
    ticks_.push_back(tick(line, picture));
  }
  for (const tracking::Zone& zone : scene.zones) {
    std::vector<Place> corners;
    for (const tracking::Point& corner : zone.corners) corners.push_back({corner.x, corner.y});
    outlines_.emplace_back(std::move(corners), true, kZoneColor, picture);
  }
}

void SceneDrawing::draw(Surface& surface, std::span<const tracking::Counts> counts) const {
  for (const Outline& tick : ticks_) tick.draw(surface, "");
  for (std::size_t i = 0; i < outlines_.size(); ++i)
    outlines_[i].draw(surface, i < counts.size() ? tracking::counts_text(counts[i]) : "");
}

std::vector<DrawnBox> tracked_boxes(std::span<const Detection> boxes, std::span<const tracking::Track> tracks,
                                    const std::vector<std::string>& labels) {
  std::vector<DrawnBox> drawn = labelled_boxes(boxes, labels);
  for (std::size_t i = 0; i < std::min(drawn.size(), tracks.size()); ++i)
    drawn[i].text = fmt::format("#{} {}", tracks[i].id, drawn[i].text);
  return drawn;
}

}  // namespace saker
