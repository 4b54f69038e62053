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
constexpr double kBufferRate = 30;    // frames a second that track_buffer counts in

Box box_of(const Detection& d) {
  return {d.x1, d.y1, d.x2, d.y2};
}

}  // namespace

void ByteTracker::match(Places& tracks, Places& boxes, std::span<const Detection> all, double limit, bool fuse,
                        double seconds) {
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
    track.score = all[track.detection].score;
    track.state = State::kTracked;
    track.last_seen = seconds;
    track.seen = true;
  }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (!taken[i]) rest.push_back(boxes[i]);
  }
  tracks = std::move(alone);
  boxes = std::move(rest);
}

void ByteTracker::begin_tracks(const Places& boxes, std::span<const Detection> all, double seconds) {
  for (const std::size_t b : boxes) {
    if (all[b].score < options_.new_track_thresh) continue;
    // Those of the first frame are believed at once.
    known_.push_back({.filter = KalmanBox(box_of(all[b])),
                      .state = first_ ? State::kTracked : State::kNew,
                      .id = next_id_++,
                      .score = all[b].score,
                      .first_seen = seconds,
                      .last_seen = seconds,
                      .detection = b,
                      .seen = first_});
  }
}

void ByteTracker::forget(double seconds) {
  const double patience = options_.track_buffer / kBufferRate + 1e-6;
  std::erase_if(known_, [&](const Known& track) {
    return track.state == State::kLost && seconds - track.last_seen > patience;
  });
}

// Of a lost and a living track at one place the one known for longer stays.
void ByteTracker::drop_twins() {
  std::vector<bool> dropped(known_.size(), false);
  for (std::size_t a = 0; a < known_.size(); ++a) {
    for (std::size_t b = 0; b < known_.size(); ++b) {
      if (known_[a].state != State::kTracked || known_[b].state != State::kLost) continue;
      if (1 - iou(known_[a].filter.box(), known_[b].filter.box()) >= kTwin) continue;
      const auto age = [](const Known& track) { return track.last_seen - track.first_seen; };
      dropped[age(known_[a]) > age(known_[b]) ? b : a] = true;
    }
  }
  std::size_t i = 0;
  std::erase_if(known_, [&](const Known&) { return dropped[i++]; });
}

std::vector<Track> ByteTracker::update(std::span<const Detection> boxes, double seconds, double frame_seconds) {
  Places strong, weak;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (boxes[i].score >= options_.track_high_thresh) {
      strong.push_back(i);
    } else if (boxes[i].score > options_.track_low_thresh) {
      weak.push_back(i);
    }
  }
  const double frames = first_ || frame_seconds <= 0 ? 1 : std::clamp(std::round((seconds - last_) / frame_seconds), 1.0, 1000.0);
  last_ = seconds;
  Places believed, fresh;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    Known& track = known_[i];
    track.seen = false;
    (track.state == State::kNew ? fresh : believed).push_back(i);
    for (double left = frames; left > 0 && track.state != State::kNew; --left) {
      if (track.state == State::kLost) track.filter.stop_growing();
      track.filter.predict();
    }
  }

  match(believed, strong, boxes, options_.match_thresh, options_.fuse_score, seconds);
  std::erase_if(believed, [&](std::size_t i) { return known_[i].state == State::kLost; });
  match(believed, weak, boxes, kSecondLimit, false, seconds);
  for (const std::size_t i : believed) known_[i].state = State::kLost;
  match(fresh, strong, boxes, kNewLimit, options_.fuse_score, seconds);
  std::sort(fresh.begin(), fresh.end(), std::greater<>());
  for (const std::size_t i : fresh) known_.erase(known_.begin() + static_cast<std::ptrdiff_t>(i));
  begin_tracks(strong, boxes, seconds);
  forget(seconds);
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
