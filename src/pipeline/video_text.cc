// What is written about a video's frames.
#include "pipeline/video_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

#include "pipeline/result_writers.h"
#include "tracking/track_text.h"

namespace saker {
namespace {

// When a live source had sent it, in UTC; empty for others.
std::string time_of_day(const FrameInfo& frame) {
  if (!frame.received) return "";
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto age = std::chrono::steady_clock::now() - *frame.received;
  const auto then = std::chrono::system_clock::now() - duration_cast<std::chrono::system_clock::duration>(age);
  const auto ms = duration_cast<milliseconds>(then.time_since_epoch()).count();
  return fmt::format(R"(,"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z")", fmt::gmtime(static_cast<std::time_t>(ms / 1000)),
                     ms % 1000);
}

}  // namespace

std::string frame_line(const PictureResult& frame, const std::string& source, std::span<const Detection> boxes,
                       std::span<const tracking::Track> tracks, const std::vector<std::string>& labels) {
  std::string text = fmt::format(R"({{"source":{},"frame":{},"pts":{},"seconds":{:.6f}{},"width":{},"height":{},)"
                                 R"("detections":[)",
                                 json_text(source), frame.index, frame.pts, frame.seconds.value_or(0),
                                 time_of_day(frame), frame.width, frame.height);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    text += (i > 0 ? "," : "") + json_box(boxes[i], labels);
    if (i < tracks.size()) text += fmt::format(R"(,"track":{})", tracks[i].id);
    text += "}";
  }
  return text + "]}\n";
}

std::string mot_rows(std::size_t index, std::span<const Detection> boxes, std::span<const tracking::Track> tracks) {
  std::string text;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Detection& box = boxes[i];
    const tracking::Track untracked{-1, i, {box.x1, box.y1, box.x2, box.y2}};
    text += tracking::mot_line(index, i < tracks.size() ? tracks[i] : untracked, box) + "\n";
  }
  return text;
}

std::string event_line(const tracking::Event& event, const std::string& source, const FrameInfo& frame,
                       const std::vector<std::string>& labels) {
  std::string line = tracking::event_line(event, labels, source, frame.index);
  line.insert(line.rfind('}'), time_of_day(frame));
  return line + "\n";
}

}  // namespace saker
