// What is written about a video's frames: JSON lines, rows of MOTChallenge, events. Each line has a newline at its end.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "pipeline/detect_frames.h"
#include "tracking/scene.h"

namespace saker {

// One line: source, frame, pts, seconds, for live sources the time of day, size, boxes. `tracks`: parallel to the boxes
// if they are tracked, else empty.
std::string frame_line(const PictureResult& frame, const std::string& source, std::span<const Detection> boxes,
                       std::span<const tracking::Track> tracks, const std::vector<std::string>& labels);

// tracking::mot_line of each box; those without a track have the id -1, as in MOTChallenge's files of detections.
std::string mot_rows(std::size_t index, std::span<const Detection> boxes, std::span<const tracking::Track> tracks);

// tracking::event_line, with the time of day of a live source's frame.
std::string event_line(const tracking::Event& event, const std::string& source, const FrameInfo& frame,
                       const std::vector<std::string>& labels);

}  // namespace saker
