// What watchers are sent: server-sent events, or parts of a multipart answer.
#pragma once

#include <saker/detector_spec.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "serve/served_model.h"
#include "tracking/byte_tracker.h"

namespace saker::serve {

// A frame whose boxes are known.
struct SeenFrame {
  std::string camera;
  std::uint64_t sequence = 0;  // among those that were looked at, from 0
  std::uint64_t frame = 0;     // among those that were read, from 0: what is missing between two was left out
  double seconds = 0;          // since the first one
  std::string time;            // when it had come, UTC
  int width = 0, height = 0;
  std::string model;
  std::int64_t version = 0;
  std::vector<Detection> boxes;
  std::vector<tracking::Track> tracks;  // parallel to the boxes, or empty
  bool tracked = false;
  RequestTimes ms;
};

// "id: 7\ndata: {...}\n\n"
std::string frame_event(const SeenFrame& frame, const std::vector<std::string>& labels);
// "event: camera\n...": a camera is opening, live, or away, and why.
std::string state_event(const std::string& camera, const char* state, const std::string& reason);
// "event: end\n...": the stream is over, and why.
std::string end_event(const std::string& camera, const std::string& reason);

// The answer's head, and what its body begins with.
inline constexpr const char* kPicturesType = "multipart/x-mixed-replace; boundary=saker";
inline constexpr const char* kPicturesBegin = "--saker\r\n";
// A part with the boundary behind it, without which browsers show it only when the next one comes.
std::string picture_part(const SeenFrame& frame, std::span<const std::uint8_t> jpeg);

}  // namespace saker::serve
