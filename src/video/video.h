// What the library and its plug-in for video files, streams and cameras share. Decoded pictures stay as the decoder
// gives them, in planes: the letterbox of a model's input reads those.
#pragma once

#include <saker/planar.h>
#include <saker/result.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace saker::video {

struct Rational {
  std::int64_t num = 0, den = 1;
  double value() const { return den == 0 ? 0 : static_cast<double>(num) / static_cast<double>(den); }
};

// A decoded picture, upright.
struct VideoFrame {
  PlanarView planes;
  std::shared_ptr<const void> owner;               // keeps the samples
  std::int64_t pts = 0;                            // in VideoInfo::time_base; ascends
  double seconds = 0;                              // since the first frame that was read
  std::chrono::steady_clock::time_point received;  // when its last packet had arrived
};

struct VideoInfo {
  std::string format, codec;           // "mov", "h264"
  int width = 0, height = 0;           // pixels, upright
  int turned = 0;                      // 0, 90, 180, 270: degrees clockwise by which stored pictures are turned
  Rational time_base, frame_rate;      // frame_rate: mean; 0: not known
  std::optional<std::int64_t> frames;  // as the file says, which may be wrong
  std::optional<double> duration;      // seconds, likewise
  bool live = false;                   // a camera or a stream: waits for nobody
};

struct ReadOptions {
  double open_seconds = 10, read_seconds = 10;  // deadlines of open() and of each next()
  std::int64_t max_pixels = 100'000'000;        // of a picture
  int threads = 0;                              // of the decoder; 0: as many as help
  // Once it is true, open() and next() end soon with an error; it outlives the reader. For those who cannot call
  // interrupt() yet. May be null.
  const std::atomic<bool>* stopped = nullptr;
};

class Reader {
 public:
  virtual ~Reader() = default;
  virtual const VideoInfo& info() const = 0;
  // The next frame; nothing after the last. A frame may have another size than the one before. What cannot be decoded
  // is left out and counted. Errors: kIo (the source has gone, or its deadline has passed), kLimit (too many pixels).
  virtual Result<std::optional<VideoFrame>> next() = 0;
  // From any thread: next() ends soon with an error.
  virtual void interrupt() noexcept = 0;
  virtual std::size_t damaged() const = 0;  // packets and pictures that were left out
};

struct WriteOptions {
  int width = 0, height = 0;  // pixels
  Rational time_base, frame_rate;
  bool bt709 = false, full_range = false;  // of what is written
  int quality = 23;                        // H.264's constant rate factor, 0 (best) to 51
  int threads = 0;                         // 0: as many as help
};

class Writer {
 public:
  virtual ~Writer() = default;
  virtual const std::string& encoder() const = 0;  // "libx264"
  // 8-bit planes (kI420, kNv12) of the agreed size; pts ascends, in the agreed time base. Error kIo (disk full, the
  // window was closed).
  virtual Status write(const PlanarView& picture, std::int64_t pts) = 0;
  // The file is complete then, and has its name. Without it, the file does not appear.
  virtual Status finish() = 0;
};

class VideoLibrary {
 public:
  virtual ~VideoLibrary() = default;
  virtual std::string version() const = 0;  // "FFmpeg 5.1.9"
  // A file, a URL (rtsp, rtmp, http, https, udp, srt), or a camera: /dev/video0. Errors: kNotFound, kIo, kInvalid (no
  // video in it), kUnsupported (no decoder), kLimit. Messages name the source without its password.
  virtual Result<std::unique_ptr<Reader>> open(const std::string& source, const ReadOptions& options) = 0;
  // .mp4, .mkv, .mov, .avi by the extension. Written under a temporary name beside `path`. H.264 where this machine has
  // an encoder, else MPEG-4, else Motion JPEG. Errors: kIo, kUnsupported (no encoder, another extension).
  virtual Result<std::unique_ptr<Writer>> create(const std::string& path, const WriteOptions& options) = 0;
  // A window that shows what is written. Errors: kUnsupported (no display, or a library without windows).
  virtual Result<std::unique_ptr<Writer>> show(const std::string& title, const WriteOptions& options) = 0;
};

// Loads the plug-in saker_video.so at the first call; thread-safe. Errors: kNotFound (not installed, with the remedy),
// kInternal (a file that is not such a plug-in, or of another build).
Result<VideoLibrary*> video_library();
// For tests: from the first folder that has it. Loads it again at each call.
Result<VideoLibrary*> load_video_library(std::span<const std::string> folders);

// Whether the plug-in would be asked: a URL, /dev/video*, or a file name with an extension of videos.
bool is_video_source(const std::string& source);

// "rtsp://user:***@host/?token=***": fit to be shown and written; user names stay.
std::string without_password(const std::string& source);

}  // namespace saker::video
