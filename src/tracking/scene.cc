#include "tracking/scene.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace saker::tracking {
namespace {

constexpr double kMargin = 1.0 / 20;  // of the height of a box: what the tracker's filter doubts in a position
constexpr double kLeastMargin = 1;    // pixels
constexpr double kTick = 1e-3;        // seconds from frame to frame where time stands still

double along(const Point& a, const Point& b, const Point& p) {
  return (b.x - a.x) * (p.x - a.x) + (b.y - a.y) * (p.y - a.y);
}

// Pixels to the right of somebody who goes from a to b, where y points down; to the left: negative.
double right_of(const Point& a, const Point& b, const Point& p) {
  return ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)) / std::hypot(b.x - a.x, b.y - a.y);
}

int side_of(double distance) {
  return distance >= 0 ? 1 : -1;
}

// The way from `before` to `after` goes through the line: to the right 1, to the left -1; else 0.
int through(const Line& line, const Point& before, const Point& after) {
  const double d0 = right_of(line.from, line.to, before), d1 = right_of(line.from, line.to, after);
  if (side_of(d0) == side_of(d1)) return 0;
  const double part = d0 / (d0 - d1);
  const Point meet = {before.x + part * (after.x - before.x), before.y + part * (after.y - before.y)};
  const double at = along(line.from, line.to, meet), length = along(line.from, line.to, line.to);
  return at >= 0 && at <= length ? side_of(d1) : 0;
}

// Even-odd rule: a ray to the right meets the border an odd number of times.
bool inside(const std::vector<Point>& corners, const Point& p) {
  bool odd = false;
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
    const Point &a = corners[i], &b = corners[j];
    if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x)) odd = !odd;
  }
  return odd;
}

double distance_to_border(const std::vector<Point>& corners, const Point& p) {
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
    const Point &a = corners[j], &b = corners[i];
    const double length = along(a, b, b);
    const double part = length > 0 ? std::clamp(along(a, b, p) / length, 0.0, 1.0) : 0;
    least = std::min(least, std::hypot(p.x - a.x - part * (b.x - a.x), p.y - a.y - part * (b.y - a.y)));
  }
  return least;
}

bool counts_for(const std::vector<int>& classes, int class_id) {
  return classes.empty() || std::ranges::find(classes, class_id) != classes.end();
}

using Votes = std::vector<std::pair<int, double>>;

void vote(Votes& votes, const Detection& box) {
  const auto known = std::ranges::find(votes, box.class_id, &Votes::value_type::first);
  if (known == votes.end()) {
    votes.emplace_back(box.class_id, box.score);
  } else {
    known->second += box.score;
  }
}

int elected(const Votes& votes) {
  return std::ranges::max_element(votes, {}, &Votes::value_type::second)->first;
}

}  // namespace

SceneWatch::SceneWatch(Scene scene, int width, int height, double patience)
    : scene_(std::move(scene)), width_(width), height_(height), patience_(patience) {
  const auto scale = [&](Point& p) {
    if (scene_.fractions) p = {p.x * width, p.y * height};
  };
  for (Line& line : scene_.lines) {
    scale(line.from);
    scale(line.to);
    counts_.push_back({line.name});
  }
  for (Zone& zone : scene_.zones) {
    for (Point& corner : zone.corners) scale(corner);
    counts_.push_back({zone.name, true});
  }
  scene_.fractions = false;
}

// On the pixels of the picture: a zone that ends at the picture's edge has those inside whose box does, too.
Point SceneWatch::standing(const Box& box) const {
  return {std::clamp((box.x1 + box.x2) / 2, 0.5, std::max(width_ - 0.5, 0.5)),
          std::clamp(box.y2, 0.5, std::max(height_ - 0.5, 0.5))};
}

void SceneWatch::watch(std::int64_t id, Known& known, const Point& at, double margin, std::vector<Event>& events) {
  const int class_id = elected(known.votes);
  for (std::size_t i = 0; i < scene_.lines.size(); ++i) {
    const Line& line = scene_.lines[i];
    AtLine& state = known.lines[i];
    state.moved += through(line, known.at, at);
    const double distance = right_of(line.from, line.to, at);
    if (std::abs(distance) < margin) continue;
    const int side = side_of(distance);
    if (side == -state.side && state.moved * side > 0 && counts_for(line.classes, class_id)) {
      events.push_back({EventKind::kCrossed, line.name, id, class_id, side > 0, now_, 0});
      ++(side > 0 ? counts_[i].forward : counts_[i].backward);
    }
    state = {side, 0};
  }
  for (std::size_t i = 0; i < scene_.zones.size(); ++i) {
    const Zone& zone = scene_.zones[i];
    AtZone& state = known.zones[i];
    Counts& counts = counts_[scene_.lines.size() + i];
    const bool counted = counts_for(zone.classes, class_id), in = inside(zone.corners, at);
    if (!state.inside && in && counted) {
      events.push_back({EventKind::kEntered, zone.name, id, class_id, false, now_, 0});
      state = {true, now_};
      ++counts.inside;
      ++counts.entered;
    } else if (state.inside && (!counted || (!in && distance_to_border(zone.corners, at) >= margin))) {
      events.push_back({EventKind::kLeft, zone.name, id, class_id, false, now_, now_ - state.since});
      state = {};
      --counts.inside;
    }
  }
  known.at = at;
}

void SceneWatch::leave_zones(std::int64_t id, const Known& known, std::vector<Event>& events) {
  for (std::size_t i = 0; i < scene_.zones.size(); ++i) {
    const AtZone& state = known.zones[i];
    if (!state.inside) continue;
    events.push_back({EventKind::kLeft, scene_.zones[i].name, id, elected(known.votes), false, known.seen,
                      known.seen - state.since});
    --counts_[scene_.lines.size() + i].inside;
  }
}

void SceneWatch::forget_before(double seconds, std::vector<Event>& events) {
  std::erase_if(known_, [&](const auto& entry) {
    if (entry.second.seen >= seconds) return false;
    leave_zones(entry.first, entry.second, events);
    return true;
  });
}

std::vector<Event> SceneWatch::update(std::span<const Track> tracks, std::span<const Detection> boxes, double seconds) {
  std::vector<Event> events;
  if (!std::isfinite(seconds)) seconds = now_;
  if (first_ || seconds < now_ - patience_) {
    events = finish();
    now_ = seconds;
    first_ = false;
  } else {
    now_ = std::max(seconds, now_ + kTick);
  }
  // Whom this frame shows has not left, however far apart the frames are.
  for (const Track& track : tracks) {
    if (const auto known = known_.find(track.id); known != known_.end()) known->second.seen = now_;
  }
  forget_before(now_ - patience_ - kTick, events);
  for (const Track& track : tracks) {
    SAKER_CHECK(track.detection < boxes.size());
    const Point at = standing(track.box);
    if (!std::isfinite(at.x) || !std::isfinite(at.y)) continue;
    const auto [place, fresh] = known_.try_emplace(track.id);
    Known& known = place->second;
    if (fresh) {
      known.at = at;
      known.lines.resize(scene_.lines.size());
      known.zones.resize(scene_.zones.size());
    }
    known.seen = now_;
    vote(known.votes, boxes[track.detection]);
    watch(track.id, known, at, std::max(kLeastMargin, kMargin * (track.box.y2 - track.box.y1)), events);
  }
  return events;
}

std::vector<Event> SceneWatch::finish() {
  std::vector<Event> events;
  forget_before(std::numeric_limits<double>::infinity(), events);
  return events;
}

}  // namespace saker::tracking
