// Clips that tests make by the program ffmpeg, and what ffmpeg and ffprobe say of them.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/process.h"
#include "base/text.h"
#include "support/temp_folder.h"
#include "video/video.h"

namespace saker::video {

constexpr double kPatience = 300'000;  // ms for another program; a slow machine is no failure

inline VideoLibrary& library() {
  static VideoLibrary* const loaded = [] {
    const std::array folders = {std::string(SAKER_PLUGIN_FOLDER)};
    auto result = load_video_library(folders);
    EXPECT_TRUE(result.ok()) << result.error().message;
    return result.ok() ? *result : nullptr;
  }();
  return *loaded;
}

inline bool have_ffmpeg() {
  static const bool found = run_program({"ffmpeg", "-version"}, kPatience).ok();
  return found;
}
#define SAKER_NEEDS_FFMPEG() \
  if (!have_ffmpeg()) GTEST_SKIP() << "the program ffmpeg is not installed"

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder of clips.
class Clips : public test::TempFolder {
 public:
  // `ffmpeg ARGUMENTS path(name)`; gives the path.
  std::string make(const std::string& name, std::vector<std::string> arguments) const {
    std::vector<std::string> argv = {"ffmpeg", "-v", "error", "-nostdin", "-y"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    argv.push_back(path(name));
    const auto ran = run_program(argv, kPatience);
    EXPECT_TRUE(ran.ok() && ran->ending.ok()) << (ran.ok() ? ran->errors : ran.error().message);
    return path(name);
  }

  // A moving test picture with a clock; then what encodes it.
  std::string make_test(const std::string& name, const std::string& size, int frames,
                        std::vector<std::string> encoding) const {
    std::vector<std::string> arguments = {
        "-f", "lavfi", "-i", "testsrc=rate=25:size=" + size, "-frames:v", std::to_string(frames)};
    arguments.insert(arguments.end(), encoding.begin(), encoding.end());
    return make(name, std::move(arguments));
  }

  // Two seconds with B-frames.
  std::string make_b_frames(const std::string& name) const {
    return make_test(name, "320x240", 50, {"-c:v", "libx264", "-bf", "3", "-g", "12", "-pix_fmt", "yuv420p"});
  }

  // All pictures as ffmpeg decodes them, upright.
  std::string decoded(const std::string& clip, const std::string& pixels) const {
    return bytes_of(make("decoded.yuv", {"-i", clip, "-vsync", "passthrough", "-sws_flags", "bilinear+accurate_rnd",
                                         "-f", "rawvideo", "-pix_fmt", pixels}));
  }
};

// Of each frame, in seconds, as ffprobe prints them.
inline std::vector<std::string> probed_stamps(const std::string& clip) {
  const auto ran = run_program({"ffprobe", "-v", "quiet", "-select_streams", "v", "-show_entries",
                                "frame=best_effort_timestamp_time", "-of", "csv=p=0", clip},
                               kPatience);
  EXPECT_TRUE(ran.ok());
  std::vector<std::string> stamps;
  for (const std::string& line : split(ran.ok() ? ran->out : "", '\n')) {
    const std::string stamp = split(line, ',')[0];
    if (!stamp.empty()) stamps.push_back(stamp);
  }
  return stamps;
}

// "key=value" lines of the video's stream.
inline std::string probed_stream(const std::string& clip, const std::string& entries) {
  const auto ran = run_program({"ffprobe", "-v", "quiet", "-select_streams", "v", "-show_entries", "stream=" + entries,
                                "-of", "default=nw=1", clip},
                               kPatience);
  EXPECT_TRUE(ran.ok());
  return ran.ok() ? ran->out : "";
}

inline std::string in_seconds(std::int64_t pts, Rational time_base) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.6f", static_cast<double>(pts) * time_base.value());
  return text.data();
}

// The samples, rows without gaps.
inline std::string samples_of(const PlanarView& picture) {
  const bool pairs = picture.layout == PlanarLayout::kNv12 || picture.layout == PlanarLayout::kP010;
  const bool wide = picture.layout == PlanarLayout::kI010 || picture.layout == PlanarLayout::kP010;
  std::string out;
  for (std::size_t p = 0; p < (pairs ? 2U : 3U); ++p) {
    const int width = p == 0 ? picture.width : (picture.width + 1) / 2 * (pairs ? 2 : 1);
    const int height = p == 0 ? picture.height : (picture.height + 1) / 2;
    for (int y = 0; y < height; ++y)
      out.append(reinterpret_cast<const char*>(picture.data[p] + y * picture.stride_bytes[p]),
                 static_cast<std::size_t>(width) * (wide ? 2 : 1));
  }
  return out;
}

struct Watched {
  std::string error;  // of open() or next()
  ErrorCode code = ErrorCode::kInternal;
  VideoInfo info;
  std::vector<VideoFrame> frames;
  std::size_t damaged = 0;

  std::vector<std::string> stamps() const {
    std::vector<std::string> out;
    for (const VideoFrame& frame : frames) out.push_back(in_seconds(frame.pts, info.time_base));
    return out;
  }
  std::string samples() const {
    std::string out;
    for (const VideoFrame& frame : frames) out += samples_of(frame.planes);
    return out;
  }
};

inline Watched watch(const std::string& source, const ReadOptions& options = {}) {
  Watched watched;
  auto reader = library().open(source, options);
  if (!reader.ok()) {
    watched.error = reader.error().message;
    watched.code = reader.error().code;
    return watched;
  }
  watched.info = (*reader)->info();
  while (true) {
    auto frame = (*reader)->next();
    if (!frame.ok()) {
      watched.error = frame.error().message;
      watched.code = frame.error().code;
    }
    if (!frame.ok() || !frame->has_value()) break;
    watched.frames.push_back(**frame);
  }
  watched.damaged = (*reader)->damaged();
  return watched;
}

}  // namespace saker::video
