// What saker_video.so gives to the library (base/plugin_file.h). It exports, and nothing else:
//   extern "C" const char* saker_video_abi();    kVideoAbi
//   extern "C" saker::video::VideoPlugin* saker_video();
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/plugin_abi.h"
#include "video/video.h"

namespace saker::video {

// Nothing here throws.
class VideoPlugin {
 public:
  virtual ~VideoPlugin() = default;
  virtual std::string version() const = 0;
  virtual Result<std::unique_ptr<Reader>> open(const std::string& source, const ReadOptions& options) = 0;
  // Writes at `file`, whatever is there, and leaves there what there is of it. `container`: "mp4", "mkv", "mov", "avi".
  // Messages do not name the file.
  virtual Result<std::unique_ptr<Writer>> create(const std::string& file, const std::string& container,
                                                 const WriteOptions& options) = 0;
  virtual Result<std::unique_ptr<Writer>> show(const std::string& title, const WriteOptions& options) = 0;
};

constexpr std::uint64_t video_abi_hash() {
  AbiHash hash;
  hash.sizes<Error, Status, Result<std::optional<VideoFrame>>, Result<std::unique_ptr<Reader>>,
             Result<std::unique_ptr<Writer>>, std::string, Rational, PlanarView, VideoFrame, VideoInfo, ReadOptions,
             WriteOptions, Reader, Writer, VideoPlugin>();
  const std::size_t offsets[] = {
      offsetof(Error, message), offsetof(Error, setting),
      // ----
      offsetof(PlanarView, width), offsetof(PlanarView, height), offsetof(PlanarView, data),
      offsetof(PlanarView, stride_bytes), offsetof(PlanarView, bt709), offsetof(PlanarView, full_range),
      // ----
      offsetof(VideoFrame, owner), offsetof(VideoFrame, pts), offsetof(VideoFrame, seconds),
      offsetof(VideoFrame, received),
      // ----
      offsetof(VideoInfo, codec), offsetof(VideoInfo, width), offsetof(VideoInfo, height), offsetof(VideoInfo, turned),
      offsetof(VideoInfo, time_base), offsetof(VideoInfo, frame_rate), offsetof(VideoInfo, frames),
      offsetof(VideoInfo, duration), offsetof(VideoInfo, live),
      // ----
      offsetof(ReadOptions, read_seconds), offsetof(ReadOptions, max_pixels), offsetof(ReadOptions, threads),
      offsetof(ReadOptions, stopped),
      // ----
      offsetof(WriteOptions, height), offsetof(WriteOptions, time_base), offsetof(WriteOptions, frame_rate),
      offsetof(WriteOptions, bt709), offsetof(WriteOptions, full_range), offsetof(WriteOptions, quality),
      offsetof(WriteOptions, threads)};
  for (const std::size_t offset : offsets) hash.add(offset);
  hash.add(static_cast<std::uint64_t>(ErrorCode::kInternal)).add(static_cast<std::uint64_t>(PlanarLayout::kP010));
  hash.functions<&Reader::info, &Reader::next, &Reader::interrupt, &Reader::damaged>();
  hash.functions<&Writer::encoder, &Writer::write, &Writer::finish>();
  hash.functions<&VideoPlugin::version, &VideoPlugin::open, &VideoPlugin::create, &VideoPlugin::show>();
  return hash.compiler().value();
}

// Its last digit is raised by hand for what no size shows: another order of virtual functions, another meaning of a
// field.
inline constexpr auto kVideoAbiText = abi_text("saker-video-1", video_abi_hash());
inline constexpr const char* kVideoAbi = kVideoAbiText.data();

}  // namespace saker::video
