#include "tracking/byte_tracker.h"

#include <algorithm>
#include <cmath>

#include "tracking/assignment.h"

namespace saker::tracking {
namespace {

// Facts of the authors' code (yolox/tracker/byte_tracker.py).
constexpr double kSecondLimit = 0.5;  // boxes of low scores, without fusing
constexpr double kNewLimit = 0.7;     // tracks of one frame
constexpr double kTwin = 0.15;        // two tracks nearer than that are one

constexpr double kUsualRate = 30;    // frames a second where nobody knows
constexpr double kLongestPause = 1;  // seconds besides the patience and twice the last step: more ends all tracks
constexpr double kMostPredictions = 1000;

Box box_of(const Detection& d) {
  return {d.x1, d.y1, d.x2, d.y2};
}

bool is_box(const Detection& d) {
  const bool finite = std::isfinite(d.x1) && std::isfinite(d.y1) && std::isfinite(d.x2) && std::isfinite(d.y2);
  return finite && std::isfinite(d.score) && d.x2 > d.x1 && d.y2 > d.y1;
}

}  // namespace

void ByteTracker::match(Places& tracks, Places& boxes, std::span<const Detection> all, double limit, bool fuse) {
  std::vector<double> costs;
  costs.reserve(tracks.size() * boxes.size());
  for (const std::size_t t : tracks) {
    const Box predicted = known_[t].filter.box();
    for (const std::size_t b : boxes) {
      const double overlap = iou(predicted, box_of(all[b]));
      costs.push_back(1 - (fuse ? overlap * all[b].score : overlap));
    }
  }
  const auto partners = assign(costs, tracks.size(), boxes.size(), limit);
  Places alone, rest;
  std::vector<bool> taken(boxes.size(), false);
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (!partners[i]) {
      alone.push_back(tracks[i]);
      continue;
    }
    taken[*partners[i]] = true;
    Known& track = known_[tracks[i]];
    track.detection = boxes[*partners[i]];
    track.filter.update(box_of(all[track.detection]));
    track.state = State::kTracked;
    track.last_seen = now_;
    track.seen = true;
  }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!taken[i]) rest.push_back(boxes[i]);
  }
  tracks = std::move(alone);
  boxes = std::move(rest);
}

void ByteTracker::begin_tracks(const Places& boxes, std::span<const Detection> all) {
  for (const std::size_t b : boxes) {
    if (all[b].score < static_cast<float>(options_.new_track_thresh)) continue;
    // Those of the first frame are believed at once.
    known_.push_back({.filter = KalmanBox(box_of(all[b])),
                      .state = first_ ? State::kTracked : State::kNew,
                      .id = next_id_++,
                      .first_seen = now_,
                      .last_seen = now_,
                      .detection = b,
                      .seen = first_});
  }
}

// Half a frame more: time stamps are rounded.
void ByteTracker::forget() {
  const double patience = options_.patience() + frame_ / 2;
  std::erase_if(known_, [&](const Known& track) { return now_ - track.last_seen > patience; });
}

// Of a lost and a living track at one place the one known for longer stays; of two known as long, the lost one.
void ByteTracker::drop_twins() {
  std::vector<bool> dropped(known_.size(), false);
  const auto age = [](const Known& track) { return track.last_seen - track.first_seen; };
  for (std::size_t a = 0; a < known_.size(); ++a) {
    if (known_[a].state == State::kLost) continue;
    for (std::size_t b = 0; b < known_.size(); ++b) {
      if (known_[b].state != State::kLost) continue;
      if (1 - iou(known_[a].filter.box(), known_[b].filter.box()) >= kTwin) continue;
      dropped[age(known_[a]) > age(known_[b]) + frame_ / 2 ? b : a] = true;
    }
  }
  std::size_t i = 0;
  std::erase_if(known_, [&](const Known&) { return dropped[i++]; });
}

// Moves the clock, which is the tracker's own: stamps may stand still.
double ByteTracker::frames_until(double seconds, double frame_seconds) {
  frame_ = std::isfinite(frame_seconds) && frame_seconds > 0 ? frame_seconds : 1 / kUsualRate;
  if (!std::isfinite(seconds)) seconds = stamp_;
  const double passed = first_ ? 0 : seconds - stamp_;
  stamp_ = seconds;
  if (std::abs(passed) > options_.patience() + kLongestPause + 2 * step_) known_.clear();
  if (!first_) step_ = std::abs(passed);
  now_ += passed > 0 ? passed : frame_;
  return passed > 0 && frame_seconds > 0 ? std::clamp(std::round(passed / frame_), 1.0, kMostPredictions) : 1;
}

// Those of one frame are compared where they were seen.
void ByteTracker::predict(double frames) {
  for (Known& track : known_) {
    track.seen = false;
    for (double left = frames; left > 0 && track.state != State::kNew; --left) {
      if (track.state == State::kLost) track.filter.stop_growing();
      track.filter.predict();
    }
  }
}

std::vector<Track> ByteTracker::update(std::span<const Detection> boxes, double seconds, double frame_seconds) {
  predict(frames_until(seconds, frame_seconds));
  // Scores are floats: 0.7 of a file is no less than 0.7.
  const auto high = static_cast<float>(options_.track_high_thresh), low = static_cast<float>(options_.track_low_thresh);
  Places strong, weak, believed, fresh;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!is_box(boxes[i])) continue;
    if (boxes[i].score >= high) {
      strong.push_back(i);
    } else if (boxes[i].score > low) {
      weak.push_back(i);
    }
  }
  for (std::size_t i = 0; i < known_.size(); ++i) (known_[i].state == State::kNew ? fresh : believed).push_back(i);

  match(believed, strong, boxes, options_.match_thresh, options_.fuse_score);
  std::erase_if(believed, [&](std::size_t i) { return known_[i].state == State::kLost; });
  match(believed, weak, boxes, kSecondLimit, false);
  for (const std::size_t i : believed) known_[i].state = State::kLost;
  match(fresh, strong, boxes, kNewLimit, options_.fuse_score);
  for (auto i = fresh.rbegin(); i != fresh.rend(); ++i) known_.erase(known_.begin() + static_cast<std::ptrdiff_t>(*i));
  begin_tracks(strong, boxes);
  forget();
  drop_twins();
  first_ = false;

  std::vector<Track> tracks;
  for (const Known& track : known_) {
    if (track.seen && track.state == State::kTracked) tracks.push_back({track.id, track.detection, track.filter.box()});
  }
  std::sort(tracks.begin(), tracks.end(), [](const Track& a, const Track& b) { return a.id < b.id; });
  return tracks;
}

}  // namespace saker::tracking
