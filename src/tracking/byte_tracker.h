// The same object in one frame and the next: ByteTrack (Zhang and others, "ByteTrack: Multi-Object Tracking by
// Associating Every Detection Box", ECCV 2022), with the options that Ultralytics' bytetrack.yaml has.
#pragma once

#include <saker/detector_spec.h>
#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "tracking/kalman_box.h"

namespace saker::tracking {

struct TrackerOptions {
  double track_high_thresh = 0.25;  // scores of boxes that are matched first
  double track_low_thresh = 0.1;    // and of those that may still continue a track
  double new_track_thresh = 0.25;   // from which a box that nobody wants begins a track
  double match_thresh = 0.8;        // of the distance 1 - IoU (times score, if fused): less is a match
  int track_buffer = 30;            // frames at 30 a second after which a lost track is forgotten
  bool fuse_score = true;

  double patience() const { return track_buffer / 30.0; }  // seconds
};

// The keys of a bytetrack.yaml; `tracker_type` must be bytetrack. Errors: kNotFound, kInvalid (unknown keys, ranges),
// kUnsupported (another tracker).
Result<TrackerOptions> read_tracker_options(const std::string& path);

struct Track {
  std::int64_t id = 0;        // from 1, never used again
  std::size_t detection = 0;  // its place among the frame's boxes
  Box box;                    // as the filter sees it, pixels
};

// Boxes of any class continue a track, as with the authors and Ultralytics: a class that flickers breaks no track.
// Boxes that are empty or not finite are left out.
//
// Ids are those of Ultralytics' BYTETracker (8.4.190, tests/tracking), but for two things. Time is in seconds: frames
// that were left out count. And the buffer is exact, where theirs lasts one frame longer and then finds a track for the
// last time.
class ByteTracker {
 public:
  explicit ByteTracker(const TrackerOptions& options) : options_(options) {}

  // The confirmed tracks that were seen in this frame, by id. `seconds`: of the frame, ascending; `frame_seconds`: from
  // one frame of the source to the next, so that frames that were left out count (not positive: none were). Where time
  // stands still or goes back, one frame has passed. After a jump by more than a second, the patience and twice the
  // last step all tracks are forgotten; their ids stay used.
  std::vector<Track> update(std::span<const Detection> boxes, double seconds, double frame_seconds);

 private:
  enum class State : std::uint8_t { kNew, kTracked, kLost };
  struct Known {
    KalmanBox filter;
    State state = State::kNew;
    std::int64_t id = 0;
    double first_seen = 0, last_seen = 0;  // seconds
    std::size_t detection = 0;
    bool seen = false;  // in this frame
  };
  using Places = std::vector<std::size_t>;

  double frames_until(double seconds, double frame_seconds);
  void predict(double frames);
  // Matches; what stays without a partner is left in both lists.
  void match(Places& tracks, Places& boxes, std::span<const Detection> all, double limit, bool fuse);
  void begin_tracks(const Places& boxes, std::span<const Detection> all);
  void forget();
  void drop_twins();

  TrackerOptions options_;
  std::vector<Known> known_;
  std::int64_t next_id_ = 1;
  double stamp_ = 0;                                       // of the last frame, as it was given
  double step_ = std::numeric_limits<double>::infinity();  // between the last two stamps
  double now_ = 0, frame_ = 0;                             // seconds: of this frame, and of one
  bool first_ = true;
};

}  // namespace saker::tracking
