// Tracks, events and counts as lines of text for other programs. No line has a newline at its end.
#pragma once

#include <saker/detector_spec.h>

#include <cstddef>
#include <span>
#include <string>

#include "tracking/byte_tracker.h"
#include "tracking/scene.h"

namespace saker::tracking {

// {"event":"crossed","where":"gate","direction":"forward","track":3,"class_id":0,"label":"person","seconds":1.234,
//  "frame":37,"source":"yard.mp4"}. Events: crossed (direction forward or backward), entered, left (with "stayed",
// seconds). `frame`: in which it was found out, from 0. Seconds have three decimals. Classes beyond `labels` are called
// by their number. Bytes that are not UTF-8 are replaced.
std::string event_line(const Event& event, std::span<const std::string> labels, const std::string& source,
                       std::size_t frame);

// "gate: 2 forward, 1 back" or "yard: 1 inside, 4 in all", for people.
std::string counts_text(const Counts& counts);

// The ten columns of MOTChallenge's result files (Dendorfer and others, "MOTChallenge: A Benchmark for Single-Camera
// Multiple Target Tracking", 2020): frame from 1, id, left, top, width, height (pixels, the filter's box; 0 is the edge
// of the picture, as ByteTrack's authors write it), score, class id from 0, and the two coordinates of a world that
// nobody knows, -1. `frame`: from 0.
std::string mot_line(std::size_t frame, const Track& track, const Detection& detection);

}  // namespace saker::tracking
