// Runs the tracker on a file of detections in MOTChallenge's format and prints the tracks in it.
//   track_mot DETECTIONS FRAMES RATE [STRIDE [TRACKER.yaml]]
// RATE: frames a second of the source; STRIDE: each so-many-th of its frames is in the file.
#include <cstdio>
#include <cstdlib>

#include "tracking/mot_file.h"
#include "tracking/track_text.h"

int main(int argc, char** argv) {
  using namespace saker;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 3 || words.size() > 5) {
    std::fputs("track_mot DETECTIONS FRAMES RATE [STRIDE [TRACKER.yaml]]\n", stderr);
    return 2;
  }
  auto rows = test::read_mot_rows(words[0]);
  const auto frames = parse_whole(words[1]), stride = parse_whole(words.size() > 3 ? words[3] : "1");
  const auto rate = parse_number(words[2]);
  if (rows.empty() || !frames || !stride || !rate || *rate <= 0 || *stride < 1) {
    std::fprintf(stderr, "%s: no detections, or wrong numbers\n", words[0].c_str());
    return 1;
  }
  tracking::TrackerOptions options;
  if (words.size() > 4) {
    const auto read = tracking::read_tracker_options(words[4]);
    if (!read.ok()) {
      std::fprintf(stderr, "%s\n", read.error().message.c_str());
      return 1;
    }
    options = *read;
  }
  tracking::ByteTracker tracker(options);
  for (std::size_t i = 0; i < static_cast<std::size_t>(*frames); ++i) {
    std::vector<Detection> boxes;
    for (const auto& row : rows[i + 1]) boxes.push_back(test::detection_of(row));
    const double seconds = static_cast<double>(i) * static_cast<double>(*stride) / *rate;
    for (const tracking::Track& track : tracker.update(boxes, seconds, 1 / *rate))
      std::printf("%s\n", tracking::mot_line(i, track, boxes[track.detection]).c_str());
  }
  return 0;
}
